"""The demonstration as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint.runtime.demo.records import OPTIMIZERS, Comparison, Moment
from ce_lint.runtime.demo.text import RIGHT_NAME, WRONG_NAME
from ce_lint.runtime.pictures.files import picture_file, save
from ce_lint.runtime.pictures.style import RIGHT, WRONG, Name, heading, name_curves, need_matplotlib, number, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(comparison: Comparison, file: str | Path | None = None) -> Figure:
    """Draw both trainings: the loss (nats) as reported, with the window of the wrong one, and the held-out accuracy.

    Errors: as `ce_lint.runtime.pictures.plot.plot` has them.
    """
    path = picture_file(file) if file is not None else None
    need_matplotlib()
    with style():
        figure = _figure(comparison)
    if path is not None:
        save(figure, path)
    return figure


def _figure(comparison: Comparison) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    losses, accuracies = figure.subplots(1, 2)
    window = comparison.window
    heading(losses, "The training loss as the loop reports it")
    losses.set_ylim(0, 1.05 * max(window.high, *(moment.loss for moment in comparison.right.moments)))
    losses.set_ylabel("loss (nats)")
    losses.axhspan(*window, color=WRONG, alpha=0.12, linewidth=0)
    middle = 0.6 * comparison.experiment.steps
    losses.text(middle, window.low, f"never below {number(window.low)}", color=WRONG, ha="center", va="top")
    _draw_curves(losses, comparison, lambda moment: moment.loss)
    heading(accuracies, f"Accuracy on {comparison.held_out} held-out samples")
    accuracies.set_ylim(0, 1.03)
    _draw_curves(accuracies, comparison, lambda moment: moment.accuracy)
    experiment = comparison.experiment
    optimizer = OPTIMIZERS[experiment.optimizer].name
    title = f"{experiment.classes} classes, {optimizer}: trained on its logits, and on their softmax"
    figure.suptitle(title, x=0.012, ha="left", fontweight="bold", fontsize=10.5)
    return figure


def _draw_curves(axes: Axes, comparison: Comparison, value_of: Callable[[Moment], float]) -> None:
    """The curves of both trainings, named at their ends."""
    names = []
    for training, name, colour in ((comparison.right, RIGHT_NAME, RIGHT), (comparison.wrong, WRONG_NAME, WRONG)):
        done = [moment.step for moment in training.moments]
        values = [value_of(moment) for moment in training.moments]
        axes.plot(done, values, color=colour, marker="o" if len(done) == 1 else "")
        names.append(Name(f"{number(values[-1])} {name}", done[-1], values[-1], colour))
    name_curves(axes, names)
    steps = comparison.experiment.steps
    axes.set_xlim(0, steps * 1.65)
    axes.set_xticks(sorted({0, steps // 2, steps}))
    axes.set_xlabel("training step")
