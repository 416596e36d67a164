"""Items: subscripts, unpacking, iteration, and what assigning to an item changes."""

from __future__ import annotations

from msgspec.structs import replace

from ce_lint.interpreter import containers, names, recipes, transfers
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives, each, join, one_of
from ce_lint.interpreter.values import (
    Fresh,
    Instance,
    LibraryObject,
    Literal,
    Mapping,
    Nothing,
    Performed,
    Scores,
    Sequence,
    Thunk,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import ScoreKind
from ce_lint.ir.recipe import Act


def item(machine: Machine, frame: int, node: ir.Item) -> Value:
    """`object[key]`."""
    key = machine.node(frame, node.key)
    return each(machine.evaluate(frame, node.object), lambda value: _item(machine, frame, value, key, node.key))


def _item(machine: Machine, frame: int, value: Value, key: ir.AnyNode, index: int) -> Value:
    asked = Thunk(frame, index)
    if isinstance(value, Scores):
        indexed = Performed(Act.ITEM, "", names.passed([asked]))
        return recipes.after(_scores_item(machine, frame, value, key), indexed)
    if isinstance(value, Sequence):
        return recipes.picked(_sequence_item(machine, frame, value, key, index), value, asked)
    if isinstance(value, Mapping):
        return recipes.picked(_mapping_item(machine, value, machine.evaluate(frame, index)), value, asked)
    if isinstance(value, LibraryObject):
        return _library_item(machine, frame, value, key, index)
    if isinstance(value, Instance):
        return recipes.picked(_instance_item(machine, value, machine.evaluate(frame, index)), value, asked)
    if isinstance(value, Unknown):
        return Unknown(f"an item of {value.reason}", value.open)
    return value if isinstance(value, Fresh | Nothing) else Unknown("an item of something unknown")


def _scores_item(machine: Machine, frame: int, value: Scores, key: ir.AnyNode) -> Value:
    """Indexing picks samples or positions; a single class, or some of the classes, are no scores any more."""
    if not isinstance(key, ir.Display):
        return value
    dims = list(key.items)
    if value.kind is ScoreKind.LOGITS:
        is_part = any(_takes_part(machine.node(frame, one)) for one in dims[1:])
        return transfers.resized(value) if is_part else value
    class_positions = {value.dim if value.dim is not None and value.dim >= 0 else 1}
    if value.dim == -1:
        class_positions = {len(dims) - 1} if len(dims) > 2 else set()
    for position, part in enumerate(dims):
        syntax = machine.node(frame, part)
        whole = isinstance(syntax, ir.Slice) and syntax.lower is None and syntax.upper is None
        if position in class_positions and not whole:
            return Unknown("some of the classes' scores")
    return value


def _takes_part(key: ir.AnyNode) -> bool:
    """Does a key in a subscript pick some of a dimension: neither all of it nor one place?"""
    if isinstance(key, ir.Slice):
        return (key.lower, key.upper) != (None, None)
    return not isinstance(key, ir.Constant)


def _sequence_item(machine: Machine, frame: int, value: Sequence, key: ir.AnyNode, index: int) -> Value:
    if isinstance(key, ir.Slice):
        return _sliced(machine, frame, value, key)
    position = machine.evaluate(frame, index)
    if isinstance(position, Literal) and isinstance(position.value, int):
        found = _at(value, position.value)
        if found is not None:
            return machine.force(found)
        if not value.many:
            return Unknown("an item behind the end")
    return one_of(machine.force(one) for one in value.items) if value.items else Unknown("an item of an empty list")


def _at(value: Sequence, position: int) -> Thunk | Value | None:
    """The item at a position, where every item between it and the near end is there exactly once."""
    if position >= 0:
        between = range(min(position + 1, len(value.items)))
    else:
        between = range(max(len(value.items) + position, 0), len(value.items))
    in_range = -len(value.items) <= position < len(value.items)
    if in_range and not any(one in value.many for one in between):
        return value.items[position]
    return value.items[0] if len(value.items) == 1 else None


def _sliced(machine: Machine, frame: int, value: Sequence, key: ir.Slice) -> Value:
    if value.many:
        return value if len(value.items) == 1 else Sequence(value.items, frozenset(range(len(value.items))))
    bounds: list[int | None] = []
    for bound in (key.lower, key.upper, key.step):
        given = None if bound is None else machine.evaluate(frame, bound)
        if given is not None and not (isinstance(given, Literal) and isinstance(given.value, int)):
            return Sequence(value.items, frozenset(range(len(value.items))))
        number = given.value if isinstance(given, Literal) and isinstance(given.value, int) else None
        bounds.append(number)
    return Sequence(value.items[slice(*bounds)])


def _mapping_item(machine: Machine, value: Mapping, key: Value) -> Value:
    if isinstance(key, Literal):
        entries = dict(value.entries)
        if key.value in entries:
            return machine.force(entries[key.value])
        if not value.rest:
            return _by_position(machine, value, key)
        return one_of(machine.force(one) for one in value.rest)
    everything = [*(one for _, one in value.entries), *value.rest]
    return one_of(machine.force(one) for one in everything) if everything else Unknown("an item of an empty dict")


def _by_position(machine: Machine, value: Mapping, key: Literal) -> Value:
    """`output[0]` of a model output that is also read by name."""
    if isinstance(key.value, int) and -len(value.entries) <= key.value < len(value.entries):
        return machine.force(value.entries[key.value][1])
    return Unknown(f"the item {key.value!r}, which is not there")


def _library_item(machine: Machine, frame: int, value: LibraryObject, key: ir.AnyNode, index: int) -> Value:
    held = containers.held(machine, value)
    if isinstance(held, Sequence):
        found = _sequence_item(machine, frame, held, key, index)
        if isinstance(found, Sequence) and isinstance(key, ir.Slice):
            return replace(value, arguments=containers.as_arguments(found))
        return found
    if isinstance(held, Mapping):
        return _mapping_item(machine, held, machine.evaluate(frame, index))
    position = machine.evaluate(frame, index)
    keywords = [one for one in value.arguments if one.keyword]
    if isinstance(position, Literal):
        for one in keywords:
            if one.keyword == position.value:
                return machine.force(one.value)
    return Unknown(f"an item of {value.name}")


def _instance_item(machine: Machine, value: Instance, key: Value) -> Value:
    fields = machine.class_ir(value.cls).fields
    if isinstance(key, Literal) and isinstance(key.value, int) and -len(fields) <= key.value < len(fields):
        from ce_lint.interpreter.attributes import instance_attribute

        return instance_attribute(machine, value, fields[key.value][0])
    return Unknown("an item of an object")


def element(machine: Machine, frame: int, node: ir.Element) -> Value:
    """Any item of an iterable."""
    return each(machine.evaluate(frame, node.iterable), lambda value: any_item(machine, value))


def any_item(machine: Machine, value: Value) -> Value:
    """Any item of one alternative."""
    if isinstance(value, Scores):
        return recipes.after(value, Performed(Act.ITEM, "", names.passed([Literal(0)])))
    if isinstance(value, Sequence):
        found = join(machine.force(one) for one in value.items) if value.items else Nothing()
        return recipes.picked(found, value, Literal(0) if len(value.items) == 1 else Unknown("any item"))
    if isinstance(value, Mapping):
        return join(Literal(key) for key, _ in value.entries) if value.entries else Unknown("a key")
    if isinstance(value, LibraryObject):
        held = containers.held(machine, value)
        return any_item(machine, held) if held is not None else Unknown(f"an item of {value.name}")
    if isinstance(value, Unknown):
        return Unknown(f"an item of {value.reason}", value.open)
    return Unknown("an item of something unknown") if not isinstance(value, Nothing) else value


def set_item(machine: Machine, frame: int, node: ir.SetItem) -> Value:
    """An object after `object[key] = value`."""
    assigned = Thunk(frame, node.value)

    def changed(value: Value) -> Value:
        if isinstance(value, Mapping):
            key = machine.evaluate(frame, node.key)
            if isinstance(key, Literal):
                kept = tuple(entry for entry in value.entries if entry[0] != key.value)
                return Mapping((*kept, (key.value, assigned)), value.rest)
            return value.blurred(assigned)
        if isinstance(value, Sequence):
            return _sequence_with(machine, value, machine.evaluate(frame, node.key), assigned)
        if isinstance(value, LibraryObject):
            return _container_with(machine, value, machine.evaluate(frame, node.key), assigned)
        if isinstance(value, Scores):
            keeps_kind = _keeps_kind(value, machine.evaluate(frame, node.value))
            return recipes.assigned(value, frame, node) if keeps_kind else Unknown("scores partly replaced")
        if isinstance(value, Fresh):
            filled = [one.value for one in alternatives(machine.evaluate(frame, node.value))]
            scores = [one for one in filled if isinstance(one, Scores)]
            if len(scores) == 1 == len(filled):
                return recipes.collected(machine, scores[0], frame, node.key)
            return Unknown("a tensor filled item by item")
        return value

    return each(machine.evaluate(frame, node.object), changed)


def _keeps_kind(scores: Scores, assigned: Value) -> bool:
    """Are scores of the same kind after some of them were replaced? Constants mask, other scores mix."""
    kinds = {one.value.kind for one in alternatives(assigned) if isinstance(one.value, Scores)}
    return kinds <= {scores.kind}


def _sequence_with(machine: Machine, value: Sequence, key: Value, assigned: Thunk) -> Value:
    if isinstance(key, Literal) and isinstance(key.value, int) and not value.many:
        items = list(value.items)
        if -len(items) <= key.value < len(items):
            items[key.value] = assigned
            return Sequence(tuple(items), kind=value.kind)
    return Sequence((*value.items, assigned), frozenset(range(len(value.items) + 1)), value.kind)


def _container_with(machine: Machine, value: LibraryObject, key: Value, assigned: Thunk) -> Value:
    """A Sequential with one of its layers replaced."""
    held = containers.held(machine, value)
    if isinstance(held, Sequence):
        changed = _sequence_with(machine, held, key, assigned)
        if isinstance(changed, Sequence):
            return replace(value, arguments=containers.as_arguments(changed))
    return value if held is None else Unknown("a container with a layer replaced")
