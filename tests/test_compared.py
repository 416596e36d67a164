"""Records that are compared by some of their fields are equal or not, whichever way they are asked."""

from __future__ import annotations

import pytest

from ce_lint.compared import Compared
from ce_lint.interpreter.values import Scores, Sequence
from ce_lint.ir.kinds import ScoreKind
from ce_lint.source.records import Cell

SCORES = Scores(ScoreKind.PROBABILITIES)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (SCORES, Scores(ScoreKind.PROBABILITIES), True),
        (SCORES, Scores(ScoreKind.LOGITS), False),
        (Sequence((SCORES,)), Sequence((SCORES,)), True),
        (Sequence((SCORES,)), Sequence(()), False),
        (Cell(1, 1, 2, ()), Cell(1, 1, 2, (), ()), True),
        (Cell(1, 1, 2, ()), Cell(2, 1, 2, ()), False),
        (Cell(1, 1, 2, ()), SCORES, False),
    ],
)
def test_two_are_the_same_or_others(one: Compared, other: Compared, is_same: bool) -> None:
    assert ((one == other), (one != other)) == (is_same, not is_same)
    assert not is_same or hash(one) == hash(other)
