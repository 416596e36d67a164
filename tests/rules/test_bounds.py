"""The numbers that messages quote; each value on the right was computed with torch 2.13.0.

`F.cross_entropy(p, y)` in float64 with p a softmax output at its vertex, right class and wrong class; the same with
sigmoid outputs; `F.binary_cross_entropy_with_logits(torch.zeros(1), torch.zeros(1))` for the negative.
"""

from __future__ import annotations

import pytest

from ce_lint.rules import bounds


@pytest.mark.parametrize(
    ("classes", "low", "high"),
    [
        (2, 0.3132616875182228, 1.3132616875182228),
        (3, 0.5514447139320511, 1.551444713932051),
        (10, 1.461150171734475, 2.461150171734475),
        (100, 3.6222070492242677, 4.622207049224268),
        (1000, 5.909472086253269, 6.909472086253269),
    ],
)
def test_the_window_is_what_torch_computes(classes: int, low: float, high: float) -> None:
    assert bounds.softmax_window(classes) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize("classes", [2, 5, 1000])
def test_the_window_is_one_nat_wide(classes: int) -> None:
    low, high = bounds.softmax_window(classes)

    assert high - low == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("classes", "floor"), [(2, 0.31326168751822), (3, 0.55144471393205), (10, 1.46115017173447)])
def test_the_floor_of_sigmoid_outputs_is_what_torch_computes(classes: int, floor: float) -> None:
    assert bounds.sigmoid_floor(classes) == pytest.approx(floor, abs=1e-12)


def test_the_floor_of_a_negative_is_what_torch_computes() -> None:
    assert pytest.approx(0.6931471805599453, abs=1e-12) == bounds.NEGATIVE_FLOOR
