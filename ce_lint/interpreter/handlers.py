"""The table: what each kind of node means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ce_lint.interpreter import attributes, calls, conditions, containers, items, loops, names, results, transfers
from ce_lint.interpreter.machine import Handler, Machine
from ce_lint.interpreter.unions import each
from ce_lint.interpreter.values import (
    ClassValue,
    Definition,
    Fresh,
    FunctionValue,
    Instance,
    LibraryObject,
    Literal,
    Mapping,
    Nothing,
    Scores,
    Sequence,
    Thunk,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir

_Node = TypeVar("_Node", bound=ir.AnyNode)


def _constant(_machine: Machine, _frame: int, node: ir.Constant) -> Value:
    return Literal(node.value)


def _opaque(_machine: Machine, _frame: int, node: ir.Opaque) -> Value:
    return Unknown(node.why)


def _unbound(_machine: Machine, _frame: int, _node: ir.Unbound) -> Value:
    return Nothing()


def _slice(_machine: Machine, _frame: int, _node: ir.Slice) -> Value:
    return Unknown("a slice")


def _display(machine: Machine, frame: int, node: ir.Display) -> Value:
    parts: list[Thunk | Value] = []
    many: set[int] = set()
    for position, item in enumerate(node.items):
        if position not in node.starred:
            parts.append(Thunk(frame, item))
            continue
        spread = machine.evaluate(frame, item)
        if isinstance(spread, Sequence):
            many |= {len(parts) + one for one in spread.many}
            parts += spread.items
        else:
            many.add(len(parts))
            parts.append(Unknown("items out of a star"))
    return Sequence(tuple(parts), frozenset(many), node.kind)


def _dictionary(machine: Machine, frame: int, node: ir.Dictionary) -> Value:
    built = Mapping(())
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            more = machine.evaluate(frame, value)
            built = containers.updated(built, more)
            continue
        name = machine.evaluate(frame, key)
        thunk = Thunk(frame, value)
        if isinstance(name, Literal):
            built = containers.updated(built, Mapping(((name.value, thunk),)))
        else:
            built = built.blurred(thunk)
    return built


def _collect(_machine: Machine, frame: int, node: ir.Collect) -> Value:
    if node.kind == "dict":
        return Mapping((), (Thunk(frame, node.element),))
    return Sequence((Thunk(frame, node.element),), frozenset({0}))


def _enter(machine: Machine, frame: int, node: ir.Enter) -> Value:
    machine.evaluate(frame, node.manager)
    return Unknown("what a with statement binds")


def _binary(machine: Machine, frame: int, node: ir.Binary) -> Value:
    left, right = machine.evaluate(frame, node.left), machine.evaluate(frame, node.right)
    return each(left, lambda one: each(right, lambda other: transfers.binary(node.operator, one, other)))


def _unary(_machine: Machine, _frame: int, _node: ir.Unary) -> Value:
    return Unknown("the result of arithmetic")


def _matches(_machine: Machine, _frame: int, _node: ir.Matches) -> Value:
    return Unknown("whether a pattern matches")


def _set_attribute(machine: Machine, frame: int, node: ir.SetAttribute) -> Value:
    def changed(value: Value) -> Value:
        if isinstance(value, Instance | LibraryObject):
            return _with_override(value, node.name, Thunk(frame, node.value))
        if isinstance(value, Mapping):
            kept = tuple(entry for entry in value.entries if entry[0] != node.name)
            return Mapping((*kept, (node.name, Thunk(frame, node.value))), value.rest)
        if isinstance(value, ClassValue | Scores):
            return Unknown("something whose attributes were set from outside")
        return value

    return each(machine.evaluate(frame, node.object), changed)


def _with_override(value: Instance | LibraryObject, name: str, thunk: Thunk) -> Value:
    overrides = (*(entry for entry in value.overrides if entry[0] != name), (name, thunk))
    if isinstance(value, Instance):
        return Instance(value.cls, value.arguments, value.site, value.training, overrides)
    return LibraryObject(value.name, value.arguments, value.site, value.training, overrides)


def _mutate(machine: Machine, frame: int, node: ir.Mutate) -> Value:
    call = machine.node(frame, node.call)
    assert isinstance(call, ir.Call)
    arguments = machine.arguments(frame, call)

    def changed(value: Value) -> Value:
        if node.method.endswith("_"):
            # In place: a tensor is what the method gives.
            return machine.evaluate(frame, node.call) if isinstance(value, Scores | Fresh | Unknown) else value
        if node.method in ("train", "eval") and isinstance(value, Instance | LibraryObject):
            return calls.in_mode(machine, value, node.method, arguments)
        return containers.grown(machine, value, node.method, arguments)

    return each(machine.evaluate(frame, node.object), changed)


def _function(machine: Machine, frame: int, node: ir.Function) -> Value:
    definition = Definition(machine.frames[frame].definition.path, node.index)
    return FunctionValue(definition, frame)


def _class(machine: Machine, frame: int, node: ir.Class) -> Value:
    return ClassValue(Definition(machine.frames[frame].definition.path, node.index), frame)


def _row(kind: type[_Node], function: Callable[[Machine, int, _Node], Value]) -> tuple[type[ir.Node], Handler]:
    """One row of the table, for a meaning that does not depend on the node's place."""

    def handler(machine: Machine, frame: int, _index: int, node: ir.AnyNode) -> Value:
        assert isinstance(node, kind)
        return function(machine, frame, node)

    return kind, handler


def _call(machine: Machine, frame: int, index: int, node: ir.AnyNode) -> Value:
    assert isinstance(node, ir.Call)
    return calls.call(machine, frame, index, node)


def _loop(machine: Machine, frame: int, index: int, node: ir.AnyNode) -> Value:
    assert isinstance(node, ir.Loop)
    return loops.loop(machine, frame, index, node)


HANDLERS: dict[type[ir.Node], Handler] = {
    ir.Call: _call,
    ir.Loop: _loop,
    **dict(
        (
            _row(ir.Constant, _constant),
            _row(ir.Opaque, _opaque),
            _row(ir.Unbound, _unbound),
            _row(ir.Parameter, names.parameter),
            _row(ir.Free, names.free),
            _row(ir.Import, names.imported),
            _row(ir.Attribute, attributes.attribute),
            _row(ir.Item, items.item),
            _row(ir.Slice, _slice),
            _row(ir.Display, _display),
            _row(ir.Dictionary, _dictionary),
            _row(ir.Collect, _collect),
            _row(ir.Element, items.element),
            _row(ir.Enter, _enter),
            _row(ir.Choice, results.choice),
            _row(ir.Binary, _binary),
            _row(ir.Unary, _unary),
            _row(ir.Not, conditions.negation),
            _row(ir.Boolean, conditions.boolean),
            _row(ir.Compare, conditions.compare),
            _row(ir.Matches, _matches),
            _row(ir.SetAttribute, _set_attribute),
            _row(ir.SetItem, items.set_item),
            _row(ir.Mutate, _mutate),
            _row(ir.Function, _function),
            _row(ir.Class, _class),
        )
    ),
}
