"""The three panels of one call site."""

from __future__ import annotations

import math
from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ce_lint.ir.kinds import Family
from ce_lint.runtime.diagnosis.records import Diagnosis, Window
from ce_lint.runtime.pictures.gradients import AS_CALLED, ON_LOGITS, Curve, curves
from ce_lint.runtime.pictures.style import NOTE, RIGHT, WRONG, Name, heading, name_curves, number
from ce_lint.runtime.sites.records import Observation, SiteReport

_MARGINS = tuple(step / 10 for step in range(-100, 101))
_AS_CALLED, _ON_LOGITS = 0.0, 1.0  # where the two bars stand
_BAR = 0.5
_WIDEST = {Family.CROSS_ENTROPY: 1.9999, Family.NLL: 1.0001}
"""No window of a mean over samples is wider, in nats, by `ce_lint.runtime.diagnosis.bounds`."""
_MANY = 40
"""More observations than this are a line without markers."""


def scale(axes: Axes, site: SiteReport, diagnosis: Diagnosis) -> None:
    """Fit the axis of the losses to all that is drawn on it: from zero, or below where a loss is negative."""
    shown = [0.0, *_bounds(diagnosis), *_losses(site, diagnosis)]
    guess = _uniform_guess(diagnosis)
    if guess is not None:
        shown.append(guess)
    low, high = min(shown), max(shown)
    room = (high - low or 1.0) * 0.22
    # The range on the logits has no upper end: there is always some of it above the highest number.
    axes.set_ylim(low - (room / 2 if low < 0 else 0), high + room)


def draw_ranges(axes: Axes, diagnosis: Diagnosis) -> None:
    """The window that the loss is locked in, beside the range that it should have."""
    heading(axes, "Where the loss can be")
    top = axes.get_ylim()[1]
    if diagnosis.window is None:
        axes.text(_AS_CALLED, top / 2, "no window\nis known", ha="center", color=WRONG)
    else:
        _draw_window(axes, diagnosis.window, top)
    axes.bar(_ON_LOGITS, top, _BAR, color=RIGHT, linewidth=0)
    _open_end(axes, _ON_LOGITS, RIGHT)
    guess = _uniform_guess(diagnosis)
    if guess is not None:
        ends = [_ON_LOGITS - _BAR / 2, _ON_LOGITS + _BAR / 2]
        axes.plot(ends, [guess, guess], color="white", linewidth=1.4)
        text = f"{number(guess)}\na uniform\nguess"
        axes.annotate(text, (ends[1], guess), (4, 0), textcoords="offset points", va="center", color=NOTE)
    axes.set_xlim(-0.6, 2.1)
    axes.set_xticks([_AS_CALLED, _ON_LOGITS], [AS_CALLED, ON_LOGITS])
    for label, colour in zip(axes.get_xticklabels(), (WRONG, RIGHT), strict=True):
        label.set_color(colour)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("loss (nats)")


def draw_observations(axes: Axes, site: SiteReport, diagnosis: Diagnosis) -> None:
    """The losses of both kinds that were observed, over the calls."""
    heading(axes, "The losses that were observed")
    bottom, top = axes.get_ylim()
    if diagnosis.window is not None:
        ends = max(diagnosis.window.low, bottom), min(diagnosis.window.high, top)
        axes.axhspan(*ends, color=WRONG, alpha=0.12, linewidth=0)
    observations = site.observations or (Observation(1, diagnosis.loss, diagnosis.loss_on_logits),)
    calls = [observation.call for observation in observations]
    as_called = [observation.loss for observation in observations]
    on_logits = [math.nan if o.loss_on_logits is None else o.loss_on_logits for o in observations]
    markers = ("", "") if len(calls) > _MANY else ("o", "s")
    names = []
    for losses, name, colour, marker in zip(
        (as_called, on_logits), (AS_CALLED, ON_LOGITS), (WRONG, RIGHT), markers, strict=True
    ):
        axes.plot(calls, losses, color=colour, marker=marker)
        finite = [(call, loss) for call, loss in zip(calls, losses, strict=True) if math.isfinite(loss)]
        if finite:
            names.append(Name(f"{number(finite[-1][1])} {name}", *finite[-1], colour))
    name_curves(axes, names)
    first, last = calls[0], calls[-1]
    span = last - first or 1
    axes.set_xlim(first - 0.06 * span, last + 0.68 * span)
    ticks = MaxNLocator(5, integer=True).tick_values(first, last)
    axes.set_xticks([tick for tick in ticks if first <= tick <= last] or [first])
    looked = "" if site.calls == site.looked else f" ({site.looked} of {site.calls} were looked at)"
    axes.set_xlabel(f"call of the loss{looked}")


def draw_gradients(axes: Axes, diagnosis: Diagnosis) -> None:
    """The norms of both gradients against the margin of the true class, for one sample."""
    heading(axes, "The gradient that one sample gives")
    known = curves(diagnosis.family, diagnosis.kind, diagnosis.classes, _MARGINS)
    # Where the window is not known the loss is not the plain one: CTC, another dimension.
    if known is None or diagnosis.window is None:
        axes.set_axis_off()
        text = "No closed form is known for this loss."
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", color=NOTE)
        return
    right, wrongs = known
    axes.set_yscale("log")
    axes.plot(_MARGINS, right.norms, color=RIGHT)
    _name_curve(axes, right, RIGHT, (0, 4), "left")
    places = (((8, -12), "left"), ((-8, 4), "right"))
    for wrong, line, (offset, side) in zip(wrongs, ("-", "--"), places, strict=False):
        axes.plot(_MARGINS, wrong.norms, color=WRONG, linestyle=line)
        _name_curve(axes, wrong, WRONG, offset, side)
    middle = len(_MARGINS) // 2
    for curve, colour in ((right, RIGHT), *((wrong, WRONG) for wrong in wrongs)):
        axes.plot(0, curve.norms[middle], "o", color=colour)
    left = " and ".join(f"{wrong.norms[middle] / right.norms[middle]:.2g}" for wrong in wrongs)
    text = f"margin 0, the start:\n{left} of the right one"
    axes.text(0.5, 0.03, text, transform=axes.transAxes, ha="center", color=NOTE)
    axes.set_xlim(_MARGINS[0], _MARGINS[-1])
    axes.set_ylim(top=right.norms[0] * 4)
    axes.set_xticks([-10, -5, 0, 5, 10], ["−10\nsure and wrong", "−5", "0", "5", "10\nsure and right"])
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.get_xticklabels()[-1].set_horizontalalignment("right")
    axes.set_xlabel("margin: logit of the true class less the others'")
    axes.set_ylabel("norm, with respect to the logits")


def _draw_window(axes: Axes, window: Window, top: float) -> None:
    """The bar of the window, its ends written at them; an end at infinity is an arrow."""
    axes.bar(_AS_CALLED, min(window.high, top) - window.low, _BAR, bottom=window.low, color=WRONG, linewidth=0)
    if not math.isfinite(window.high):
        _open_end(axes, _AS_CALLED, WRONG)
    for value, offset, side in ((window.low, -3, "top"), (window.high, 3, "bottom")):
        if not math.isfinite(value):
            continue
        axes.annotate(
            number(value), (_AS_CALLED, value), (0, offset),
            textcoords="offset points", ha="center", va=side, color=WRONG,
        )  # fmt: skip


def _open_end(axes: Axes, x: float, colour: str) -> None:
    """An arrow on top of a bar: there is more."""
    axes.plot([x], [1.02], marker="^", markersize=9, color=colour, transform=axes.get_xaxis_transform(), clip_on=False)


def _name_curve(axes: Axes, curve: Curve, colour: str, offset: tuple[int, int], side: str) -> None:
    """Name a curve where both are far apart: on the side of the sure and wrong."""
    place = len(_MARGINS) // 5
    axes.annotate(
        curve.label, (_MARGINS[place], curve.norms[place]), offset, textcoords="offset points", ha=side, color=colour
    )


def _uniform_guess(diagnosis: Diagnosis) -> float | None:
    """The loss of a model that knows nothing, `ln C`; None where the loss is not the mean over samples, or not known.

    That is read from the window: a sum over samples has a wider one than any mean has, and cross-entropy of equal
    probabilities is `ln C` too, so that it lies in the window of a mean.
    """
    window, widest = diagnosis.window, _WIDEST.get(diagnosis.family)
    if window is None or widest is None or window.high - window.low > widest or (diagnosis.classes or 0) < 2:
        return None
    guess = math.log(diagnosis.classes or 0)
    is_inside = window.low <= guess <= window.high
    return guess if is_inside or diagnosis.family is not Family.CROSS_ENTROPY else None


def _bounds(diagnosis: Diagnosis) -> Iterable[float]:
    window = diagnosis.window
    return filter(math.isfinite, (window.low, window.high)) if window else ()


def _losses(site: SiteReport, diagnosis: Diagnosis) -> Iterable[float]:
    both = [(diagnosis.loss, diagnosis.loss_on_logits), *((o.loss, o.loss_on_logits) for o in site.observations)]
    return (loss for pair in both for loss in pair if loss is not None and math.isfinite(loss))
