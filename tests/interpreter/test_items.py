"""Lists, tuples and dicts, element by element."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import Literal, Nothing, Unknown, Value

Evaluate = Callable[[str], Value]


def constants(value: Value) -> set[object]:
    """The constants that a value may be; `?` where it may be something unknown."""
    return {one.value.value if isinstance(one.value, Literal) else "?" for one in alternatives(value)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1, 2)[0]", {1}), ("(1, 2)[-1]", {2}), ("(1, 2)[5]", {"?"}), ("(1, 2)[-3]", {"?"}), ("[1, 2][n]", {1, 2}),
        ("[1, 2, 3][1:][0]", {2}), ("[1, 2, 3][:-1][-1]", {2}), ("[1, 2, 3][::-1][0]", {3}), ("[1, 2, 3][::2][1]", {3}),
        ("[1, 2, 3][n:][0]", {1, 2, 3}), ("[][0]", {"?"}), ("[][:1]", {"?"}),
        ("[1, *[2, 3]][2]", {3}), ("[1, *unknown()][0]", {1}), ("[*unknown(), 1][-1]", {1}),
        ("[*unknown(), 1][0]", {"?", 1}), ("[1, *unknown()][-1]", {"?", 1}),
        ("[1 for _ in s][0]", {1}), ("[1 for _ in s][7]", {1}), ("[1 for _ in s][1:][0]", {1}),
        ("([1] + [2])[1]", {2}), ("list((1, 2))[1]", {2}), ("list(reversed([1, 2]))[0]", {2}), ("sorted([2, 1])[0]", {1, 2}),  # noqa: E501
        ("{'a': 1}['a']", {1}), ("{'a': 1}['b']", {"?"}), ("{'a': 1, 'b': 2}[n]", {1, 2}),
        ("{'a': 1, 'a': 2}['a']", {2}), ("{'a': 1, **{'a': 2}}['a']", {2}), ("{**{'a': 2}, 'a': 1}['a']", {1}),
        ("{'a': 1, **unknown()}['a']", {"?", 1}), ("{**unknown(), 'a': 1}['a']", {1}), ("{n: 1}['a']", {1}),
        ("{'a': 1}.get('a')", {1}), ("{'a': 1}.get('b')", {None}), ("{'a': 1}.get('b', 2)", {2}),
        ("dict(a=1)['a']", {1}), ("dict([('a', 1)])['a']", {1}), ("{k: 1 for k in s}['a']", {1}),
        ("{1: 'a'}[True]", {"a"}), ("len([1, 2])", {2}), ("next(iter([1, 2]))", {1, 2}),
    ],
)  # fmt: skip
def test_an_item(evaluate: Evaluate, text: str, expected: set[object]) -> None:
    assert constants(evaluate(f"r = {text}")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r, _ = 1, 2", {1}),
        ("*_, r = 1, 2, 3", {3}),
        ("_, *a = 1, 2, 3\nr = a[1]", {3}),
        ("(_, (r, _)) = 1, (2, 3)", {2}),
        ("for r in (1, 2): pass", {1, 2}),
        ("for _, r in [(1, 2), (3, 4)]: pass", {2, 4}),
        ("a = [1]\na.append(2)\nr = a[1]", {2}),
        ("a = [1]\na.extend([2, 3])\nr = a[-1]", {3}),
        ("a = [1]\na.insert(0, 2)\nr = a[0]", {2}),
        ("a = [1]\na.insert(n, 2)\nr = a[0]", {1, 2}),
        ("a = [1]\na += [2]\nr = a[1]", {2}),
        ("a = [1, 2]\na[0] = 3\nr = a[0]", {3}),
        ("a = [1, 2]\na[n] = 3\nr = a[0]", {1, 2, 3}),
        ("a = [1]\nb = a\nr = b[0]", {1}),
        ("a = []\nfor i in s:\n    a.append(1)\nr = a[3]", {1}),
        ("a = [1]\nfor i in s:\n    a.append(2)\nr = a[0]", {1}),
        ("a = [1]\nfor i in s:\n    a.append(2)\nr = a[-1]", {1, 2}),
        ("a = {}\na['x'] = 1\nr = a['x']", {1}),
        ("a = {'x': 1}\na['x'] = 2\nr = a['x']", {2}),
        ("a = {'x': 1}\na[n] = 2\nr = a['x']", {1, 2}),
        ("a = {'x': 1}\na.update({'x': 2})\nr = a['x']", {2}),
        ("a = {'x': 1}\na.update(x=2)\nr = a['x']", {2}),
        ("a = {'x': 1}\na.setdefault('x', 2)\nr = a['x']", {1}),
        ("a = [1, 2, 3]\na.pop()\nr = a[-1]", {2}),
        ("a = [1, 2, 3]\ndel a[0]\nr = a[0]", {"?"}),
        ("a = [1, 2]\na.reverse()\nr = a[0]", {2}),
        ("a = [1, 2]\na.clear()\na.append(3)\nr = a[0]", {3}),
    ],
)
def test_after_a_statement(evaluate: Evaluate, text: str, expected: set[object]) -> None:
    assert constants(evaluate(text)) == expected


@pytest.mark.parametrize("text", ["[*unknown(), 1][1]", "[1, *unknown(), 2][1]", "[1, *unknown(), 2][-2]"])
def test_behind_any_number_of_items_each_may_stand(evaluate: Evaluate, text: str) -> None:
    assert "?" in constants(evaluate(f"r = {text}"))


def test_the_items_of_an_empty_list_are_none(evaluate: Evaluate) -> None:
    assert isinstance(evaluate("for r in []: pass"), Nothing | Unknown)
