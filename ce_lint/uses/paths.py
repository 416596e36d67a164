"""Where in a value scores are: in item 0, under a key, in a field."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from ce_lint.interpreter import attributes
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import (
    Instance,
    LibraryObject,
    Literal,
    Mapping,
    Nothing,
    Scores,
    Sequence,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import ScoreKind, Site
from ce_lint.ir.recipe import Act

MAX_DEPTH = 4


class Field(NamedTuple):
    """An attribute of an object."""

    name: str


class Any(enum.Enum):
    """An item that cannot be told."""

    ITEM = "any item"
    ENTRY = "any entry of a dict"


Key: TypeAlias = int | str | Field | Any
Path: TypeAlias = tuple[Key, ...]
"""From a value to the scores in it; empty where the value is the scores."""


def constant_key(node: ir.AnyNode) -> Key | None:
    """The key that a node is, where it is a constant that can be one."""
    if isinstance(node, ir.Constant) and isinstance(node.value, int | str) and not isinstance(node.value, bool):
        return node.value
    return None


def may_be(key: Key, asked: Key | None) -> bool:
    """May an item that is asked for by a key (None: not known) be the one under a key?"""
    if asked is None or isinstance(key, Any) or isinstance(asked, Any):
        return True
    if isinstance(key, int) and isinstance(asked, int):
        return key == asked or key < 0 or asked < 0
    if isinstance(key, Field) and isinstance(asked, int):
        return True  # an object whose fields have an order
    return (key.name if isinstance(key, Field) else key) == (asked.name if isinstance(asked, Field) else asked)


class Made(NamedTuple):
    """Scores as they were made."""

    origin: Site
    kind: ScoreKind

    def is_still(self, scores: Scores) -> bool:
        """Are these they, and nothing calculated from them?"""
        is_calculated = any(one.act is Act.ARITHMETIC for one in scores.performed)
        return scores.origin == self.origin and scores.kind is self.kind and not is_calculated


class Found(NamedTuple):
    """What a value may hold at a path."""

    ours: bool = False
    other: bool = False
    unknown: bool = False

    def __or__(self, other: object) -> Found:
        assert isinstance(other, Found)
        return Found(*(one or two for one, two in zip(self, other, strict=True)))


def look(machine: Machine, value: Value, path: Path, made: Made) -> Found:
    """Are the scores of an origin at a path in a value?"""
    found = Found()
    for one in alternatives(value):
        found |= _look(machine, one.value, path, made)
    return found


def _look(machine: Machine, value: Value, path: Path, made: Made) -> Found:
    if isinstance(value, Nothing) or value == Literal(None):
        return Found()
    if isinstance(value, Unknown):
        return Found(unknown=True)
    if not path:
        return Found(ours=True) if isinstance(value, Scores) and made.is_still(value) else Found(other=True)
    inside = list(_inside(machine, value, path[0]))
    if not inside:
        return Found(other=True)
    found = Found()
    for one in inside:
        found |= look(machine, one, path[1:], made)
    return found


def _inside(machine: Machine, value: Value, key: Key) -> Iterator[Value]:
    if isinstance(value, Sequence):
        for position, item in enumerate(value.items):
            if value.many or not isinstance(key, int) or position == key % max(len(value.items), 1):
                yield machine.force(item)
    elif isinstance(value, Mapping):
        wanted = key.name if isinstance(key, Field) else key
        for name, entry in value.entries:
            if isinstance(wanted, Any) or name == wanted:
                yield machine.force(entry)
        for entry in value.rest:
            yield machine.force(entry)
    elif isinstance(value, Instance | LibraryObject) and isinstance(key, Field):
        yield attributes.read(machine, value, key.name)


def paths_to(machine: Machine, value: Value, made: Made, depth: int = 0) -> Iterator[Path]:
    """Every path in a value at which the scores of an origin are."""
    for one in alternatives(value):
        inner = one.value
        if isinstance(inner, Scores) and made.is_still(inner):
            yield ()
        elif depth < MAX_DEPTH and isinstance(inner, Sequence):
            for position, item in enumerate(inner.items):
                key: Key = Any.ITEM if inner.many else position
                yield from ((key, *rest) for rest in paths_to(machine, machine.force(item), made, depth + 1))
        elif depth < MAX_DEPTH and isinstance(inner, Mapping):
            entries = [(name if isinstance(name, int | str) else Any.ENTRY, entry) for name, entry in inner.entries]
            for name, entry in [*entries, *((Any.ENTRY, entry) for entry in inner.rest)]:
                yield from ((name, *rest) for rest in paths_to(machine, machine.force(entry), made, depth + 1))
