"""In which formats a report is given, and where each of them goes."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from ce_lint.cli.answers import Answer
from ce_lint.cli.files import file_named, output_file_option, told_of_standard_output, write_files
from ce_lint.cli.options import Command, declared
from ce_lint.findings import Report
from ce_lint.report.encoding import in_utf_8
from ce_lint.report.ends import ReportAt
from ce_lint.report.formats import FORMATS

if TYPE_CHECKING:
    from ce_lint.report.view import View

_DEFAULT = "text"


class Destination(NamedTuple):
    """One of the FORMATS, and its file; None: standard output."""

    format: str
    file: Path | None


_PLAIN = (Destination(_DEFAULT, None),)


class Output(NamedTuple):
    """All that is given in one run: at most one format on standard output, and each file once."""

    destinations: tuple[Destination, ...]
    report_at: ReportAt = ReportAt.AUTO

    @property
    def is_document(self) -> bool:
        """Whether standard output is a document, to which nothing can be added."""
        return any(FORMATS[name].is_document for name, file in self.destinations if file is None)

    @property
    def shows_fixes(self) -> bool:
        """Whether a format says what can be done about a finding."""
        return any(FORMATS[name].shows_fixes for name, _ in self.destinations)

    @property
    def is_plain(self) -> bool:
        """Whether it is the text on standard output that a run gives without being asked."""
        return self.destinations == _PLAIN

    def give(self, shown: Answer, *, show_unresolved: bool = False) -> None:
        """Write the files, then print; files that could not be analysed are listed on standard error as well.

        Raises CannotBeWritten; where a file is the reason, before anything is printed.
        """
        from ce_lint.report.view import View

        lines = shown.lines
        view = View(
            shown.report,
            shown.is_shown,
            lines.line_of,
            lines.disk_line,
            report_at=self.report_at,
            show_unresolved=show_unresolved,
        )
        write_files({file: FORMATS[name].render(view) for name, file in self.destinations if file is not None})
        for name, file in self.destinations:
            if file is None:
                with told_of_standard_output():
                    _print(name, view)
        tell_problems(shown.report)


def tell_problems(report: Report) -> None:
    """List the files that could not be analysed, and what else is to be known of a run, on standard error."""
    from ce_lint.report.text import error_line

    for error in report.errors:
        click.echo(error_line(error), err=True)
    for note in report.notes:
        click.echo(note, err=True)


def output_options(command: Command) -> Command:
    """Declare the options that say how a report is given; the command gets them as `output`."""

    @functools.wraps(command)
    def with_output(
        *arguments: object,
        formats: tuple[Destination, ...],
        output_file: Path | None,
        report_at: str,
        **others: object,
    ) -> object:
        output = Output(_destinations(formats, output_file), ReportAt(report_at))
        return command(*arguments, output=output, **others)

    return declared(
        with_output,
        click.option(
            "--format",
            "formats",
            multiple=True,
            metavar="FORMAT[:FILE]",
            callback=_formats,
            help=f"{', '.join(FORMATS)}; into FILE where one is named; repeatable.  [default: {_DEFAULT}]",
        ),
        output_file_option("The file of the one format that has none; default: standard output.", "-o"),
        click.option(
            "--report-at",
            type=click.Choice([end.value for end in ReportAt]),
            default=ReportAt.AUTO.value,
            show_default=True,
            help="Which end of a flow is reported: the loss (sink), where the scores were made (source), or both; "
            "auto: the loss, or the other end where only that is in a file asked for.",
        ),
    )


def _formats(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Destination, ...]:
    return tuple(_destination(value) for value in values)


def _destination(value: str) -> Destination:
    # Only the first colon counts: on Windows, a path has one of its own.
    name, colon, file = value.partition(":")
    if name not in FORMATS:
        raise click.BadParameter(f"{name!r} is not one of {', '.join(FORMATS)}")
    return Destination(name, file_named(file) if colon else None)


def _destinations(formats: tuple[Destination, ...], output_file: Path | None) -> tuple[Destination, ...]:
    destinations = formats or _PLAIN
    without = [name for name, file in destinations if file is None]
    if len(without) > 1:
        raise click.UsageError(
            f"only one format can go to standard output, not {' and '.join(without)}: write {without[-1]}:FILE"
        )
    if output_file is not None:
        if not without:
            raise click.UsageError("--output-file is for a format without a file, and each has one")
        destinations = tuple(Destination(name, file or output_file) for name, file in destinations)
    files = [os.path.realpath(file) for _, file in destinations if file is not None]
    for twice in {file for file in files if files.count(file) > 1}:
        raise click.UsageError(f"{twice}: only one format can be written to a file")
    return destinations


def _print(name: str, view: View) -> None:
    if sys.stdout is None:
        # Whoever started this has closed it, and does not want to read it.
        return
    if FORMATS[name].is_for_a_program:
        click.echo(in_utf_8(FORMATS[name].render(view)), nl=False)
        return
    text = FORMATS[name].render(view._replace(in_colour=_wants_colours()))
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding, sys.stdout.errors or "strict")
    except UnicodeEncodeError:
        # A name or a line of code that the terminal, or the pipe of Windows, has no characters for.
        click.echo(text.encode(encoding, "backslashreplace"), nl=False)
    else:
        click.echo(text, nl=False)


def _wants_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
