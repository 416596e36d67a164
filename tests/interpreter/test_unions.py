"""The laws of alternatives, on every combination of sample values."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product

import pytest

from ce_lint.interpreter.unions import (
    MAX_ALTERNATIVES,
    alternatives,
    consistent,
    each,
    join,
    rounds,
    union,
    without_placeholders,
)
from ce_lint.interpreter.values import (
    Alternative,
    Assumption,
    Fresh,
    Literal,
    Nothing,
    Scores,
    Sequence,
    Union,
    Unknown,
    Value,
)
from ce_lint.ir.kinds import ScoreKind

HOLDS, FAILS, OTHER = Assumption(0, 1, True), Assumption(0, 1, False), Assumption(0, 2, True)
SOFTMAX, LINEAR = Scores(ScoreKind.PROBABILITIES), Scores(ScoreKind.LOGITS)
VALUES: list[Value] = [
    Nothing(),
    Literal(None),
    Literal(1),
    Literal("a"),
    Unknown("why"),
    SOFTMAX,
    LINEAR,
    Sequence((LINEAR,)),
    union([Alternative(SOFTMAX, frozenset({HOLDS})), Alternative(LINEAR, frozenset({FAILS}))]),
    union([Alternative(Literal(1), frozenset({OTHER})), Alternative(SOFTMAX)]),
]


def as_set(value: Value) -> frozenset[Alternative]:
    return frozenset(alternatives(value))


@pytest.mark.parametrize("value", VALUES)
def test_joining_a_value_with_itself_changes_nothing(value: Value) -> None:
    assert as_set(join([value, value])) == as_set(value)


@pytest.mark.parametrize("values", list(product(VALUES, repeat=2)))
def test_the_order_does_not_matter(values: tuple[Value, ...]) -> None:
    assert len({as_set(join(order)) for order in permutations(values)}) == 1


@pytest.mark.parametrize("values", list(product(VALUES[:7], repeat=3)))
def test_the_grouping_does_not_matter(values: tuple[Value, Value, Value]) -> None:
    one, other, third = values
    assert as_set(join([join([one, other]), third])) == as_set(join([one, join([other, third])]))


@pytest.mark.parametrize("value", VALUES)
def test_nothing_disappears_beside_a_value(value: Value) -> None:
    assert as_set(join([Nothing(), value])) == as_set(value)


def test_nothing_alone_stays() -> None:
    assert [join([]), join([Nothing()]), join([Nothing(), Nothing()])] == [Nothing()] * 3


def test_one_alternative_is_a_plain_value() -> None:
    assert union([Alternative(SOFTMAX, frozenset({HOLDS}))]) == SOFTMAX


def test_a_union_is_flat() -> None:
    inner = join([SOFTMAX, Literal(1)])
    assert {type(one.value) for one in alternatives(join([inner, LINEAR]))} == {Scores, Literal}


@pytest.mark.parametrize(
    ("count", "expected"), [(2, Union), (MAX_ALTERNATIVES, Union), (MAX_ALTERNATIVES + 1, Unknown)]
)
def test_a_union_is_bounded(count: int, expected: type[Value]) -> None:
    assert type(join(Literal(number) for number in range(count))) is expected


def test_the_bound_counts_different_values() -> None:
    assert join([Literal(1)] * (MAX_ALTERNATIVES + 1)) == Literal(1)


def test_what_holds_and_does_not_hold_vanishes() -> None:
    inner = union([Alternative(SOFTMAX, frozenset({HOLDS})), Alternative(LINEAR, frozenset({FAILS}))])
    assert union([Alternative(inner, frozenset({HOLDS}))]) == SOFTMAX


@pytest.mark.parametrize(
    ("assumptions", "expected"),
    [
        (set(), True),
        ({HOLDS}, True),
        ({HOLDS, OTHER}, True),
        ({HOLDS, FAILS}, False),
        ({HOLDS, Assumption(1, 1, False)}, True),
    ],
)
def test_consistent(assumptions: set[Assumption], expected: bool) -> None:
    assert consistent(frozenset(assumptions)) is expected


def test_of_equal_values_only_the_shared_assumptions_stay() -> None:
    both = union(
        [
            Alternative(SOFTMAX, frozenset({HOLDS, OTHER}), frozenset({HOLDS, OTHER})),
            Alternative(SOFTMAX, frozenset({FAILS, OTHER}), frozenset({FAILS, OTHER})),
            Alternative(LINEAR),
        ]
    )
    shared = frozenset({OTHER})
    assert as_set(both) == {Alternative(SOFTMAX, shared, shared), Alternative(LINEAR)}


def constant(_: Value) -> Value:
    return LINEAR


def wrapped(value: Value) -> Value:
    return Sequence((value,))


def two(value: Value) -> Value:
    return join([value, Literal("two")])


@pytest.mark.parametrize("function", [constant, wrapped, two])
@pytest.mark.parametrize("values", list(product([value for value in VALUES if value != Nothing()], repeat=2)))
def test_each_distributes_over_join(values: tuple[Value, Value], function: Callable[[Value], Value]) -> None:
    one, other = values
    apart = join([each(one, function), each(other, function)])
    together = each(join([one, other]), function)
    assert {a.value for a in alternatives(together)} == {a.value for a in alternatives(apart)}


@pytest.mark.parametrize("value", VALUES)
def test_each_of_the_identity_is_the_identity(value: Value) -> None:
    assert as_set(each(value, lambda one: one)) == as_set(value)


def test_each_keeps_the_assumptions() -> None:
    assert as_set(each(VALUES[8], wrapped)) == {
        Alternative(Sequence((SOFTMAX,)), frozenset({HOLDS})),
        Alternative(Sequence((LINEAR,)), frozenset({FAILS})),
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([Literal(None), SOFTMAX], SOFTMAX),
        ([Literal(None)], Literal(None)),
        ([Literal(0), SOFTMAX], join([Literal(0), SOFTMAX])),
    ],
)
def test_without_placeholders(values: list[Value], expected: Value) -> None:
    assert without_placeholders(join(values)) == expected


KEY = (7, 8)
SKIPPED, RAN = (frozenset((Assumption(*KEY, holds=holds),)) for holds in (False, True))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (SOFTMAX, [], SOFTMAX),
        (SOFTMAX, [SOFTMAX], SOFTMAX),
        (Nothing(), [SOFTMAX], SOFTMAX),
        (Literal(None), [SOFTMAX], SOFTMAX),
        (Fresh(), [SOFTMAX], SOFTMAX),
        (LINEAR, [SOFTMAX], Union((Alternative(LINEAR, SKIPPED, SKIPPED), Alternative(SOFTMAX, RAN, RAN)))),
        (Literal(0), [Literal(1)], Unknown("a number that a loop changes")),
        (Sequence(()), [Sequence((SOFTMAX,))], Sequence((SOFTMAX,), frozenset({0}))),
        (Sequence((LINEAR,)), [Sequence((LINEAR, SOFTMAX))], Sequence((LINEAR, SOFTMAX), frozenset({1}))),
    ],
)
def test_a_variable_at_a_loops_head(before: Value, after: list[Value], expected: Value) -> None:
    assert rounds(before, after, KEY) == expected


def test_rounds_that_leave_different_lists_lose_none_of_their_items() -> None:
    found = rounds(Sequence(()), [Sequence((SOFTMAX,)), Sequence((LINEAR,))], KEY)
    held = {item for one in alternatives(found) if isinstance(one.value, Sequence) for item in one.value.items}
    assert held == {SOFTMAX, LINEAR}
