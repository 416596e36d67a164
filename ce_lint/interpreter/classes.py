"""Classes: their ancestry, and what they define."""

from __future__ import annotations

from collections.abc import Iterator

from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import ClassValue, Definition, FunctionValue, Library, Value
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ModuleIR

MAX_ANCESTORS = 30


def ancestry(machine: Machine, cls: ClassValue) -> tuple[ClassValue, ...]:
    """The class and its ancestors of the project, in the order in which attributes are looked up.

    Depth first, and of an ancestor met twice only the last place counts: the order of Python's own rule
    wherever that one accepts the classes.
    """
    return machine.answer(machine.ancestries, cls, (cls,), lambda: _ancestry(machine, cls))


def _ancestry(machine: Machine, cls: ClassValue) -> tuple[ClassValue, ...]:
    found: list[ClassValue] = []
    _collect(machine, cls, found, frozenset())
    last = {one.definition: position for position, one in enumerate(found)}
    return tuple(one for position, one in enumerate(found) if last[one.definition] == position)


def _collect(machine: Machine, cls: ClassValue, found: list[ClassValue], above: frozenset[Definition]) -> None:
    if cls.definition in above or len(found) > MAX_ANCESTORS:
        return
    found.append(cls)
    for base in bases(machine, cls):
        if isinstance(base, ClassValue):
            _collect(machine, base, found, above | {cls.definition})


def bases(machine: Machine, cls: ClassValue) -> Iterator[Value]:
    """The values of a class's bases."""
    for node in machine.class_ir(cls).bases:
        value = machine.evaluate(cls.frame, node)
        for one in alternatives(value):
            yield one.value


def library_bases(machine: Machine, cls: ClassValue) -> tuple[str, ...]:
    """The qualified names of the library classes among the ancestors."""
    names = [
        machine.knowledge.canonical(base.name)
        for one in ancestry(machine, cls)
        for base in bases(machine, one)
        if isinstance(base, Library)
    ]
    return tuple(dict.fromkeys(names))


def class_member(machine: Machine, cls: ClassValue, name: str, after: Definition | None = None) -> Value | None:
    """What the class body, or that of an ancestor, gives to a name; `after` starts behind a class."""
    line = ancestry(machine, cls)
    if after is not None:
        position = next((i for i, one in enumerate(line) if one.definition == after), None)
        line = line[position + 1 :] if position is not None else ()
    for one in line:
        node = machine.class_ir(one).members.get(name)
        if node is not None:
            return machine.evaluate(one.frame, node)
    return None


def method(machine: Machine, cls: ClassValue, name: str, after: Definition | None = None) -> FunctionValue | None:
    """The method of a name, as it is looked up."""
    found = class_member(machine, cls, name, after)
    return found if isinstance(found, FunctionValue) else None


def decorator_names(machine: Machine, definition: Definition) -> frozenset[str]:
    """The last words of a function's decorators: property, staticmethod, no_grad."""
    nodes = machine.module_ir(definition.path).nodes
    return frozenset(_last_word(nodes, node) for node in machine.function_ir(definition).decorators)


def _last_word(nodes: tuple[ir.AnyNode, ...], index: int) -> str:
    node = nodes[index]
    if isinstance(node, ir.Call):
        return _last_word(nodes, node.function)
    if isinstance(node, ir.Attribute | ir.Free):
        return node.name
    if isinstance(node, ir.Import):
        return node.name or node.module
    return ""


def methods_storing(machine: Machine, cls: ClassValue, attribute: str) -> Iterator[tuple[FunctionValue, int]]:
    """The methods of one class (not of its ancestors) that end with `self.attribute` set, and its node."""
    path = cls.definition.path
    module = machine.module_ir(path)
    if path not in machine.method_stores:
        machine.method_stores[path] = _method_stores(module)
    for number, node in machine.method_stores[path].get((cls.definition.number, attribute), ()):
        yield FunctionValue(Definition(path, number), cls.frame), node


def _method_stores(module: ModuleIR) -> dict[tuple[int, str], list[tuple[int, int]]]:
    """By class and attribute: the methods that leave something in it, and the node of that."""
    found: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for number, function in enumerate(module.functions):
        if function.owner is None or not function.parameters:
            continue
        own = function.parameters[0].name
        for path, node in function.exits.items():
            base, dot, attribute = path.rpartition(".")
            if dot and base == own:
                found.setdefault((function.owner, attribute), []).append((number, node))
    return found
