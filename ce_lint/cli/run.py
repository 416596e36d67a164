"""`ce-lint run`."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from collections import Counter
from pathlib import Path

import click

from ce_lint.cli.files import CannotBeWritten, output_file_option, plot_option, write_files
from ce_lint.cli.lines import LineReader
from ce_lint.findings import LossCalls, Report, Verdict
from ce_lint.report.formats import FORMATS
from ce_lint.report.view import View
from ce_lint.runtime.install import INSTALL
from ce_lint.runtime.pictures.plot import LOOKS_FOR_A_PICTURE
from ce_lint.runtime.ways.merging import Recorded
from ce_lint.runtime.ways.program import end_like, run_program
from ce_lint.runtime.ways.records import LOOKS, RunOptions

LOG = logging.getLogger(__name__)

_CANNOT = 2
_DOCUMENTS = tuple(name for name, form in FORMATS.items() if form.is_document)


# What follows the script, or the module's name, is the program's: options are read up to there.
@click.command(context_settings={"allow_interspersed_args": False})
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a module, to be run as `python -m` does.")
@click.option("--steps", type=click.IntRange(min=1), help="End the program after this many loss calls.")
@click.option(
    "--looks",
    type=click.IntRange(min=1),
    help=f"How many calls of each place are looked at.  [default: {LOOKS}; with --plot {LOOKS_FOR_A_PICTURE}]",
)
@click.option("--format", "output", type=click.Choice(["text", *_DOCUMENTS]), default="text", show_default=True)
@output_file_option("Where the findings are written; default: standard error, after the program has ended.")
@plot_option("Draw what was found: .png, .svg.")
@click.argument("program")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def run(
    context: click.Context,
    is_module: bool,
    steps: int | None,
    looks: int | None,
    output: str,
    output_file: Path | None,
    plot: Path | None,
    program: str,
    arguments: tuple[str, ...],
) -> None:
    """Run a program and say, by computing both losses, whether its losses receive what they expect.

    `ce-lint run train.py ARGUMENTS` does what `python train.py ARGUMENTS` does, and so does `ce-lint run -m MODULE`.
    Options of ce-lint come before PROGRAM. Standard output is the program's alone; so is the exit status.
    """
    hindrance = _hindrance(draws=plot is not None)
    if hindrance is not None:
        click.echo(hindrance, err=True)
        context.exit(_CANNOT)
    options = RunOptions(steps=steps, looks=looks or (LOOKS_FOR_A_PICTURE if plot else LOOKS))
    try:
        ended = run_program(("-m", program, *arguments) if is_module else (program, *arguments), options)
    except OSError as error:
        click.echo(f"ce-lint run: the program was not started: {error}", err=True)
        context.exit(_CANNOT)
    try:
        text = _told(ended.recorded, output, output_file, plot)
    except Exception as error:
        # The program has run, perhaps for days: whatever is wrong here, its exit status is kept.
        LOG.warning("what was seen is lost: %s: %s", type(error).__name__, error, exc_info=True)
        text = ""
    _say(text)
    context.exit(end_like(ended.status))


def _hindrance(*, draws: bool) -> str | None:
    """Why nothing can be run, in a line."""
    for library, option in (("torch", "run"), ("matplotlib", "run --plot")):
        if (library == "torch" or draws) and importlib.util.find_spec(library) is None:
            return f"ce-lint {option} needs {library}: {INSTALL}"
    if sys.flags.ignore_environment or sys.flags.no_site:
        return "ce-lint run cannot watch what is run by a Python with -I, -E or -S: without these it can"
    return None


def _told(recorded: Recorded, output: str, output_file: Path | None, plot: Path | None) -> str:
    """Write the files that were asked for, and return what is for standard error.

    That is either one document, alone, or lines: the findings, unless they have a file of their own, and what they are
    to be counted against.
    """
    lines = recorded.report.summary().splitlines()
    found, notes = lines[: len(recorded.report.sites)], lines[len(recorded.report.sites) :]
    if recorded.cut_off:
        processes = "1 process" if recorded.cut_off == 1 else f"{recorded.cut_off} processes"
        notes.append(f"{processes} ended at once, after which calls are not counted: there may have been more")
    notes += [f"a process could not be watched: {trouble}" for trouble in recorded.troubles]
    if plot is not None:
        try:
            recorded.report.plot(plot)
        except OSError as error:
            notes.append(str(error))
    text = _document(recorded, notes, output) if output in _DOCUMENTS else "".join(f"{line}\n" for line in found)
    if output_file is None and output in _DOCUMENTS:
        return text
    if output_file is not None:
        try:
            write_files({output_file: text})
        except CannotBeWritten as error:
            notes.append(error.message)
        text = ""
    return text + "".join(f"ce-lint: {note}\n" for note in notes)


def _document(recorded: Recorded, notes: list[str], output: str) -> str:
    sites = recorded.report.sites
    verdicts = Counter(site.diagnosis.verdict for site in sites if site.diagnosis is not None)
    right, reported = verdicts[Verdict.REFUTED], verdicts[Verdict.CONFIRMED]
    report = Report(
        findings=recorded.report.findings(),
        loss_calls=LossCalls(right=right, reported=reported, unresolved=len(sites) - right - reported),
        notes=tuple(notes),
    )
    lines = LineReader()
    return FORMATS[output].render(View(report, line_of=lines.line_of, disk_line=lines.disk_line))


def _say(text: str) -> None:
    """Write to standard error; where nobody reads that any more, nothing is said."""
    try:
        click.echo(text, err=True, nl=False)
    except OSError:
        # What is left in the buffer would fail once more when Python ends, and change the exit status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
