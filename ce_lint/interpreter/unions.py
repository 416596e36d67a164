"""Alternatives: how they are listed, mapped and joined."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

import msgspec

from ce_lint.interpreter.values import (
    Alternative,
    Assumption,
    Bound,
    Fresh,
    Literal,
    Mapping,
    Nothing,
    Open,
    Scores,
    Sequence,
    Union,
    Unknown,
    Value,
)

MAX_ALTERNATIVES = 12


def alternatives(value: Value) -> tuple[Alternative, ...]:
    """A value's alternatives; a plain value is its only one."""
    return value.alternatives if isinstance(value, Union) else (Alternative(value),)


def union(found: Iterable[Alternative]) -> Value:
    """The alternatives as one value: no value is dropped beside a value, and past the bound nothing is known."""
    flat: dict[Alternative, None] = {}
    for alternative in found:
        for inner in alternatives(alternative.value):
            assumptions = alternative.assumptions | inner.assumptions
            if consistent(assumptions):
                flat[Alternative(inner.value, assumptions, alternative.flags | inner.flags)] = None
    kept = [one for one in flat if not isinstance(one.value, Nothing)]
    if not kept:
        return Nothing()
    merged = _merge_equal(kept)
    if len(merged) > MAX_ALTERNATIVES:
        return Unknown("too many alternatives", next((v.open for v in map(_unknown, merged) if v), None))
    if len(merged) == 1:
        return merged[0].value
    return Union(tuple(merged))


def _unknown(alternative: Alternative) -> Unknown | None:
    return alternative.value if isinstance(alternative.value, Unknown) else None


def _merge_equal(found: list[Alternative]) -> list[Alternative]:
    """One alternative a value: what holds under either of two assumptions holds under what both share."""
    merged: dict[Value, Alternative] = {}
    for one in found:
        known = merged.get(one.value)
        if known is None:
            merged[one.value] = one
        else:
            flags = _either(known.flags, one.flags)
            longest = _longest(known.value, one.value)
            merged[one.value] = Alternative(longest, known.assumptions & one.assumptions, flags)
    return list(merged.values())


def _longest(one: Value, other: Value) -> Value:
    """Of two ways of the same scores the longer: nothing that may have been done to them is left out of it."""
    if isinstance(one, Scores) and isinstance(other, Scores) and len(other.performed) > len(one.performed):
        return other
    return one


def _either(one: frozenset[Assumption], other: frozenset[Assumption]) -> frozenset[Assumption]:
    """The flags of what one of two sets of flags gives: none where one set is met whenever the other is not."""
    shared = one & other
    left, right = one - shared, other - shared
    opposite = {flag._replace(holds=not flag.holds) for flag in left} == set(right)
    if not left or not right or (opposite and len(left) == 1):
        return shared
    return one


def consistent(assumptions: frozenset[Assumption]) -> bool:
    """Does no condition hold and not hold?"""
    return len({(one.frame, one.condition) for one in assumptions}) == len(assumptions)


def each(value: Value, function: Callable[[Value], Value]) -> Value:
    """A function applied to every alternative."""
    if not isinstance(value, Union):
        return function(value)
    return union(msgspec.structs.replace(one, value=function(one.value)) for one in value.alternatives)


def join(values: Iterable[Value]) -> Value:
    """Any one of the values, without a condition that says which."""
    return union(Alternative(value) for value in values)


def without_placeholders(value: Value) -> Value:
    """The alternatives that are not None or unbound, where there are others."""
    kept = [one for one in alternatives(value) if one.value != Literal(None)]
    return union(kept) if kept else value


def one_of(values: Iterable[Value]) -> Value:
    """One of the values, picked by a key that is not known: of models each counts, of scores none may be told."""
    return union(Alternative(value, flags=_UNKNOWN_KEY if _is_tensor(value) else frozenset()) for value in values)


def undecided(values: Iterable[Value]) -> Value:
    """One of the values, by what was run before: none of them may be told."""
    return union(Alternative(value, flags=_UNKNOWN_KEY) for value in values)


_UNKNOWN_KEY = frozenset((Assumption(-1, -1, holds=True),))


def _is_tensor(value: Value) -> bool:
    return any(isinstance(one.value, Scores | Unknown | Sequence | Mapping) for one in alternatives(value))


def rounds(before: Value, after: list[Value], key: tuple[int, int]) -> Value:
    """A variable at a loop's head: what waited to be filled is filled, lists of any length are one list.

    `key` is the frame and node of the variable: whether there was a round is an assumption like any other.
    """
    later = [value for value in after if value != before]
    if not later:
        return functools.reduce(_longest, after, before)
    if isinstance(before, Fresh | Nothing) or before == Literal(None):
        return join(later)
    if isinstance(before, Literal) and isinstance(before.value, int | float) and not isinstance(before.value, bool):
        return Unknown("a number that a loop changes")
    if isinstance(before, Sequence) and all(isinstance(value, Sequence) for value in later):
        return _any_length(before, [value for value in later if isinstance(value, Sequence)])
    skipped, ran = (frozenset((Assumption(*key, holds=holds),)) for holds in (False, True))
    found = [(before, skipped), *((value, ran) for value in later)]
    return union(Alternative(value, when, when if _is_tensor(value) else frozenset()) for value, when in found)


def _any_length(before: Sequence, later: list[Sequence]) -> Sequence:
    """A list that the rounds of a loop change: what it begins with, and any number of what they leave."""
    if all(value.items[: len(before.items)] == before.items for value in later):
        kept = before.items
        added = [item for value in later for item in value.items[len(kept) :]]
        many = before.many | frozenset(range(len(kept), len(kept) + len(added)))
        return Sequence((*kept, *added), many, before.kind)
    everything = list(dict.fromkeys([*before.items, *(item for value in later for item in value.items)]))
    return Sequence(tuple(everything), frozenset(range(len(everything))), before.kind)


def first_open(value: Value) -> Open | None:
    """What is open in a value, in any of its alternatives."""
    for one in alternatives(value):
        inner = one.value
        if isinstance(inner, Unknown) and inner.open is not None:
            return inner.open
        if isinstance(inner, Bound) and isinstance(inner.receiver, Unknown) and inner.receiver.open is not None:
            return inner.receiver.open
    return None
