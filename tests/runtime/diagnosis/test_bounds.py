"""The windows of the kernel: reached, and never left."""

from __future__ import annotations

import itertools
import math

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402, N812

from ce_lint.runtime.diagnosis import bounds  # noqa: E402

pytestmark = pytest.mark.torch

SMOOTHINGS = [0.0, 0.1, 0.3, 0.6, 0.9]


def losses_of(scores: torch.Tensor, smoothing: float) -> torch.Tensor:
    labels = torch.zeros(len(scores), dtype=torch.long)
    return F.cross_entropy(scores, labels, label_smoothing=smoothing, reduction="none")


def descended(parameters: torch.Tensor, to_scores: object, smoothing: float) -> float:
    """The smallest loss that gradient descent finds among scores of this form."""
    leaf = parameters.clone().requires_grad_()
    optimiser = torch.optim.Adam([leaf], lr=0.2)
    for _ in range(400):
        optimiser.zero_grad()
        loss = losses_of(to_scores(leaf), smoothing).mean()  # type: ignore[operator]
        loss.backward()
        optimiser.step()
    return loss.item()


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_softmax_window_is_reached_and_not_left(classes: int, smoothing: float) -> None:
    window = bounds.softmax_window(classes, smoothing)
    vertices = losses_of(torch.eye(classes, dtype=torch.float64), smoothing)
    inside = losses_of(torch.randn(500, classes, dtype=torch.float64).mul(3).softmax(1), smoothing)

    assert window.high == pytest.approx(float(vertices.max()), abs=1e-12)
    assert window.low - 1e-12 <= float(inside.min())
    assert float(inside.max()) <= window.high + 1e-12
    if classes < 5:
        start = torch.zeros(1, classes, dtype=torch.float64)
        reached = descended(start, lambda z: z.softmax(1), smoothing)
        assert window.low == pytest.approx(reached, abs=2e-3)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_sigmoid_window_is_that_of_the_cube(classes: int, smoothing: float) -> None:
    window = bounds.sigmoid_window(classes, smoothing)
    cube = torch.tensor(list(itertools.product([0.0, 1.0], repeat=classes)), dtype=torch.float64)
    inside = losses_of(torch.rand(500, classes, dtype=torch.float64), smoothing)

    assert window.high == pytest.approx(float(losses_of(cube, smoothing).max()), abs=1e-12)
    assert window.low - 1e-12 <= min(float(inside.min()), float(losses_of(cube, smoothing).min()))
    if classes < 5:
        reached = descended(torch.zeros(1, classes, dtype=torch.float64), torch.sigmoid, smoothing)
        assert window.low == pytest.approx(reached, abs=2e-3)


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_without_smoothing_the_softmax_window_is_one_nat_wide(classes: int) -> None:
    window = bounds.softmax_window(classes)

    assert window.high - window.low == pytest.approx(1, abs=1e-12)


def test_the_windows_of_binary_cross_entropy_are_those_of_torch() -> None:
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    for target, window in ((1.0, bounds.PRESENT), (0.0, bounds.ABSENT)):
        losses = F.binary_cross_entropy_with_logits(ends, torch.full_like(ends, target), reduction="none")
        assert sorted(losses.tolist()) == pytest.approx([window.low, window.high])


def test_nll_of_probabilities_lies_between_minus_one_and_zero() -> None:
    assert bounds.negative_probability(1.0) == bounds.Window(-1.0, 0.0)
    assert math.isclose(bounds.scaled(bounds.softmax_window(4), 3).low, 3 * bounds.softmax_window(4).low)
