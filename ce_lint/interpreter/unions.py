"""Alternatives: how they are listed, mapped and joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

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
            merged[one.value] = Alternative(one.value, known.assumptions & one.assumptions, known.flags & one.flags)
    return list(merged.values())


def consistent(assumptions: frozenset[Assumption]) -> bool:
    """Does no condition hold and not hold?"""
    return len({(one.frame, one.condition) for one in assumptions}) == len(assumptions)


def each(value: Value, function: Callable[[Value], Value]) -> Value:
    """A function applied to every alternative."""
    if not isinstance(value, Union):
        return function(value)
    return union(replace(one, value=function(one.value)) for one in value.alternatives)


def join(values: Iterable[Value]) -> Value:
    """Any one of the values, without a condition that says which."""
    return union(Alternative(value) for value in values)


def without_placeholders(value: Value) -> Value:
    """The alternatives that are not None or unbound, where there are others."""
    kept = [one for one in alternatives(value) if one.value != Literal(None)]
    return union(kept) if kept else value


def rounds(before: Value, after: list[Value]) -> Value:
    """A variable at a loop's head: what waited to be filled is filled, lists of any length are one list."""
    later = [value for value in after if value != before]
    if not later:
        return before
    if isinstance(before, Fresh | Nothing) or before == Literal(None):
        return join(later)
    if isinstance(before, Sequence) and all(isinstance(value, Sequence) for value in later):
        longest = max((value for value in later if isinstance(value, Sequence)), key=lambda value: len(value.items))
        many = longest.many | frozenset(range(len(before.items), len(longest.items)))
        return Sequence(longest.items, many)
    return join([before, *later])


def agreed(value: Value) -> Value:
    """Scores of one kind where all alternatives are of it; else unknown, since a flag decides."""
    found = alternatives(value)
    kinds = {one.value.kind if isinstance(one.value, Scores) else None for one in found}
    if len(found) > 1 and len(kinds) == 1 and None not in kinds:
        return found[0].value
    return value
