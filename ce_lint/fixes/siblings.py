"""What else a result holds: `logits` beside `probabilities`, by index, key or attribute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst

from ce_lint.fixes.chains import Link
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import Instance, Literal, Mapping, Nothing, Passed, Sequence, Thunk, Value
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ParameterKind

MAX_CALLS = 14
"""How far a parameter is followed up to what was passed for it."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """An item of a result that is read beside another."""

    holder: int
    """The node of the result."""
    key: int | str
    is_attribute: bool
    size: int
    """How many items a sequence has; 0 for what has none."""

    def is_read_by(self, nodes: tuple[ir.AnyNode, ...], index: int) -> bool:
        """Is a node this item of the result?"""
        node = nodes[index]
        if isinstance(node, ir.Attribute):
            return node.object == self.holder and node.name == self.key
        if not isinstance(node, ir.Item) or node.object != self.holder or self.is_attribute:
            return False
        key = nodes[node.key]
        if not isinstance(key, ir.Constant) or isinstance(key.value, bool):
            return False
        same = key.value == self.key
        return same or (bool(self.size) and isinstance(key.value, int) and key.value + self.size == self.key)

    def of(self, path: str) -> str:
        """The item of what a variable holds."""
        return (
            f"{path}.{self.key}"
            if self.is_attribute
            else f'{path}["{self.key}"]'
            if isinstance(self.key, str)
            else f"{path}[{self.key}]"
        )

    def instead(self, module: ModuleSyntax, read: cst.BaseExpression) -> str | None:
        """This item where another is read: `output["logits"]` for `output["probabilities"]`."""
        if isinstance(read, cst.Attribute) and self.is_attribute:
            return f"{module.source(read.value)}.{self.key}"
        if not isinstance(read, cst.Subscript) or self.is_attribute or len(read.slice) != 1:
            return None
        index = read.slice[0].slice
        if not isinstance(index, cst.Index):
            return None
        quote = index.value.quote if isinstance(index.value, cst.SimpleString) else '"'
        key = f"{quote}{self.key}{quote}" if isinstance(self.key, str) else str(self.key)
        return f"{module.source(read.value)}[{key}]"


def sibling(
    project: ProjectSyntax, frame: int, read: Link, activated: Callable[[Value], Thunk | None]
) -> Sibling | None:
    """The item beside the one that is read which holds what that was made of, in every result that can be meant."""
    machine = project.machine
    node = machine.node(frame, read.node)
    if not isinstance(node, ir.Item | ir.Attribute):
        return None
    is_attribute = isinstance(node, ir.Attribute)
    key = node.name if isinstance(node, ir.Attribute) else _constant(machine, frame, node.key)
    results = [one.value for one in alternatives(machine.evaluate(frame, node.object))]
    found: set[tuple[int | str, int] | None] = set()
    for result in results:
        if result in (Nothing(), Literal(None)):
            continue
        held = _entries(machine, result, key, is_attribute=is_attribute)
        found.add(None if held is None or key is None else _beside(machine, *held, key, activated))
    other = found.pop() if len(found) == 1 else None
    return None if other is None else Sibling(node.object, other[0], is_attribute, other[1])


def _constant(machine: Machine, frame: int, key: int) -> int | str | None:
    value = machine.evaluate(frame, key)
    plain = isinstance(value, Literal) and isinstance(value.value, int | str) and not isinstance(value.value, bool)
    return value.value if plain and isinstance(value, Literal) and isinstance(value.value, int | str) else None


_Entries = list[tuple[int | str, "Thunk | Value"]]


def _entries(
    machine: Machine, result: Value, key: int | str | None, *, is_attribute: bool
) -> tuple[_Entries, int] | None:
    """What a result holds under which keys, and how many items it has by position."""
    if isinstance(result, Sequence) and not result.many and not is_attribute:
        return list(enumerate(result.items)), len(result.items)
    if isinstance(result, Mapping) and not result.rest and isinstance(key, str):
        return [(name, value) for name, value in result.entries if isinstance(name, str)], 0
    if isinstance(result, Instance):
        named = _fields(machine, result)
        if is_attribute:
            return named, 0
        return [(number, value) for number, (_, value) in enumerate(named)], len(named)
    return None


def _beside(
    machine: Machine, entries: _Entries, size: int, key: int | str, activated: Callable[[Value], Thunk | None]
) -> tuple[int | str, int] | None:
    """The key of the item that holds what the item under another was made of, and how many items there are."""
    own = key + size if isinstance(key, int) and key < 0 else key
    wanted = [activated(machine.force(value)) for name, value in entries if name == own]
    if len(wanted) != 1 or wanted[0] is None:
        return None
    same = [name for name, value in entries if isinstance(value, Thunk) and resolved(machine, value) == wanted[0]]
    return (same[0], size) if same else None


def _fields(machine: Machine, instance: Instance) -> _Entries:
    """What a dataclass or NamedTuple was built with, field by field."""
    order = [name for name, _ in machine.class_ir(instance.cls).fields]
    if instance.arguments is None or instance.overrides:
        return []
    found: _Entries = []
    for position, name in enumerate(order):
        given = _given(instance.arguments, name, position)
        if given is None:
            return []
        found.append((name, given.value))
    return found


def _given(arguments: tuple[Passed, ...], name: str, position: int) -> Passed | None:
    if any(one.stars for one in arguments):
        return None
    positional = [one for one in arguments if not one.keyword]
    named = next((one for one in arguments if one.keyword == name), None)
    return named or (positional[position] if position < len(positional) else None)


def resolved(machine: Machine, value: Thunk | None) -> Thunk | None:
    """A value followed up to where it is made: to what was passed for a parameter, to what was put there as an item."""
    for _ in range(MAX_CALLS):
        if value is None:
            return None
        node = machine.node(value.frame, value.node)
        above = None
        if isinstance(node, ir.Parameter):
            above = _passed(machine, value.frame, node.name)
        elif isinstance(node, ir.Item):
            above = _put_there(machine, value.frame, node)
        if above is None:
            return value
        value = above
    return None


def _put_there(machine: Machine, frame: int, node: ir.Item) -> Thunk | None:
    holder, key = machine.evaluate(frame, node.object), _constant(machine, frame, node.key)
    found: object = None
    if isinstance(holder, Mapping) and not holder.rest:
        found = dict(holder.entries).get(key)
    elif isinstance(holder, Sequence) and not holder.many and isinstance(key, int):
        found = holder.items[key] if -len(holder.items) <= key < len(holder.items) else None
    return found if isinstance(found, Thunk) else None


def _passed(machine: Machine, frame: int, name: str) -> Thunk | None:
    entered = machine.frames[frame]
    function = machine.function_ir(entered.definition)
    if entered.arguments is None:
        return None
    positional = [one.name for one in function.parameters if one.kind is ParameterKind.POSITIONAL]
    if entered.receiver is not None:
        positional = positional[1:]
    position = positional.index(name) if name in positional else len(entered.arguments)
    given = _given(entered.arguments, name, position)
    return given.value if given is not None and isinstance(given.value, Thunk) else None
