"""Gradual adoption: what is known already, and what did not change, is left out of a report."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from ce_lint.cli.answers import NOT_ANALYSED, STDIN, Answer, answer, files_asked_for
from ce_lint.cli.checker import Checker
from ce_lint.cli.files import writable, write_files
from ce_lint.cli.options import Command, declared
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.findings import Place

_FILE = click.Path(path_type=Path)


class Adoption(NamedTuple):
    """What `check` was asked for beside a report on everything."""

    write_to: Path | None = None
    """The baseline that is written instead of a report."""
    base: str | None = None
    """The revision since which lines have to have changed."""


def baseline_options(command: Command) -> Command:
    """Declare the options that say which findings are known; they become part of the `asked` of the command."""

    @functools.wraps(command)
    def with_baseline(
        *arguments: object, asked: Settings, baseline: Path | None, no_baseline: bool, **others: object
    ) -> object:
        if baseline is not None and no_baseline:
            raise click.UsageError("--baseline and --no-baseline exclude each other")
        asked = msgspec.structs.replace(asked, baseline=baseline, respect_baseline=not no_baseline)
        return command(*arguments, asked=asked, **others)

    return declared(
        with_baseline,
        click.option(
            "--baseline",
            type=_FILE,
            metavar="FILE",
            help="Report what is not in this file of known findings; default: that of the configuration.",
        ),
        click.option("--no-baseline", is_flag=True, help="Report known findings, too."),
    )


def adoption_options(command: Command) -> Command:
    """Declare the options that narrow a report or write a baseline; the command gets the latter as `adoption`."""

    @functools.wraps(command)
    def with_adoption(
        *arguments: object, asked: Settings, write_baseline: Path | None, diff: str | None, **others: object
    ) -> object:
        if write_baseline is not None:
            if asked.baseline is not None or diff is not None:
                other = "--diff" if asked.baseline is None else "--baseline"
                raise click.UsageError(f"--write-baseline writes all findings: it does not go with {other}")
            asked = msgspec.structs.replace(asked, respect_baseline=False)
        return command(*arguments, asked=asked, adoption=Adoption(write_baseline, diff), **others)

    return baseline_options(
        declared(
            with_adoption,
            click.option(
                "--write-baseline",
                type=_FILE,
                metavar="FILE",
                callback=_writable,
                help="Write all findings to this file instead of reporting them; files that are not checked keep "
                "theirs.",
            ),
            click.option(
                "--diff",
                metavar="BASE",
                help="Report what lies, at one step at least, on a line that was changed since HEAD left this revision "
                "of git, be it committed or not.",
            ),
        )
    )


def answer_on_changes(
    session: Checker, paths: tuple[Path, ...], stdin_filename: Path | None, asked: Settings, base: str
) -> Answer:
    """Answer as `answer` does, with what touches a line that changed since a revision; raise UsageError."""
    from ce_lint.engine.adoption.changes import changes_since, find_revision, only_changed, places_of

    revision = find_revision(base, _folder(paths, stdin_filename))
    shown = answer(session, paths, stdin_filename, asked)
    changes = changes_since(revision, {place.path for place in places_of(shown.report)}, shown.unsaved)
    report = only_changed(shown.report, changes, shown.asked)

    def is_shown(place: Place) -> bool:
        return shown.is_shown(place) and changes.touches(place)

    report = msgspec.structs.replace(report, notes=(*report.notes, *revision.notes))
    return shown._replace(report=report, is_shown=is_shown)


def write_baseline(session: Checker, paths: tuple[Path, ...], asked: Settings, file: Path) -> int:
    """Write the findings on files and folders to a baseline, say how many, and return the exit status.

    Raises UsageError, also for a file that is there and is no baseline, and CannotBeWritten; it is not touched then.
    """
    from ce_lint.engine.adoption.baseline import load_or_start, rendered
    from ce_lint.engine.adoption.known import updated, wanted_in
    from ce_lint.engine.configuration.choices import Choices
    from ce_lint.report.text import error_line

    if STDIN in paths:
        raise UsageError("--write-baseline is for files, not for standard input (-)")
    before = load_or_start(file)
    report = answer(session, paths, None, asked).report
    update = updated(before, report, files_asked_for(paths, asked), wanted_in(Choices(asked)))
    write_files({file: rendered(update.baseline)})
    for error in report.errors:
        click.echo(error_line(error), err=True)
    written = f"{update.written} {'finding' if update.written == 1 else 'findings'} written"
    click.echo(f"{file}: {written}, {update.dropped} dropped", err=True)
    return NOT_ANALYSED if report.errors else 0


def _folder(paths: tuple[Path, ...], stdin_filename: Path | None) -> Path:
    """The folder whose repository is meant: the innermost that holds all that is checked."""
    named = [path for path in paths if path != STDIN] or [stdin_filename or Path()]
    try:
        common = Path(os.path.commonpath([os.path.abspath(path) for path in named]))
    except ValueError as error:
        raise UsageError(f"--diff is for the files of one repository: {error}") from error
    return next(folder for folder in (common, *common.parents) if folder.is_dir())


def _writable(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    return None if file is None else writable(file)
