"""What a loss can still reach when its input is already a probability: pure arithmetic, in nats.

Cross-entropy of scores x in a set, for a target distribution q, is `LSE(x) - <q, x>`: convex in x, so its largest value
lies at a vertex of the set, and its smallest at the vertex of the true class, or, where q is flat enough to be
reached, at its entropy. Each formula is checked against torch by tests.
"""

from __future__ import annotations

import math

from ce_lint.rules import bounds as plain
from ce_lint.runtime.diagnosis.records import Window

ABSENT = Window(math.log(2), math.log1p(math.e))
"""`-log(1 - sigmoid(x))` for x in [0, 1]: what a negative costs in binary cross-entropy of a sigmoid output."""
PRESENT = Window(math.log1p(1 / math.e), math.log(2))
"""`-log(sigmoid(x))` for x in [0, 1]: what a positive costs."""


def softmax_window(classes: int, smoothing: float = 0.0) -> Window:
    """Cross-entropy, per sample, of any probabilities over at least two classes, with label smoothing."""
    low, high = plain.softmax_window(classes)
    return Window(_lowest(classes, smoothing, low), high - smoothing / classes)


def sigmoid_window(classes: int, smoothing: float = 0.0) -> Window:
    """Cross-entropy, per sample, of any scores in [0, 1], with label smoothing.

    The highest lies at a vertex of the cube where the true class is 0 and m others are 1:
    `log(classes + m (e - 1)) - m * smoothing / classes`, concave in m.
    """
    low = plain.softmax_window(classes).low
    rest = smoothing / classes
    peak = classes - 1.0 if rest == 0 else 1 / rest - classes / (math.e - 1)
    near = {min(max(int(peak) + step, 0), classes - 1) for step in (0, 1)}
    high = max(math.log(classes + m * (math.e - 1)) - m * rest for m in near)
    return Window(_lowest(classes, smoothing, low), high)


def _lowest(classes: int, smoothing: float, plain_low: float) -> float:
    """The smallest value: at the true class's vertex, or the entropy of the smoothed label where that is reached."""
    rest = smoothing / classes
    true = 1 - smoothing + rest
    if true < math.e * rest:
        return -true * math.log(true) - (classes - 1) * rest * math.log(rest)
    return plain_low + smoothing - rest


def negative_probability(scale: float) -> Window:
    """NLL of probabilities is `-p` of the true class, times the scale: between `-scale` and 0."""
    return Window(-scale, 0.0)


def binary_window(positive: float, negative: float) -> Window:
    """Binary cross-entropy with logits of scores in [0, 1].

    positive, negative: how much of the loss the positives and the negatives weigh, `sum(w t) / Z` and
    `sum(w (1 - t)) / Z`. Attained for targets 0 and 1; for targets between them the window is a little too wide.
    """
    return Window(
        positive * PRESENT.low + negative * ABSENT.low,
        positive * PRESENT.high + negative * ABSENT.high,
    )


def scaled(window: Window, scale: float) -> Window:
    """The window of a sum of samples that weigh so much together."""
    return Window(window.low * scale, window.high * scale)
