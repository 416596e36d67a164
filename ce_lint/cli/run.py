"""`ce-lint run`."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click

from ce_lint.findings import LossCalls, Report, Verdict
from ce_lint.report.json import to_json
from ce_lint.runtime.ways.merging import Recorded
from ce_lint.runtime.ways.program import end_like, run_program
from ce_lint.runtime.ways.records import RunOptions

_LOOKS, _LOOKS_FOR_A_PICTURE = 3, 100
_PICTURES = (".png", ".svg")
_INSTALL = 'python -m pip install "ce-lint[runtime]"'


def _writable(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    """Refuse, before the program has run for a day, a file that cannot be written after it."""
    if file is not None and not file.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {file.parent}")
    return file


def _picture(context: click.Context, parameter: click.Parameter, file: Path | None) -> Path | None:
    if file is not None and file.suffix.lower() not in _PICTURES:
        raise click.BadParameter(f"{file}: a picture is saved as .png or .svg")
    return _writable(context, parameter, file)


# What follows the script, or the module's name, is the program's: options are read up to there.
@click.command(context_settings={"allow_interspersed_args": False})
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a module, to be run as `python -m` does.")
@click.option("--steps", type=click.IntRange(min=1), help="End the program after this many loss calls.")
@click.option(
    "--looks",
    type=click.IntRange(min=1),
    help=f"How many calls of each place are looked at.  [default: {_LOOKS}; with --plot {_LOOKS_FOR_A_PICTURE}]",
)
@click.option("--format", "output", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.option(
    "--output-file",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_writable,
    help="Where the findings are written; default: standard error, after the program has ended.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_picture,
    help="Draw what was found: .png, .svg.",
)
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
    for library, option in (("torch", "run"), ("matplotlib", "run --plot")):
        if (library == "torch" or plot is not None) and importlib.util.find_spec(library) is None:
            click.echo(f"ce-lint {option} needs {library}: {_INSTALL}", err=True)
            context.exit(2)
    options = RunOptions(steps=steps, looks=looks or (_LOOKS_FOR_A_PICTURE if plot else _LOOKS))
    try:
        ended = run_program(("-m", program, *arguments) if is_module else (program, *arguments), options)
    except OSError as error:
        click.echo(f"ce-lint run: the program was not started: {error}", err=True)
        context.exit(2)
    _tell(ended.recorded, output, output_file, plot)
    context.exit(end_like(ended.status))


def _tell(recorded: Recorded, output: str, output_file: Path | None, plot: Path | None) -> None:
    """Write the findings where they were asked for, then what they are to be counted against, on standard error."""
    report = recorded.report
    lines = report.summary().splitlines()
    found, counted = lines[: len(report.sites)], lines[len(report.sites) :]
    text = _document(recorded, output) if output != "text" else "".join(f"{line}\n" for line in found)
    if output_file is None:
        click.echo(text, err=True, nl=False)
    else:
        _try(lambda: output_file.write_text(text, encoding="utf-8"), output_file)
    if recorded.cut_off:
        processes = "1 process" if recorded.cut_off == 1 else f"{recorded.cut_off} processes"
        counted.append(f"{processes} ended at once, after which calls are not counted: there may have been more")
    for line in (*counted, *(f"a process could not be watched: {trouble}" for trouble in recorded.troubles)):
        click.echo(f"ce-lint: {line}", err=True)
    if plot is not None:
        _try(lambda: report.plot(plot), plot)


def _document(recorded: Recorded, output: str) -> str:
    sites = recorded.report.sites
    verdicts = Counter(site.diagnosis.verdict for site in sites if site.diagnosis is not None)
    right, reported = verdicts[Verdict.REFUTED], verdicts[Verdict.CONFIRMED]
    report = Report(
        findings=recorded.report.findings(),
        loss_calls=LossCalls(right=right, reported=reported, unresolved=len(sites) - right - reported),
    )
    if output == "json":
        return to_json(report, _is_linted)
    from ce_lint.report.sarif import to_sarif

    return to_sarif(report, _is_linted)


def _is_linted(_path: str) -> bool:
    """Whatever the program has called is what was asked for."""
    return True


def _try(write: Callable[[], object], file: Path) -> None:
    """Write a file; where that fails the exit status is still the program's."""
    try:
        write()
    except OSError as error:
        click.echo(f"ce-lint: {file} cannot be written: {error}", err=True)
