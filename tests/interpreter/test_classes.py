"""The order in which attributes are looked up is Python's own: both are asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.interpreter.values import Literal, Value

Evaluate = Callable[[str], Value]

HIERARCHIES = {
    "diamond": "class A: v = 'A'\nclass B(A): pass\nclass C(A): v = 'C'\nclass D(B, C): pass\n",
    "diamond, left first": "class A: v = 'A'\nclass B(A): v = 'B'\nclass C(A): v = 'C'\nclass D(B, C): pass\n",
    "two roots": "class A: v = 'A'\nclass B: v = 'B'\nclass C(A): pass\nclass D(C, B): pass\n",
    "deep before right": "class A: v = 'A'\nclass B(A): pass\nclass C: v = 'C'\nclass D(B, C): pass\n",
    "two diamonds": (
        "class O: v = 'O'\nclass A(O): pass\nclass B(O): v = 'B'\nclass E(O): v = 'E'\n"
        "class X(A, B): pass\nclass Y(A, E): pass\nclass D(X, Y): pass\n"
    ),
    "order of C3": (
        "class O: pass\nclass A(O): v = 'A'\nclass B(O): v = 'B'\nclass C(O): v = 'C'\n"
        "class K1(C, A): pass\nclass K2(A, B): pass\nclass K3(B, O): v = 'K3'\nclass D(K1, K2, K3): pass\n"
    ),
    "mixin": "class M: v = 'M'\nclass A: v = 'A'\nclass D(M, A): pass\n",
    "C3 differs from the last place": (
        "class A: v = 'A'\nclass B: v = 'B'\nclass X(A): pass\nclass Y(A, B): pass\nclass D(X, Y, B): pass\n"
    ),
}  # fmt: skip


def in_python(text: str) -> object:
    names: dict[str, object] = {}
    exec(text, names)  # noqa: S102 - the texts are those above
    return names["r"]


@pytest.mark.parametrize("name", HIERARCHIES)
def test_attributes(evaluate: Evaluate, name: str) -> None:
    text = HIERARCHIES[name] + "r = D().v\n"
    assert evaluate(text) == Literal(in_python(text))  # type: ignore[arg-type]


def test_super_follows_the_order_of_the_object(evaluate: Evaluate) -> None:
    text = (
        "class A:\n    def m(self): return 'A'\n"
        "class B(A):\n    def m(self): return super().m()\n"
        "class C(A):\n    def m(self): return 'C'\n"
        "class D(B, C):\n    pass\n"
        "r = D().m()\n"
    )
    assert evaluate(text) == Literal(in_python(text))  # type: ignore[arg-type]


def test_constructors_hand_their_arguments_on(evaluate: Evaluate) -> None:
    text = (
        "class A:\n    def __init__(self, v): self.v = v\n"
        "class B(A):\n    def __init__(self, w): super().__init__(w)\n"
        "class C(B):\n    def __init__(self): super().__init__('given')\n"
        "r = C().v\n"
    )
    assert evaluate(text) == Literal(in_python(text))  # type: ignore[arg-type]
