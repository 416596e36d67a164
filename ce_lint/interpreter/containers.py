"""Modules that hold modules, and lists and dicts that grow: what is in them."""

from __future__ import annotations

from msgspec.structs import replace

from ce_lint.interpreter import names
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.values import (
    Arguments,
    LibraryObject,
    Literal,
    Mapping,
    Passed,
    Sequence,
    Thunk,
    Unknown,
    Value,
)


def held(machine: Machine, value: LibraryObject) -> Sequence | Mapping | None:
    """What a known container holds, in order; None where the object is none."""
    container = machine.knowledge.container(value.name)
    if container is None:
        return None
    if container.holds == "chain":
        return _chain(machine, value.arguments)
    given = _own_argument(machine, value.arguments)
    appended = [one.value for one in value.arguments if one.keyword == _APPENDED]
    if container.holds == "dict":
        entries = given if isinstance(given, Mapping) else Mapping((), ())
        return Mapping(entries.entries, (*entries.rest, *appended))
    items = given if isinstance(given, Sequence) else Sequence(())
    return Sequence((*items.items, *appended), items.many)


_REORDERING = frozenset(("pop", "popleft", "remove", "sort", "discard"))

_APPENDED = "<appended>"
"""The keyword under which a container keeps what was added to it after it was built."""


def _own_argument(machine: Machine, arguments: Arguments) -> Value | None:
    positional = [one.value for one in arguments if not one.keyword and one.stars == 0]
    return machine.force(positional[0]) if positional else None


def _chain(machine: Machine, arguments: Arguments) -> Sequence:
    """The links of a Sequential: `many` marks those of which there may be any number."""
    items: list[Thunk | Value] = []
    many: set[int] = set()
    for one in arguments:
        value = machine.force(one.value)
        if one.stars == 1:
            if isinstance(value, Sequence):
                many |= {len(items) + position for position in value.many}
                items += value.items
            else:
                many.add(len(items))
                items.append(Unknown("layers out of *args", value.open if isinstance(value, Unknown) else None))
        elif isinstance(value, Mapping):
            items += [entry for _, entry in value.entries]
            many |= {len(items) + position for position in range(len(value.rest))}
            items += value.rest
        else:
            items.append(one.value)
    return Sequence(tuple(items), frozenset(many))


def as_arguments(value: Sequence) -> Arguments:
    """A sequence's items as positional arguments."""
    return (Passed("", 1, value),)


def grown(machine: Machine, value: Value, method: str, arguments: Arguments) -> Value:
    """A list, dict or container after a method that adds to it; anything else as it was."""
    positional = names.positional_until_unknown(machine, arguments)
    if isinstance(value, Sequence):
        return _grown_list(machine, value, method, positional)
    if isinstance(value, Mapping):
        return _grown_dict(machine, value, method, positional, arguments)
    if isinstance(value, LibraryObject):
        return _grown_container(machine, value, method, positional)
    return value


def _grown_list(machine: Machine, value: Sequence, method: str, given: list[Thunk | Value]) -> Value:
    if method in ("append", "add") and len(given) == 1:
        return Sequence((*value.items, given[0]), value.many)
    if method == "extend" and len(given) == 1:
        more = machine.force(given[0])
        if isinstance(more, Sequence):
            shifted = {len(value.items) + position for position in more.many}
            return Sequence((*value.items, *more.items), value.many | shifted)
        return Sequence((*value.items, Unknown("more items")), value.many | {len(value.items)})
    if method in ("insert", "appendleft") and given:
        position = machine.force(given[0]) if method == "insert" else Literal(0)
        if position == Literal(0):
            return Sequence((given[-1], *value.items), frozenset(one + 1 for one in value.many))
        return Sequence((*value.items, given[-1]), frozenset(range(len(value.items) + 1)))
    return _shrunk_list(value, method, given)


def _shrunk_list(value: Sequence, method: str, given: list[Thunk | Value]) -> Value:
    """A list after a method that takes items out or moves them."""
    if method == "clear":
        return Sequence((), kind=value.kind)
    if method == "pop" and not given and value.items and len(value.items) - 1 not in value.many:
        return Sequence(value.items[:-1], value.many, value.kind)
    if method == "reverse":
        last = len(value.items) - 1
        return Sequence(value.items[::-1], frozenset(last - one for one in value.many), value.kind)
    if method in _REORDERING:
        return Sequence(value.items, frozenset(range(len(value.items))), value.kind)
    return value


def _grown_dict(
    machine: Machine, value: Mapping, method: str, given: list[Thunk | Value], arguments: Arguments
) -> Value:
    if method == "setdefault" and len(given) == 2:
        key = machine.force(given[0])
        if isinstance(key, Literal) and key.value not in dict(value.entries):
            return Mapping((*value.entries, (key.value, given[1])), value.rest)
    if method == "update":
        given_by_name = tuple((one.keyword, one.value) for one in arguments if one.keyword)
        after = updated(value, machine.force(given[0])) if given else value
        return updated(after, Mapping(given_by_name))
    if method == "clear":
        return Mapping(())
    if method in ("pop", "popitem"):
        return Unknown("what an entry was taken out of")
    return value


def updated(value: Mapping, more: Value) -> Mapping:
    """A dict after `update(more)`."""
    if not isinstance(more, Mapping):
        return value.blurred(Unknown("more entries", more.open if isinstance(more, Unknown) else None))
    before = value.blurred() if more.rest else value
    replaced = {key for key, _ in more.entries}
    kept = tuple(entry for entry in before.entries if entry[0] not in replaced)
    return Mapping(kept + more.entries, before.rest + more.rest)


def _grown_container(machine: Machine, value: LibraryObject, method: str, given: list[Thunk | Value]) -> Value:
    container = machine.knowledge.container(value.name)
    if container is None or not given:
        return value
    keyword = "" if container.holds == "chain" else _APPENDED
    if method in ("append", "add_module", "register_module"):
        return replace(value, arguments=(*value.arguments, Passed(keyword, 0, given[-1])))
    if method in ("extend", "update") and container.holds == "chain":
        return replace(value, arguments=(*value.arguments, Passed("", 1, given[0])))
    if method in ("pop", "clear"):
        return Unknown("a container that layers were taken out of")
    if method == "extend":
        return replace(value, arguments=(*value.arguments, Passed(_APPENDED, 0, Unknown("more layers"))))
    return value
