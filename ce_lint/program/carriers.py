"""Names under which a thing may travel through a project.

Before values are looked at, names say where looking is worth it: a loss built as `criterion`, passed on as
`loss_fn` and kept as `self.loss` can only be called through one of these. A name proves nothing; it only
makes a place a candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ModuleIR, ParameterKind
from ce_lint.program.program import Module, Program

MAX_NAMES = 120
MAX_DEPTH = 12


class Head(NamedTuple):
    """A name that a value may come from; `called` where it is what a call of the name gives."""

    name: str
    called: bool


@dataclass(frozen=True, slots=True)
class Names:
    """`makers`: whose call gives the thing (its class, a factory); `objects`: that may be the thing."""

    makers: frozenset[str]
    objects: frozenset[str]

    def may_be(self, heads: Iterable[Head]) -> bool:
        """May a value with these heads be the thing, or its maker?"""
        return any(head.name in (self.makers if head.called else self.objects) for head in heads)


def heads(module: ModuleIR, index: int, depth: int = 0) -> Iterator[Head]:
    """The names that a node's value may come from."""
    if depth > MAX_DEPTH:
        return
    node = module.nodes[index]
    if isinstance(node, ir.Free | ir.Parameter):
        yield Head(node.name, False)
    elif isinstance(node, ir.Import):
        yield Head(node.name or node.module.rpartition(".")[2], False)
    elif isinstance(node, ir.Attribute):
        yield Head(node.name, False)
        if node.name in ("forward", "__call__", "__init__", "apply"):
            yield from heads(module, node.object, depth + 1)
    elif isinstance(node, ir.Class):
        yield Head(module.classes[node.index].name, False)
    elif isinstance(node, ir.Function):
        yield Head(module.functions[node.index].name, False)
    elif isinstance(node, ir.Call):
        yield from _called(module, node, depth)
    else:
        for operand in _parts(node):
            yield from heads(module, operand, depth + 1)


def _called(module: ModuleIR, node: ir.Call, depth: int) -> Iterator[Head]:
    """A call gives what its callee makes; `X().cuda()` and `DataParallel(x)` also what they are given."""
    function = module.nodes[node.function]
    for head in heads(module, node.function, depth + 1):
        yield Head(head.name, True)
    if isinstance(function, ir.Attribute):
        yield from heads(module, function.object, depth + 1)
    for argument in node.arguments:
        yield from heads(module, argument.value, depth + 1)


def _parts(node: ir.AnyNode) -> tuple[int, ...]:
    """The operands of which a node's value may be one, or hold one."""
    if isinstance(node, ir.Choice):
        return node.then, node.other
    if isinstance(node, ir.Loop):
        return node.before, *node.after
    if isinstance(node, ir.Boolean):
        return node.left, node.right
    if isinstance(node, ir.Display):
        return node.items
    if isinstance(node, ir.Dictionary):
        return node.values
    if isinstance(node, ir.Collect | ir.Element):
        return (node.element if isinstance(node, ir.Collect) else node.iterable,)
    if isinstance(node, ir.Item | ir.Mutate):
        return (node.object,) if isinstance(node, ir.Item) else (node.object, node.call)
    if isinstance(node, ir.SetItem | ir.SetAttribute):
        return node.object, node.value
    return ()


class Carriers:
    """Closes sets of names over the assignments, calls and returns of a project."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._closed: dict[frozenset[str], Names] = {}

    def closure(self, start: frozenset[str]) -> Names:
        """All names under which something that starts as one of the names may travel."""
        if start not in self._closed:
            self._closed[start] = self._close(start)
        return self._closed[start]

    def modules(self, names: Names) -> tuple[Module, ...]:
        """The modules in which one of the names occurs."""
        found = {module.path: module for name in sorted(names.objects) for module in self._program.mentioning(name)}
        return tuple(found[path] for path in sorted(found))

    def _close(self, start: frozenset[str]) -> Names:
        makers, objects = set(start), set(start)
        while len(objects) < MAX_NAMES:
            size = len(makers), len(objects)
            names = Names(frozenset(makers), frozenset(objects))
            for module in self.modules(names):
                for target, makes in self._spread(module, names):
                    objects.add(target)
                    if makes:
                        makers.add(target)
            if (len(makers), len(objects)) == size:
                break
        return Names(frozenset(makers), frozenset(objects))

    def _spread(self, module: Module, names: Names) -> Iterator[tuple[str, bool]]:
        """Names that are given the thing in a module; with them whether as its maker."""
        for function in module.ir.functions:
            for binding in function.bindings:
                yield from _given(module.ir, names, binding.value, binding.path.rpartition(".")[2])
            for parameter in function.parameters:
                if parameter.default is not None:
                    yield from _given(module.ir, names, parameter.default, parameter.name)
            for one in function.returns:
                if function.name not in names.makers and names.may_be(heads(module.ir, one.value)):
                    yield function.name, True
            for site in function.calls:
                call = module.ir.nodes[site.node]
                assert isinstance(call, ir.Call)
                yield from self._passed(module.ir, call, names)
        for definition in module.ir.classes:
            for name, value in definition.members.items():
                yield from _given(module.ir, names, value, name)
            if any(head.name in names.makers for base in definition.bases for head in heads(module.ir, base)):
                yield definition.name, True

    def _passed(self, module: ModuleIR, call: ir.Call, names: Names) -> Iterator[tuple[str, bool]]:
        """Parameters that a call gives the thing to."""
        for position, argument in enumerate(call.arguments):
            found = list(heads(module, argument.value))
            if not names.may_be(found):
                continue
            makes = any(not head.called and head.name in names.makers for head in found)
            if argument.keyword:
                yield argument.keyword, makes
            elif not argument.stars:
                for callee in {head.name for head in heads(module, call.function) if not head.called}:
                    for name in self._parameters(callee, position):
                        yield name, makes

    def _parameters(self, callee: str, position: int) -> Iterator[str]:
        """The names of the parameter at a position of every function, method or class of a name."""
        for module in self._program.mentioning(callee):
            for function in module.ir.functions:
                if function.name == callee:
                    yield from _parameter(function, position)
            for index, definition in enumerate(module.ir.classes):
                if definition.name == callee:
                    inits = [one for one in module.ir.functions if one.owner == index and one.name == "__init__"]
                    for init in inits:
                        yield from _parameter(init, position)
                    if not inits and position < len(definition.fields):
                        yield definition.fields[position][0]


def _parameter(function: FunctionIR, position: int) -> Iterator[str]:
    positional = [one.name for one in function.parameters if one.kind is ParameterKind.POSITIONAL]
    shifted = position + (function.owner is not None)
    if shifted < len(positional):
        yield positional[shifted]


def _given(module: ModuleIR, names: Names, value: int, target: str) -> Iterator[tuple[str, bool]]:
    if target in names.makers:
        return
    found = list(heads(module, value))
    makes = any(not head.called and head.name in names.makers for head in found)
    if (makes or target not in names.objects) and names.may_be(found):
        yield target, makes
