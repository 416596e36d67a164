"""`ce-lint confirm`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import click

from ce_lint.cli.adoption import baseline_options
from ce_lint.cli.answers import FOUND, NOT_ANALYSED, answer
from ce_lint.cli.checker import new_session
from ce_lint.cli.options import paths_argument, settings_options
from ce_lint.cli.output import Output, output_options
from ce_lint.cli.progress import progress
from ce_lint.cli.refusals import Refused
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import project_root
from ce_lint.engine.errors import UsageError
from ce_lint.findings import Finding, Report, RuntimeCheck
from ce_lint.report.verdict import is_refuted
from ce_lint.runtime.confirm.execute import DEFAULT_TIMEOUT, ExecuteOptions, execute, model_of
from ce_lint.runtime.install import INSTALL

_WRONG_USAGE = 2
_FUNCTION = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def _seconds(_context: click.Context, _parameter: click.Parameter, seconds: float | None) -> float | None:
    if seconds is not None and not math.isfinite(seconds):
        raise click.BadParameter(f"{seconds} is no time limit")
    return seconds


def _shape(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[int, ...]:
    if text is None:
        return ()
    if not re.fullmatch(r"[1-9]\d*(,[1-9]\d*)*", text.replace(" ", "")):
        raise click.BadParameter(f"{text!r} is no shape: give the sizes of one sample, like 3,32,32")
    return tuple(int(size) for size in text.split(","))


def _function(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str:
    if text is not None and not _FUNCTION.fullmatch(text):
        raise click.BadParameter(f"{text!r} is no function: give it like package.module:function")
    return text or ""


@click.command()
@paths_argument
@output_options
@settings_options
@baseline_options
@click.option("--execute", "executes", is_flag=True, help="Run the project's code as well, in a subprocess.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    callback=_seconds,
    metavar="SECONDS",
    help=f"With --execute: the time for each finding.  [default: {DEFAULT_TIMEOUT:g}]",
)
@click.option(
    "--input-shape",
    callback=_shape,
    metavar="N,N",
    help="With --execute: the shape of one sample, without the batch, where the model's first layer does not say it.",
)
@click.option(
    "--batch",
    callback=_function,
    metavar="MODULE:FUNCTION",
    help="With --execute: a function that returns a batch for the model: a tensor, or (inputs, target).",
)
@click.option("--only-confirmed", "only", is_flag=True, help="Report only what was proved.")
@click.pass_context
def confirm(
    context: click.Context,
    paths: tuple[Path, ...],
    output: Output,
    asked: Settings,
    executes: bool,
    timeout: float | None,
    input_shape: tuple[int, ...],
    batch: str,
    only: bool,
) -> None:
    """Check files and folders as `check` does, and prove or refute each finding by computing both losses in torch.

    Each finding's way from the activation to the loss is repeated on random logits; nothing of the project is imported,
    unless --execute asks for its model to be run.

    Exit status: 0 nothing found, or nothing that is not refuted, 1 findings, 2 wrong usage or configuration, or no
    torch, 3 some files could not be analysed.
    """
    if not executes and (timeout or input_shape or batch):
        raise click.UsageError("--timeout, --input-shape and --batch go with --execute")
    try:
        from ce_lint.runtime.confirm.reports import only_confirmed, with_verdicts
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        click.echo(f"ce-lint confirm needs torch: {INSTALL}", err=True)
        context.exit(_WRONG_USAGE)
    try:
        shown = answer(context.obj or new_session(), paths, None, asked)
    except UsageError as error:
        raise Refused(str(error)) from error
    run = _executor(asked.root, timeout or DEFAULT_TIMEOUT, input_shape, batch) if executes else None
    with progress("confirming"):
        report = with_verdicts(shown.report, run)
    shown = shown._replace(report=only_confirmed(report) if only else report)
    output.give(shown)
    context.exit(_exit_status(shown.report))


def _executor(
    root: Path | None, timeout: float, input_shape: tuple[int, ...], batch: str
) -> Callable[[Finding], RuntimeCheck]:
    """What runs the project's code for a finding; says so before it is first done."""
    click.echo(
        "ce-lint confirm --execute runs the project's code: for each finding in a process of its own, "
        f"for at most {timeout:g} s, in a scratch folder, its network refused as far as a process can",
        err=True,
    )

    def run(finding: Finding) -> RuntimeCheck:
        built = model_of(finding.recipe) if finding.recipe else None
        file = Path(built.path) if built and built.path else Path(finding.sink.path)
        return execute(finding, ExecuteOptions(root or project_root(file), timeout, input_shape, batch))

    return run


def _exit_status(report: Report) -> int:
    if report.errors:
        return NOT_ANALYSED
    return FOUND if any(not is_refuted(finding) for finding in report.findings) else 0
