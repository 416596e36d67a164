"""The closed forms of the gradients, against torch's autograd."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.runtime.pictures import gradients

torch = pytest.importorskip("torch")
from torch import Tensor  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

pytestmark = pytest.mark.torch

MARGINS = (-20.0, -10.0, -3.0, -0.5, 0.0, 0.5, 3.0, 10.0, 20.0)
TRUE = torch.tensor([0])
Loss = Callable[[Tensor], Tensor]


def one_hot(logits: Tensor) -> Tensor:
    return F.one_hot(TRUE, logits.shape[1]).to(logits)


def binary(scores: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(scores, one_hot(scores), reduction="sum")


RIGHT: dict[Family, Loss] = {
    Family.CROSS_ENTROPY: lambda logits: F.cross_entropy(logits, TRUE),
    Family.NLL: lambda logits: F.nll_loss(logits.log_softmax(1), TRUE),
    Family.BCE_WITH_LOGITS: binary,
}
WRONG: dict[tuple[Family, ScoreKind], Loss] = {
    (Family.CROSS_ENTROPY, ScoreKind.PROBABILITIES): lambda logits: F.cross_entropy(logits.softmax(1), TRUE),
    (Family.CROSS_ENTROPY, ScoreKind.SIGMOID): lambda logits: F.cross_entropy(logits.sigmoid(), TRUE),
    (Family.NLL, ScoreKind.PROBABILITIES): lambda logits: F.nll_loss(logits.softmax(1), TRUE),
    (Family.NLL, ScoreKind.SIGMOID): lambda logits: F.nll_loss(logits.sigmoid(), TRUE),
    (Family.BCE_WITH_LOGITS, ScoreKind.PROBABILITIES): lambda logits: binary(logits.softmax(1)),
}


def norm(loss: Loss, margin: float, classes: int) -> float:
    logits = torch.zeros(1, classes, dtype=torch.float64)
    logits[0, 0] = margin
    logits.requires_grad_()
    (gradient,) = torch.autograd.grad(loss(logits), logits)
    return float(gradient.norm())


@pytest.mark.parametrize("classes", [2, 5, 100])
@pytest.mark.parametrize(("family", "kind"), WRONG, ids=lambda word: word.name)
def test_the_curves_are_the_gradients_of_autograd(family: Family, kind: ScoreKind, classes: int) -> None:
    known = gradients.curves(family, kind, classes, MARGINS)
    assert known is not None
    right, (wrong,) = known
    for loss, curve in ((RIGHT[family], right), (WRONG[family, kind], wrong)):
        expected = [norm(loss, margin, classes) for margin in MARGINS]
        assert curve.norms == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("label", [1, 0], ids=["positive", "negative"])
def test_the_curves_of_a_single_output_are_the_gradients_of_autograd(label: int) -> None:
    known = gradients.curves(Family.BCE_WITH_LOGITS, ScoreKind.SIGMOID, None, MARGINS)
    assert known is not None
    right, wrongs = known
    wrong = wrongs[0 if label else 1]
    for margin, on_logits, as_called in zip(MARGINS, right.norms, wrong.norms, strict=True):
        logit = torch.tensor(margin if label else -margin, dtype=torch.float64, requires_grad=True)
        target = torch.tensor(float(label), dtype=torch.float64)
        for scores, expected in ((logit, on_logits), (logit.sigmoid(), as_called)):
            (gradient,) = torch.autograd.grad(F.binary_cross_entropy_with_logits(scores, target), logit)
            assert abs(float(gradient)) == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_at_the_start_one_part_in_c_of_the_gradient_is_left(classes: int) -> None:
    known = gradients.curves(Family.CROSS_ENTROPY, ScoreKind.PROBABILITIES, classes, (0.0,))
    assert known is not None
    right, (wrong,) = known
    assert wrong.norms[0] / right.norms[0] == pytest.approx(1 / classes)
    assert right.norms[0] == pytest.approx(math.sqrt(1 - 1 / classes))


@pytest.mark.parametrize(
    ("family", "kind", "classes"),
    [
        (Family.CROSS_ENTROPY, ScoreKind.PROBABILITIES, None),
        (Family.CROSS_ENTROPY, ScoreKind.PROBABILITIES, 1),
        (Family.CROSS_ENTROPY, None, 10),
        (Family.CROSS_ENTROPY, ScoreKind.LOGITS, 10),
        (Family.KL_DIV, ScoreKind.PROBABILITIES, 10),
    ],
)
def test_nothing_is_drawn_that_is_not_known(family: Family, kind: ScoreKind | None, classes: int | None) -> None:
    assert gradients.curves(family, kind, classes, MARGINS) is None
