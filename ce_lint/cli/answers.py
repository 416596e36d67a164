"""The report on the files that a command was asked for, and what is shown of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ce_lint.cli.checker import Checker
from ce_lint.cli.lines import LineReader
from ce_lint.cli.progress import progress
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.findings import FileError, Place, Report
from ce_lint.report.ends import IsShown
from ce_lint.source.paths import display_path

FOUND, NOT_ANALYSED = 1, 3
"""Exit statuses; 0 is nothing found, and click's own for wrong usage is 2."""

STDIN = Path("-")
"""The name of standard input among the paths of a command."""
_STDIN_NAME = Path("stdin")


class Answer(NamedTuple):
    """A report, the places at which it may be shown, and where the lines of its places come from."""

    report: Report
    asked: frozenset[str]
    """The files that were asked for; not all of them where nothing is reported."""
    is_shown: IsShown
    lines: LineReader
    unsaved: Mapping[str, bytes] = MappingProxyType({})
    """What came from standard input, by the file that it stands for."""


def answer(session: Checker, paths: tuple[Path, ...], stdin_filename: Path | None, asked: Settings) -> Answer:
    """Check files, folders or standard input; raise UsageError where that cannot be done."""
    if STDIN not in paths and (paths or stdin_filename is None):
        return _check_paths(session, paths or (Path(),), asked)
    if set(paths) - {STDIN}:
        raise UsageError("standard input (-) cannot be checked together with other paths")
    return _check_stdin(session, stdin_filename or _STDIN_NAME, asked)


def files_asked_for(paths: tuple[Path, ...], asked: Settings) -> frozenset[str]:
    """Return the files that are checked where these are asked for, as they are shown; raise UsageError."""
    from ce_lint.engine.discovery import discover

    return frozenset(map(display_path, discover(paths or (Path(),), asked)[0]))


def _check_paths(session: Checker, paths: tuple[Path, ...], asked: Settings) -> Answer:
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    with progress("checking"):
        report = session.check(paths, asked)
    # Walking the tree once more is worth it only where something is reported.
    files = files_asked_for(paths, asked) if report.findings else frozenset[str]()
    return Answer(report, files, _in_files(files), LineReader())


def _check_stdin(session: Checker, path: Path, asked: Settings) -> Answer:
    from ce_lint.source.decode import decode_python
    from ce_lint.source.records import SourceError

    if sys.stdin is None:
        raise UsageError("standard input (-) is closed")
    name = display_path(path)
    files, data = frozenset((name,)), sys.stdin.buffer.read()
    try:
        text = decode_python(path, data)
    except SourceError as error:
        errors = (FileError(name, error.line or 1, error.reason),)
        return Answer(Report(errors=errors), files, _in_files(files), LineReader())
    report = session.check_text(path, text, asked)
    return Answer(report, files, _in_files(files), LineReader(name, text), {name: data})


def _in_files(asked: frozenset[str]) -> IsShown:
    def is_shown(place: Place) -> bool:
        return place.path in asked

    return is_shown
