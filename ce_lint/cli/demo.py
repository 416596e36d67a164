"""`ce-lint demo`."""

from __future__ import annotations

from pathlib import Path

import click

from ce_lint.cli.files import plot_option
from ce_lint.runtime.demo.records import OPTIMIZERS, Experiment
from ce_lint.runtime.demo.text import to_text
from ce_lint.runtime.install import INSTALL
from ce_lint.runtime.pictures.style import need_matplotlib

_CANNOT = 2
_DEFAULTS = Experiment()


@click.command()
@click.option("--classes", type=click.IntRange(2, 10_000), default=_DEFAULTS.classes, show_default=True)
@click.option(
    "--optimizer", type=click.Choice(list(OPTIMIZERS)), default=_DEFAULTS.optimizer, show_default=True,
    help="Its learning rate is one that suits the logits.",
)  # fmt: skip
@click.option("--steps", type=click.IntRange(min=1), default=_DEFAULTS.steps, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=_DEFAULTS.seed, show_default=True)
@plot_option("Draw both trainings: .png, .svg.")
@click.pass_context
def demo(context: click.Context, classes: int, optimizer: str, steps: int, seed: int, plot: Path | None) -> None:
    """Train a small classifier twice, on its logits and on their softmax, and compare.

    The data is made for it, and nothing is downloaded. With few classes the accuracy is nearly the same; with many, and
    plain SGD, it is not: try --classes 3 and --optimizer adam. Needs torch, and for --plot matplotlib.

    Exit status: 0, or 2 for wrong usage and for a library or a picture that cannot be had.
    """
    try:
        if plot is not None:
            need_matplotlib()
        from ce_lint.runtime.demo.training import compare
    except ImportError as error:
        if error.name == "torch":
            click.echo(f"ce-lint demo needs torch: {INSTALL}", err=True)
        elif error.name == "matplotlib":
            click.echo(error.msg, err=True)
        else:
            raise
        context.exit(_CANNOT)
    comparison = compare(Experiment(classes, optimizer, steps, seed))
    click.echo(to_text(comparison), nl=False)
    if plot is None:
        return
    from ce_lint.runtime.demo.picture import draw

    try:
        draw(comparison, plot)
    except OSError as error:
        click.echo(str(error), err=True)
        context.exit(_CANNOT)
