"""What `check` and `confirm` share: which files and codes are asked for, the report on them, and its formats."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ce_lint.cli.checker import Checker
from ce_lint.cli.lines import LineReader
from ce_lint.cli.progress import progress
from ce_lint.engine.configuration import UsageError, load_configuration, settings_for
from ce_lint.engine.discovery import discover, project_root
from ce_lint.engine.selection import is_code_prefix
from ce_lint.engine.settings import Settings
from ce_lint.findings import FileError, Report
from ce_lint.report.full import to_full
from ce_lint.report.json import to_json
from ce_lint.report.sarif import to_sarif
from ce_lint.report.text import to_text
from ce_lint.report.view import View
from ce_lint.rules.registry import RULES
from ce_lint.source.decode import decode_python
from ce_lint.source.paths import display_path
from ce_lint.source.records import SourceError

FOUND, NOT_ANALYSED = 1, 3
"""Exit statuses; 0 is nothing found, and click's own for wrong usage is 2."""

FORMATS = ("text", "full", "json", "sarif")
DOCUMENTS = frozenset({"json", "sarif"})
"""The formats that are one document for a program to read."""

_STDIN = Path("-")
_STDIN_NAME = Path("stdin")

_Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A report, which files were asked for, and where the lines of its places come from."""

    report: Report
    is_linted: Callable[[str], bool]
    lines: LineReader


def paths_argument(command: _Command) -> _Command:
    """Declare the files and folders of a command, `-` among them: standard input."""
    return click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))(command)


def report_options(command: _Command) -> _Command:
    """Declare the options that say which codes are reported, how, and in which project."""
    for option in reversed(
        (
            click.option("--format", "output", type=click.Choice(FORMATS), default="text", show_default=True),
            _codes_option(
                "--select", "Code prefixes to report instead of the default ones; comma separated, repeatable."
            ),
            _codes_option("--extend-select", "Code prefixes to report as well."),
            _codes_option("--ignore", "Code prefixes not to report, unless a longer prefix is selected."),
            click.option(
                "--root",
                type=click.Path(path_type=Path, exists=True, file_okay=False),
                help="The project folder; default: the nearest one above that holds "
                "pyproject.toml, setup.cfg, setup.py or .git.",
            ),
        )
    ):
        command = option(command)
    return command


def answer(session: Checker, paths: tuple[Path, ...], stdin_filename: Path | None, asked: Settings) -> Answer:
    """Check files, folders or standard input; raise UsageError where that cannot be done."""
    if _STDIN not in paths and (paths or stdin_filename is None):
        return _check_paths(session, paths or (Path(),), asked)
    if set(paths) - {_STDIN}:
        raise UsageError("standard input (-) cannot be checked together with other paths")
    return _check_stdin(session, stdin_filename or _STDIN_NAME, asked)


def render(shown: Answer, output: str, *, show_unresolved: bool = False) -> str:
    """Render a report in one of the FORMATS."""
    view = View(
        shown.report,
        lambda place: shown.is_linted(place.path),
        shown.lines.line_of,
        show_unresolved=show_unresolved,
        in_colour=_wants_colours(),
    )
    return {"json": to_json, "sarif": to_sarif, "full": to_full, "text": to_text}[output](view)


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    prefixes = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    for prefix in prefixes:
        if not is_code_prefix(prefix) or not any(rule.code.startswith(prefix) for rule in RULES):
            raise click.BadParameter(f"no rule's code starts with {prefix!r} (`ce-lint rules` lists them)")
    return prefixes


def _codes_option(name: str, text: str) -> Callable[[_Command], _Command]:
    return click.option(name, multiple=True, metavar="CODES", callback=_codes, help=text)


def _check_paths(session: Checker, paths: tuple[Path, ...], asked: Settings) -> Answer:
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    common = Path(os.path.commonpath([path.absolute() for path in paths]))
    settings = settings_for(load_configuration(asked.root or project_root(common)), asked)
    with progress("checking"):
        report = session.check(paths, settings)
    # Walking the tree once more is worth it only where something is reported.
    files = discover(paths, settings.exclude)[0] if report.findings else ()
    return Answer(report, frozenset(map(display_path, files)).__contains__, LineReader())


def _check_stdin(session: Checker, path: Path, asked: Settings) -> Answer:
    settings = settings_for(load_configuration(asked.root or project_root(path)), asked)
    name = display_path(path)
    try:
        text = decode_python(path, sys.stdin.buffer.read())
    except SourceError as error:
        errors = (FileError(name, error.line or 1, error.reason),)
        return Answer(Report(errors=errors), name.__eq__, LineReader())
    report = session.check_text(path, text, settings)
    return Answer(report, name.__eq__, LineReader(name, text))


def _wants_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
