"""`ce-lint check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from ce_lint.cli.adoption import Adoption, adoption_options, answer_on_changes, write_baseline
from ce_lint.cli.answers import FOUND, NOT_ANALYSED, Answer, answer
from ce_lint.cli.caching import Caching, caching_options
from ce_lint.cli.checker import Checker, new_session
from ce_lint.cli.files import told_of_standard_output
from ce_lint.cli.fixing import Fixing, fixing_options, make_fixes, same_findings, with_fixes
from ce_lint.cli.options import paths_argument, settings_options
from ce_lint.cli.output import Output, output_options, tell_problems
from ce_lint.cli.refusals import Refused
from ce_lint.cli.spread import Spread, spread_options
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.findings import Report
from ce_lint.supply.processors import processors

if TYPE_CHECKING:
    from ce_lint.engine.clock import Clock


@click.command()
@paths_argument
@output_options
@settings_options
@adoption_options
@fixing_options
@caching_options
@spread_options
@click.option("--stdin-filename", type=click.Path(path_type=Path), help="The file that standard input stands for.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--timings", is_flag=True, help="Tell on standard error where the time went; one process then works.")
@click.option("--show-unresolved", is_flag=True, help="List the loss calls that could not be decided, and why.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes to use; default: one for each processor.")
@click.pass_context
def check(
    context: click.Context,
    paths: tuple[Path, ...],
    output: Output,
    asked: Settings,
    adoption: Adoption,
    fixing: Fixing,
    caching: Caching,
    spread: Spread,
    stdin_filename: Path | None,
    exit_zero: bool,
    statistics: bool,
    timings: bool,
    show_unresolved: bool,
    jobs: int | None,
) -> None:
    """Check files and folders (default: the current folder); `-` reads standard input.

    Exit status: 0 nothing found, 1 findings, 2 wrong usage or configuration, or an output file that cannot be written,
    3 some files could not be analysed. With --fix, what is left counts; with --diff-fixes, what is there now.
    """
    _refuse_what_excludes_each_other(output, adoption, fixing, statistics)
    asked = msgspec.structs.replace(asked, jobs=jobs or processors(), show_unresolved=show_unresolved)
    needs_evidence = output.shows_fixes or fixing.is_asked_for
    shelves = context.with_resource(spread.shelves(paths, asked, caching))
    clock = _clock() if timings else None
    session = context.obj or new_session(
        caching, 1 if timings else asked.jobs, shelves, holds_evidence=needs_evidence or timings, clock=clock
    )
    context.call_on_close(session.close)
    try:
        if adoption.write_to is not None:
            context.exit(write_baseline(session, paths, asked, adoption.write_to))
        shown = _answer(session, paths, stdin_filename, asked, adoption)
        if fixing.is_asked_for:
            wanted = None if adoption.base is None else same_findings(shown.report)
            if make_fixes(session, paths, asked, fixing, wanted):
                # What the session has read is not what the files hold now.
                session = new_session(caching, asked.jobs, shelves, holds_evidence=needs_evidence)
                shown = _answer(session, paths, stdin_filename, asked, adoption)
    except UsageError as error:
        raise Refused(str(error)) from error
    if fixing.prints:
        tell_problems(shown.report)
    else:
        if output.shows_fixes:
            shown = shown._replace(report=with_fixes(session, shown.report))
        output.give(shown, show_unresolved=show_unresolved)
    if statistics:
        from ce_lint.report.text import to_statistics

        with told_of_standard_output():
            click.echo(to_statistics(shown.report), nl=False)
    if clock is not None:
        from ce_lint.cli.timings import to_text

        click.echo(to_text(clock), nl=False, err=True)
    context.exit(_exit_status(shown.report, exit_zero))


def _refuse_what_excludes_each_other(output: Output, adoption: Adoption, fixing: Fixing, statistics: bool) -> None:
    if statistics and output.is_document:
        raise click.UsageError("--statistics goes with the text formats: a document is for counting yourself")
    if adoption.write_to is not None and (statistics or fixing.is_asked_for or not output.is_plain):
        raise click.UsageError(
            "--write-baseline gives no report: it goes with no format, file or statistics of one, and no fixes"
        )
    if fixing.prints and (statistics or not output.is_plain):
        raise click.UsageError("--diff-fixes prints a patch, and no report: it goes with no format, file or statistics")


def _clock() -> Clock:
    from ce_lint.engine.clock import Clock

    return Clock()


def _answer(
    session: Checker, paths: tuple[Path, ...], stdin_filename: Path | None, asked: Settings, adoption: Adoption
) -> Answer:
    if adoption.base is None:
        return answer(session, paths, stdin_filename, asked)
    return answer_on_changes(session, paths, stdin_filename, asked, adoption.base)


def _exit_status(report: Report, exit_zero: bool) -> int:
    if report.errors:
        return NOT_ANALYSED
    return FOUND if report.findings and not exit_zero else 0
