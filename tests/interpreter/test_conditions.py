"""Three-valued logic: true, false, or not told; what Python would do is never contradicted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.interpreter.conditions import truth
from ce_lint.interpreter.values import Value

Evaluate = Callable[[str], Value]

ANSWERS = {"T": True, "F": False, "?": None}
OPERANDS = {"T": "True", "F": "False", "?": "unknown()"}


@pytest.mark.parametrize("row", ["T T T", "T F F", "T ? ?", "F T F", "F F F", "F ? F", "? T ?", "? F F", "? ? ?"])
def test_and(evaluate: Evaluate, row: str) -> None:
    left, right, expected = row.split()
    assert truth(evaluate(f"r = {OPERANDS[left]} and {OPERANDS[right]}")) is ANSWERS[expected]


@pytest.mark.parametrize("row", ["T T T", "T F T", "T ? T", "F T T", "F F F", "F ? ?", "? T T", "? F ?", "? ? ?"])
def test_or(evaluate: Evaluate, row: str) -> None:
    left, right, expected = row.split()
    assert truth(evaluate(f"r = {OPERANDS[left]} or {OPERANDS[right]}")) is ANSWERS[expected]


@pytest.mark.parametrize("row", ["T F", "F T", "? ?"])
def test_not(evaluate: Evaluate, row: str) -> None:
    operand, expected = row.split()
    assert truth(evaluate(f"r = not {OPERANDS[operand]}")) is ANSWERS[expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # values
        ("0", "F"), ("2", "T"), ("''", "F"), ("'a'", "T"), ("None", "F"), ("[]", "F"), ("[0]", "T"), ("{}", "F"),
        ("{'a': 0}", "T"), ("[a for a in b]", "?"), ("nn.Linear(1, 2)", "T"), ("lambda: 0", "T"), ("unknown()", "?"),
        ("F.softmax(x, dim=1)", "?"), ("1 if unknown() else 2", "T"), ("1 if unknown() else 0", "?"),
        # comparisons
        ("1 == 1", "T"), ("1 == 2", "F"), ("1 != 2", "T"), ("'a' == 'a'", "T"), ("1 < 2", "T"), ("2 <= 1", "F"),
        ("1 == unknown()", "?"), ("unknown() == unknown()", "?"), ("unknown() < 1", "?"), ("1 < 2 < 3", "?"),
        ("None is None", "T"), ("None is not None", "F"), ("nn.Linear(1, 2) is None", "F"), ("unknown() is None", "?"),
        ("F.softmax(x, dim=1) is not None", "T"), ("nn.ReLU == nn.ReLU", "T"), ("nn.ReLU == nn.Tanh", "F"),
        ("0 is False", "F"), ("1 == True", "T"),
        # membership
        ("1 in [1, 2]", "T"), ("3 in (1, 2)", "F"), ("3 not in (1, 2)", "T"), ("1 in [1, unknown()]", "T"),
        ("3 in [1, unknown()]", "?"), ("'a' in {'a': 1}", "T"), ("'b' in {'a': 1}", "F"), ("'b' in {'a': 1, **c}", "?"),
        ("'a' in 'cab'", "T"), ("unknown() in [1]", "?"), ("1 in [a for a in b]", "?"),
        # types
        ("isinstance(1, int)", "T"), ("isinstance('a', int)", "F"), ("isinstance('a', (int, str))", "T"),
        ("isinstance([1], list)", "T"), ("isinstance((1,), list)", "F"), ("isinstance(unknown(), int)", "?"),
        ("isinstance({}, dict)", "T"), ("isinstance(nn.Linear(1, 2), nn.Linear)", "T"),
        ("isinstance(F.softmax(x, dim=1), torch.Tensor)", "T"), ("isinstance(F.softmax(x, dim=1), tuple)", "F"),
    ],
)  # fmt: skip
def test_truth(evaluate: Evaluate, text: str, expected: str) -> None:
    assert truth(evaluate(f"r = {text}")) is ANSWERS[expected]


@pytest.mark.parametrize(
    ("cls", "expected"), [("A", "T"), ("B", "T"), ("C", "F"), ("nn.Module", "T"), ("(C, A)", "T"), ("int", "?")]
)
def test_isinstance_of_an_object(evaluate: Evaluate, cls: str, expected: str) -> None:
    text = f"class A(nn.Module): pass\nclass B(A): pass\nclass C(B): pass\nr = isinstance(B(), {cls})\n"
    assert truth(evaluate(text)) is ANSWERS[expected]
