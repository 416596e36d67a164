"""Which names a module hands values to, and where names stand in it."""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ClassIR, FunctionIR, ModuleIR
from ce_lint.program.heads import Head, Heads
from ce_lint.program.names import attribute, bare, spellings

LAMBDA = "<lambda>"
"""What a function without a name is called."""
SHARED_NAMES = frozenset(("__init__", "__call__", "forward", "__new__", "update", "append", "get", "setattr"))
"""Names that so many classes define that a parameter of one of them says nothing of another's."""
_BUILTINS = frozenset(dir(builtins))
ADDING_METHODS = frozenset(("append", "add_module", "update", "extend"))
_NAMING = (ir.Free, ir.Function, ir.Class, ir.Import, ir.Attribute)
"""Nodes that say under which name what they hold is defined."""


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A name that is given a value with some head: `maker` where a call of the target gives it."""

    calls: int
    target: str
    maker: bool = False
    is_local: bool = False
    """Is it read in this module only, as the parameters and variables of functions are?"""


class Passing(msgspec.Struct, frozen=True, gc=False):
    """A value with some head as an argument of a call: by its position, or its keyword."""

    calls: int
    callee: str
    argument: int | str
    is_elsewhere: bool = False
    """Is the callee an attribute of something other than `self`, or of Python: need the file at hand not define it?"""


UNSEEN = ""
"""The callee of a call of which it is not seen here what it calls."""


_Thing = TypeVar("_Thing", Edge, Passing)


class HandOvers(msgspec.Struct, frozen=True):
    """What a module hands over, by the name that is handed over, and the heads of what it calls."""

    edges: dict[str, tuple[Edge, ...]]
    passings: dict[str, tuple[Passing, ...]]
    called: frozenset[Head]
    """The heads of the callees."""


class NamedNodes(msgspec.Struct, frozen=True):
    """Where names stand in a module, by node."""

    stores: dict[str, tuple[tuple[int, int], ...]]
    """By attribute: the function that sets it on an object other than its `self`, and the value's node."""
    calls: dict[str, tuple[tuple[int, int, int], ...]]
    """By a head of the callee: how often it is called before, the function in which the call stands, and its node."""


def _self_of(function: FunctionIR) -> str | None:
    """What a method calls its object."""
    return function.parameters[0].name if function.owner is not None and function.parameters else None


def named_nodes(module: ModuleIR, wrappers: frozenset[str]) -> NamedNodes:
    """Where a module calls something under some name, and sets attributes."""
    heads = Heads(module, wrappers)
    stores: dict[str, list[tuple[int, int]]] = defaultdict(list)
    calls: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for index, function in enumerate(module.functions):
        own = _self_of(function)
        for binding in function.bindings:
            base, dot, name = binding.path.rpartition(".")
            if dot and base != own:
                stores[name].append((index, binding.value))
        for site in function.calls:
            for head in heads.called(site.node):
                calls[head.name].append((head.calls, index, site.node))
    return NamedNodes(
        {name: tuple(found) for name, found in stores.items()}, {name: tuple(found) for name, found in calls.items()}
    )


def hand_overs(module: ModuleIR, wrappers: frozenset[str]) -> HandOvers:
    """What a module hands over under which names."""
    collector = _Collector(module, wrappers)
    # A local variable is no name here: its uses are its values. Only what others read by name is handed over.
    read_inside = {function.parent for function in module.functions} | {0}
    for index, function in enumerate(module.functions):
        collector.add_function(index, function, has_readers=index in read_inside)
    for definition in module.classes:
        collector.add_class(definition)
    return HandOvers(_each_once(collector.edges), _each_once(collector.passings), frozenset(collector.called))


def _each_once(found: Mapping[str, Iterable[_Thing]]) -> dict[str, tuple[_Thing, ...]]:
    """The same without what is equal: half of the memory that a large project takes for it."""
    known: dict[_Thing, _Thing] = {}
    return {
        name: tuple([known.setdefault(one, one) for one in dict.fromkeys(things)]) for name, things in found.items()
    }


class _Collector:
    """A module's hand-overs, being collected."""

    def __init__(self, module: ModuleIR, wrappers: frozenset[str]) -> None:
        self.edges: dict[str, list[Edge]] = defaultdict(list)
        self.passings: dict[str, list[Passing]] = defaultdict(list)
        self.called: set[Head] = set()
        self.heads = Heads(module, wrappers)
        self._module = module

    def add_function(self, index: int, function: FunctionIR, *, has_readers: bool) -> None:
        """A function's assignments, defaults, results and calls; `has_readers`: inner functions may read its names."""
        own = _self_of(function)
        for binding in function.bindings:
            _, dot, name = binding.path.rpartition(".")
            is_global = index == 0 or name in function.global_names
            if dot:
                self._give(binding.value, attribute(name))
            elif is_global:
                self._give(binding.value, *spellings(name))  # it is an attribute of the module, too
            elif has_readers:
                self._give(binding.value, name, is_local=True)
        for parameter in function.parameters:
            if parameter.default is not None:
                self._give(parameter.default, parameter.name, is_local=True)
        for result in function.returns if function.name not in SHARED_NAMES else ():
            is_local = function.owner is None and (function.parent != 0 or function.name == LAMBDA)
            targets = (attribute(function.name),) if function.owner is not None else spellings(function.name)
            targets = targets[:1] if is_local else targets
            self._give(result.value, *targets, maker=True, is_local=is_local)
            if function.decorators:  # of a property, it is the value
                self._give(result.value, *targets, is_local=is_local)
        for site in function.calls:
            self.called |= self.heads.called(site.node)
            call = self._module.nodes[site.node]
            assert isinstance(call, ir.Call)
            self._pass(call, own)

    def add_class(self, definition: ClassIR) -> None:
        """A class's members, and the class as one of its bases' kind."""
        for name, value in definition.members.items():
            self._give(value, attribute(name))
        for base in definition.bases:
            for head in self.heads.of(base):
                self.edges[head.name] += [Edge(head.calls, target) for target in spellings(definition.name)]

    def _give(self, value: int, *targets: str, maker: bool = False, is_local: bool = False) -> None:
        for head in self.heads.of(value):
            self.edges[head.name] += [
                Edge(head.calls, target, maker, is_local)
                for target in targets
                if maker or head.calls or head.name != target
            ]

    def _pass(self, call: ir.Call, own: str | None) -> None:
        """A call's arguments, and what it puts into a list, dict or module."""
        if not call.arguments:
            return
        function = self._module.nodes[call.function]
        heads = self.heads.of_callee(call.function)
        callees = [head.name for head in heads if not head.calls and bare(head.name) not in SHARED_NAMES]
        is_elsewhere = self._is_elsewhere(function, own)
        # What the callee holds, nobody sees here: a parameter, an item, what another call gives.
        is_unseen = not is_elsewhere and not (callees and isinstance(function, _NAMING))
        receivers: list[str] = []
        if isinstance(function, ir.Attribute) and function.name in ADDING_METHODS:
            receivers = sorted({one.name for one in self.heads.of(function.object) if not one.calls})
        for position, argument in enumerate(call.arguments):
            taking = [*callees, UNSEEN] if is_unseen else callees
            if argument.stars:
                taking = [] if is_elsewhere else [UNSEEN]
            place = argument.keyword or position
            for head in self.heads.of(argument.value):
                self.passings[head.name] += [Passing(head.calls, callee, place, is_elsewhere) for callee in taking]
                if argument.keyword and not taking:
                    self.edges[head.name] += [Edge(head.calls, target) for target in spellings(argument.keyword)]
                if receivers:
                    self.edges[head.name] += [Edge(head.calls, receiver) for receiver in receivers]

    def _is_elsewhere(self, function: ir.AnyNode, own: str | None) -> bool:
        """Is a callee Python's, or an attribute of something other than `self` that is not what calls it?"""
        if isinstance(function, ir.Free):
            return function.name in _BUILTINS
        if not isinstance(function, ir.Attribute) or function.name in ("__init__", "forward", "__call__"):
            return False
        owner = self._module.nodes[function.object]
        return not isinstance(owner, ir.Parameter) or owner.name != own
