"""`ce-lint check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from ce_lint.cli.checker import Checker, new_session
from ce_lint.cli.lines import LineReader
from ce_lint.cli.progress import progress
from ce_lint.engine.configuration import UsageError, load_configuration, settings_for
from ce_lint.engine.discovery import discover, display_path, project_root
from ce_lint.engine.selection import is_code_prefix
from ce_lint.engine.settings import Settings
from ce_lint.findings import FileError, Report
from ce_lint.report.ends import IsLinted
from ce_lint.report.full import COLOURS, PLAIN, to_full
from ce_lint.report.json import to_json
from ce_lint.report.text import error_line, to_statistics, to_text
from ce_lint.rules.registry import RULES
from ce_lint.source.decode import decode_python
from ce_lint.source.records import SourceError

_FOUND, _NOT_ANALYSED = 1, 3
_STDIN = Path("-")
_STDIN_NAME = Path("stdin")

_Callback = Callable[[click.Context, click.Parameter, "tuple[str, ...]"], "tuple[str, ...]"]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A report, which files were asked for, and where the lines of its places come from."""

    report: Report
    is_linted: IsLinted
    lines: LineReader


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    prefixes = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    for prefix in prefixes:
        if not is_code_prefix(prefix) or not any(rule.code.startswith(prefix) for rule in RULES):
            raise click.BadParameter(f"no rule's code starts with {prefix!r} (`ce-lint rules` lists them)")
    return prefixes


def _codes_option(name: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(name, multiple=True, metavar="CODES", callback=_codes, help=text)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--format", "output", type=click.Choice(["text", "full", "json"]), default="text", show_default=True)
@_codes_option("--select", "Code prefixes to report instead of the default ones; comma separated, repeatable.")
@_codes_option("--extend-select", "Code prefixes to report as well.")
@_codes_option("--ignore", "Code prefixes not to report, unless a longer prefix is selected.")
@click.option("--stdin-filename", type=click.Path(path_type=Path), help="The file that standard input stands for.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--show-unresolved", is_flag=True, help="List the loss calls that could not be decided, and why.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes to use. (Not yet: the analysis runs in one.)")
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The project folder; default: the nearest one above that holds pyproject.toml, setup.cfg, setup.py or .git.",
)
@click.pass_context
def check(
    context: click.Context,
    paths: tuple[Path, ...],
    output: str,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: Path | None,
    exit_zero: bool,
    statistics: bool,
    show_unresolved: bool,
    jobs: int | None,
    root: Path | None,
) -> None:
    """Check files and folders (default: the current folder); `-` reads standard input.

    Exit status: 0 nothing found, 1 findings, 2 wrong usage or configuration, 3 some files could not be analysed.
    """
    if statistics and output == "json":
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
        answer = _answer(context.obj or new_session(), paths, stdin_filename, asked)
    except UsageError as error:
        raise click.UsageError(str(error)) from error
    click.echo(_render(answer, output, show_unresolved), nl=False)
    if statistics:
        click.echo(to_statistics(answer.report), nl=False)
    for file_error in answer.report.errors:
        click.echo(error_line(file_error), err=True)
    context.exit(_exit_status(answer.report, exit_zero))


def _answer(session: Checker, paths: tuple[Path, ...], stdin_filename: Path | None, asked: Settings) -> _Answer:
    if _STDIN not in paths and (paths or stdin_filename is None):
        return _check_paths(session, paths or (Path(),), asked)
    if set(paths) - {_STDIN}:
        raise UsageError("standard input (-) cannot be checked together with other paths")
    return _check_stdin(session, stdin_filename or _STDIN_NAME, asked)


def _check_paths(session: Checker, paths: tuple[Path, ...], asked: Settings) -> _Answer:
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    common = Path(os.path.commonpath([path.absolute() for path in paths]))
    settings = settings_for(load_configuration(asked.root or project_root(common)), asked)
    with progress("checking"):
        report = session.check(paths, settings)
    # Walking the tree once more is worth it only where something is reported.
    files = discover(paths, settings.exclude)[0] if report.findings else ()
    return _Answer(report, frozenset(map(display_path, files)).__contains__, LineReader())


def _check_stdin(session: Checker, path: Path, asked: Settings) -> _Answer:
    settings = settings_for(load_configuration(asked.root or project_root(path)), asked)
    name = display_path(path)
    try:
        text = decode_python(path, sys.stdin.buffer.read())
    except SourceError as error:
        errors = (FileError(name, error.line or 1, error.reason),)
        return _Answer(Report(errors=errors), name.__eq__, LineReader())
    report = session.check_text(path, text, settings)
    return _Answer(report, name.__eq__, LineReader(name, text))


def _render(answer: _Answer, output: str, show_unresolved: bool) -> str:
    if output == "json":
        return to_json(answer.report, answer.is_linted, show_unresolved=show_unresolved)
    if output == "full":
        palette = COLOURS if _wants_colours() else PLAIN
        return to_full(
            answer.report, answer.is_linted, answer.lines.line_of, palette=palette, show_unresolved=show_unresolved
        )
    return to_text(answer.report, answer.is_linted, show_unresolved=show_unresolved)


def _wants_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _exit_status(report: Report, exit_zero: bool) -> int:
    if report.errors:
        return _NOT_ANALYSED
    return _FOUND if report.findings and not exit_zero else 0


def _usable_processors() -> int:
    # A container or a batch system often grants fewer processors than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
