"""How much gradient a loss has left, against the margin of the true class: closed forms, no torch.

The logits are those of a margin m: the true class at m, the others at 0. Then all the others are alike, a gradient is
two numbers, that of the true class and that of each of the others, and its Euclidean norm is
`sqrt(true**2 + (C - 1) * other**2)`. One sample, in nats per unit of logit; tested against torch's autograd.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ce_lint.ir.kinds import Family, ScoreKind

AS_CALLED = "as called"
ON_LOGITS = "on the logits"
"""The names of the two losses, in every picture."""


class Pair(NamedTuple):
    """A quantity that every class has: that of the true class, and that of each of the others."""

    true: float
    other: float

    def norm(self, classes: int) -> float:
        """The Euclidean norm over all classes."""
        return math.hypot(self.true, math.sqrt(classes - 1) * self.other)


class Curve(NamedTuple):
    """The norm of a gradient at each margin."""

    label: str
    norms: tuple[float, ...]


Gradient = Callable[[float, int], Pair]
"""From the margin and the number of classes to the gradient with respect to the logits."""


def sigmoid(logit: float) -> float:
    """`1 / (1 + exp(-logit))`, without overflow."""
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1 + math.exp(logit))


def softmax(scores: Pair, classes: int) -> Pair:
    """The softmax of C scores of which all but the true class's are equal."""
    top = max(scores)
    true, other = math.exp(scores.true - top), math.exp(scores.other - top)
    total = true + (classes - 1) * other
    return Pair(true / total, other / total)


def cross_entropy(margin: float, classes: int) -> Pair:
    """The gradient of cross-entropy on logits: `softmax(z) - y`, y being one at the true class.

    Source: derivative of `-z_t + log(sum(exp(z)))`; Bridle, 1990, "Probabilistic interpretation of feedforward
    classification network outputs".
    """
    return _towards_the_true_class(softmax(Pair(margin, 0.0), classes))


def cross_entropy_of_softmax(margin: float, classes: int) -> Pair:
    """The gradient of cross-entropy on softmax outputs p, with respect to the logits behind them.

    `J(p) (softmax(p) - y)`, with the Jacobian of the softmax, `J(p) = diag(p) - p p'`: the chain rule.
    """
    probabilities = softmax(Pair(margin, 0.0), classes)
    return _through_softmax(probabilities, _towards_the_true_class(softmax(probabilities, classes)), classes)


def cross_entropy_of_sigmoid(margin: float, classes: int) -> Pair:
    """The gradient of cross-entropy on sigmoid outputs p, with respect to the logits behind them.

    `p (1 - p) (softmax(p) - y)`, element by element: the chain rule.
    """
    probabilities = _sigmoids(margin)
    return _through_sigmoid(probabilities, _towards_the_true_class(softmax(probabilities, classes)))


def nll_of_softmax(margin: float, classes: int) -> Pair:
    """The gradient of `-p_t`, what a negative log-likelihood without a logarithm computes, with respect to the logits.

    `J(p) (-y)`, with the Jacobian of the softmax, `J(p) = diag(p) - p p'`.
    """
    return _through_softmax(softmax(Pair(margin, 0.0), classes), Pair(-1.0, 0.0), classes)


def nll_of_sigmoid(margin: float, classes: int) -> Pair:
    """The gradient of `-p_t` with respect to the logits behind sigmoid outputs: `-p_t (1 - p_t)` at the true class."""
    return _through_sigmoid(_sigmoids(margin), Pair(-1.0, 0.0))


def bce(margin: float, classes: int) -> Pair:
    """The gradient of binary cross-entropy on logits, summed over the classes: `sigmoid(z) - y`."""
    return _towards_the_true_class(_sigmoids(margin))


def bce_of_softmax(margin: float, classes: int) -> Pair:
    """The gradient of binary cross-entropy with logits on softmax outputs p, with respect to the logits behind them.

    `J(p) (sigmoid(p) - y)`, with the Jacobian of the softmax, `J(p) = diag(p) - p p'`.
    """
    probabilities = softmax(Pair(margin, 0.0), classes)
    outer = _towards_the_true_class(Pair(sigmoid(probabilities.true), sigmoid(probabilities.other)))
    return _through_softmax(probabilities, outer, classes)


def bce_of_sigmoid(margin: float, label: int) -> tuple[float, float]:
    """One output's gradient of binary cross-entropy with logits: on the logit z, and on its sigmoid.

    `sigmoid(z) - y`, and `p (1 - p) (sigmoid(p) - y)` for `p = sigmoid(z)`. The margin is z for a positive
    (label y = 1), -z for a negative (y = 0).
    """
    probability = sigmoid(margin if label else -margin)
    return probability - label, probability * (1 - probability) * (sigmoid(probability) - label)


_RIGHT: Mapping[Family, Gradient] = {
    Family.CROSS_ENTROPY: cross_entropy,
    Family.NLL: cross_entropy,
    Family.BCE_WITH_LOGITS: bce,
}
_WRONG: Mapping[tuple[Family, ScoreKind], Gradient] = {
    (Family.CROSS_ENTROPY, ScoreKind.PROBABILITIES): cross_entropy_of_softmax,
    (Family.CROSS_ENTROPY, ScoreKind.SIGMOID): cross_entropy_of_sigmoid,
    (Family.NLL, ScoreKind.PROBABILITIES): nll_of_softmax,
    (Family.NLL, ScoreKind.SIGMOID): nll_of_sigmoid,
    (Family.BCE_WITH_LOGITS, ScoreKind.PROBABILITIES): bce_of_softmax,
}


def curves(
    family: Family, kind: ScoreKind | None, classes: int | None, margins: tuple[float, ...]
) -> tuple[Curve, tuple[Curve, ...]] | None:
    """The norms of the gradient on the logits, and of the gradient as the loss is called, at each margin.

    None where no closed form is known: for other losses, and where the number of classes is not known or below 2.
    Sigmoids before binary cross-entropy have two curves as called: positives and negatives fare differently.
    """
    if (family, kind) == (Family.BCE_WITH_LOGITS, ScoreKind.SIGMOID):
        return _single_output(margins)
    wrong = _WRONG.get((family, kind)) if kind is not None else None
    if wrong is None or classes is None or classes < 2:
        return None

    def norms(gradient: Gradient) -> tuple[float, ...]:
        return tuple(gradient(margin, classes).norm(classes) for margin in margins)

    return Curve(ON_LOGITS, norms(_RIGHT[family])), (Curve(AS_CALLED, norms(wrong)),)


def _single_output(margins: tuple[float, ...]) -> tuple[Curve, tuple[Curve, ...]]:
    positive = [bce_of_sigmoid(margin, 1) for margin in margins]
    negative = [bce_of_sigmoid(margin, 0) for margin in margins]
    return Curve(ON_LOGITS, tuple(abs(right) for right, _ in positive)), (
        Curve(f"{AS_CALLED}: positives", tuple(abs(wrong) for _, wrong in positive)),
        Curve("negatives", tuple(abs(wrong) for _, wrong in negative)),
    )


def _sigmoids(margin: float) -> Pair:
    return Pair(sigmoid(margin), 0.5)


def _towards_the_true_class(probabilities: Pair) -> Pair:
    """Probabilities less the one-hot target."""
    return Pair(probabilities.true - 1, probabilities.other)


def _through_softmax(probabilities: Pair, outer: Pair, classes: int) -> Pair:
    """`(diag(p) - p p') u` for a gradient u with respect to the probabilities p."""
    mean = probabilities.true * outer.true + (classes - 1) * probabilities.other * outer.other
    return Pair(probabilities.true * (outer.true - mean), probabilities.other * (outer.other - mean))


def _through_sigmoid(probabilities: Pair, outer: Pair) -> Pair:
    """`p (1 - p) u`, element by element."""
    return Pair(*(p * (1 - p) * u for p, u in zip(probabilities, outer, strict=True)))
