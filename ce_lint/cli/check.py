"""`ce-lint check`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ce_lint.cli.answers import DOCUMENTS, FOUND, NOT_ANALYSED, answer, paths_argument, render, report_options
from ce_lint.cli.checker import new_session
from ce_lint.engine.configuration import UsageError
from ce_lint.engine.settings import Settings
from ce_lint.findings import Report
from ce_lint.report.text import error_line, to_statistics


@click.command()
@paths_argument
@report_options
@click.option("--stdin-filename", type=click.Path(path_type=Path), help="The file that standard input stands for.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--show-unresolved", is_flag=True, help="List the loss calls that could not be decided, and why.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes to use. (Not yet: the analysis runs in one.)")
@click.pass_context
def check(
    context: click.Context,
    paths: tuple[Path, ...],
    output: str,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    root: Path | None,
    stdin_filename: Path | None,
    exit_zero: bool,
    statistics: bool,
    show_unresolved: bool,
    jobs: int | None,
) -> None:
    """Check files and folders (default: the current folder); `-` reads standard input.

    Exit status: 0 nothing found, 1 findings, 2 wrong usage or configuration, 3 some files could not be analysed.
    """
    if statistics and output in DOCUMENTS:
        raise click.UsageError("--statistics goes with the text formats: the JSON document is for counting yourself")
    asked = Settings(
        select=select or None,
        extend_select=extend_select,
        ignore=ignore,
        root=root,
        jobs=jobs or _usable_processors(),
        show_unresolved=show_unresolved,
    )
    try:
        shown = answer(context.obj or new_session(), paths, stdin_filename, asked)
    except UsageError as error:
        raise click.UsageError(str(error)) from error
    click.echo(render(shown, output, show_unresolved=show_unresolved), nl=False)
    if statistics:
        click.echo(to_statistics(shown.report), nl=False)
    for file_error in shown.report.errors:
        click.echo(error_line(file_error), err=True)
    context.exit(_exit_status(shown.report, exit_zero))


def _exit_status(report: Report, exit_zero: bool) -> int:
    if report.errors:
        return NOT_ANALYSED
    return FOUND if report.findings and not exit_zero else 0


def _usable_processors() -> int:
    # A container or a batch system often grants fewer processors than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
