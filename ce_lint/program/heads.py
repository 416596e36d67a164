"""Which names a value may come from, and which names a module hands values to."""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import msgspec

from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ClassIR, FunctionIR, ModuleIR
from ce_lint.program.names import MAX_CALLS, attribute, bare, spellings

MAX_DEPTH = 12
LAMBDA = "<lambda>"
"""What a function without a name is called."""

TRANSPARENT_METHODS = frozenset(
    "to cuda cpu half float double bfloat16 eval train apply requires_grad_ get pop copy setdefault "
    "forward __call__ __init__ apply items values".split()
)
"""Methods whose result may be their object, or something in it."""
CALLING_METHODS = frozenset("forward __call__ __init__ apply".split())
"""Those of which a call may be a call of their object."""
_PASSING_METHODS = TRANSPARENT_METHODS - CALLING_METHODS
"""Those of which a call is none of it."""

SHARED_NAMES = frozenset(("__init__", "__call__", "forward", "__new__", "update", "append", "get", "setattr"))
"""Names that so many classes define that a parameter of one of them says nothing of another's."""


_BUILTINS = frozenset(dir(builtins))
ADDING_METHODS = frozenset(("append", "add_module", "update", "extend"))


class Head(NamedTuple):
    """A name, as it is spelt, that a value may come from, by so many calls: `get()()` comes from two of `get`."""

    name: str
    calls: int = 0


class Edge(NamedTuple):
    """A name that is given a value with some head: `maker` where a call of the target gives it."""

    calls: int
    target: str
    maker: bool = False
    is_local: bool = False
    """Is it read in this module only, as the parameters and variables of functions are?"""


class Passing(NamedTuple):
    """A value with some head as an argument of a call: by its position, or its keyword."""

    calls: int
    callee: str
    argument: int | str
    is_elsewhere: bool = False
    """Is the callee an attribute of something other than `self`, or of Python: need the file at hand not define it?"""


UNSEEN = ""
"""The callee of a call of which it is not seen here what it calls."""


_NAMING = (ir.Free, ir.Function, ir.Class, ir.Import, ir.Attribute)
"""Nodes that say under which name what they hold is defined."""
_NO_HEADS = frozenset[Head]()
_HEADLESS = frozenset(
    (ir.Constant, ir.Opaque, ir.Unbound, ir.Slice, ir.Enter, ir.Binary, ir.Unary, ir.Not, ir.Compare, ir.Matches)
)
"""Nodes that come from no name."""
_NAMED = (ir.Free, ir.Parameter)
"""Nodes that are a name."""


class HandOvers(msgspec.Struct, frozen=True):
    """What a module hands over, by the name that is handed over, and the heads of what it calls."""

    edges: dict[str, list[Edge]]
    passings: dict[str, list[Passing]]
    called: frozenset[Head]
    """The heads of the callees."""
    bases: frozenset[Head]
    """The heads of the bases of its classes."""


class NamedNodes(msgspec.Struct, frozen=True):
    """Where names stand in a module, by node."""

    stores: dict[str, list[tuple[int, int]]]
    """By attribute: the function that sets it on an object other than its `self`, and the value's node."""
    calls: dict[str, list[tuple[int, int, int]]]
    """By a head of the callee: how often it is called before, the function in which the call stands, and its node."""


class Heads:
    """The heads of a module's nodes, each found once; `wrappers` are functions that give back their arguments."""

    def __init__(self, module: ModuleIR, wrappers: frozenset[str]) -> None:
        self._module = module
        self._nodes = module.nodes
        self._wrappers = wrappers | _renamed(module, wrappers)
        self._known: dict[int, frozenset[Head]] = {}

    def of(self, index: int, depth: int = 0) -> frozenset[Head]:
        """The heads of a node."""
        known = self._known.get(index)
        if known is not None:
            return known
        if depth > MAX_DEPTH:
            return _NO_HEADS
        node = self._nodes[index]
        found = self._known[index] = _NO_HEADS  # a loop's variable adds nothing to itself
        if type(node) not in _HEADLESS:
            found = self._known[index] = frozenset(self._find(node, depth))
        return found

    @cached_property
    def bases(self) -> frozenset[Head]:
        """The heads of the bases of the module's classes."""
        return frozenset(head for one in self._module.classes for base in one.bases for head in self.of(base))

    def called(self, index: int) -> frozenset[Head]:
        """The heads of what a call calls; `super().forward(x, y)` may run any base's forward."""
        call = self._nodes[index]
        assert isinstance(call, ir.Call)
        heads = self.of_callee(call.function)
        function = self._nodes[call.function]
        if not isinstance(function, ir.Attribute) or function.name not in ("forward", "__call__"):
            return heads
        if Head("super", 1) in self.of(function.object):
            heads |= self.bases
        # Of a class, it is a call of the object that it is given: `Net.forward(self, x)`.
        return heads | {Head(head.name, head.calls + 1) for head in heads if head.calls < MAX_CALLS}

    def of_callee(self, index: int) -> frozenset[Head]:
        """The heads of a node that is called: a call of `x.get` is none of `x`."""
        node = self._nodes[index]
        if isinstance(node, ir.Attribute) and node.name in _PASSING_METHODS:
            return frozenset((Head(attribute(node.name)),))
        return self.of(index)

    def _find(self, node: ir.AnyNode, depth: int) -> Iterable[Head]:
        if isinstance(node, _NAMED):
            return (Head(node.name),)
        if isinstance(node, ir.Attribute):
            own = Head(attribute(node.name))
            return (own, *self.of(node.object, depth + 1)) if node.name in TRANSPARENT_METHODS else (own,)
        if isinstance(node, ir.Call):
            return self._called(node, depth)
        if isinstance(node, ir.Import):
            return (Head(node.name or node.module.rpartition(".")[2]),)
        if isinstance(node, ir.Class):
            return (Head(self._module.classes[node.index].name),)
        if isinstance(node, ir.Function):
            function = self._module.functions[node.index]
            return (Head(function.name if function.owner is None else attribute(function.name)),)
        operands = parts(node)
        if isinstance(node, ir.Mutate):
            call = self._nodes[node.call]
            given = call.arguments if isinstance(call, ir.Call) else ()
            operands = node.object, *[argument.value for argument in given]
        return [head for operand in operands for head in self.of(operand, depth + 1)]

    def _called(self, node: ir.Call, depth: int) -> Iterator[Head]:
        """A call gives what its callee makes; `X().cuda()` its object, `DataParallel(x)` its arguments."""
        callees = self.of(node.function, depth + 1)
        function = self._nodes[node.function]
        if isinstance(function, ir.Attribute) and function.name in TRANSPARENT_METHODS:
            yield from self.of(function.object, depth + 1)
        for head in callees:
            if head.calls < MAX_CALLS:
                yield Head(head.name, head.calls + 1)
            if not head.calls and bare(head.name) in self._wrappers:
                for argument in node.arguments:
                    yield from self.of(argument.value, depth + 1)


def _renamed(module: ModuleIR, wrappers: frozenset[str]) -> frozenset[str]:
    """The names under which a module imports some of the wrappers: `DistributedDataParallel as DDP`."""
    return frozenset(
        one.path
        for one in module.functions[0].bindings
        if isinstance(node := module.nodes[one.value], ir.Import) and node.name in wrappers
    )


def parts(node: ir.AnyNode) -> tuple[int, ...]:
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
    if isinstance(node, ir.Item):
        return (node.object,)
    if isinstance(node, ir.SetItem | ir.SetAttribute):
        return node.object, node.value
    return ()


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
    return NamedNodes(dict(stores), dict(calls))


def hand_overs(module: ModuleIR, wrappers: frozenset[str], inside: Collection[int] | None = None) -> HandOvers:
    """What a module hands over under which names; where some functions are given, what the code of their own does."""
    collector = _Collector(module, wrappers)
    inside = range(len(module.functions)) if inside is None else inside
    # A local variable is no name here: its uses are its values. Only what others read by name is handed over.
    read_inside = {function.parent for function in module.functions} | {0}
    for index in inside:
        collector.add_function(index, module.functions[index], has_readers=index in read_inside)
    for function in module.functions[1:]:
        if (function.parent or 0) in inside:
            collector.add_defaults(function)
    for definition in module.classes:
        if definition.parent in inside:
            collector.add_class(definition)
    return HandOvers(
        dict(collector.edges), dict(collector.passings), frozenset(collector.called), frozenset(collector.bases)
    )


class _Collector:
    """A module's hand-overs, being collected."""

    def __init__(self, module: ModuleIR, wrappers: frozenset[str]) -> None:
        self.edges: dict[str, list[Edge]] = defaultdict(list)
        self.passings: dict[str, list[Passing]] = defaultdict(list)
        self.called: set[Head] = set()
        self.bases: set[Head] = set()
        self.heads = Heads(module, wrappers)
        self._module = module

    def add_function(self, index: int, function: FunctionIR, *, has_readers: bool) -> None:
        """A function's assignments, results and calls; `has_readers`: inner functions may read its names."""
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

    def add_defaults(self, function: FunctionIR) -> None:
        """The defaults of a function's parameters, which belong to the code around it."""
        for parameter in function.parameters:
            if parameter.default is not None:
                self._give(parameter.default, parameter.name, is_local=True)

    def add_class(self, definition: ClassIR) -> None:
        """A class's members, and the class as one of its bases' kind."""
        for name, value in definition.members.items():
            self._give(value, attribute(name))
        for base in definition.bases:
            self.bases |= self.heads.of(base)
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
