"""Which names a value may come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ModuleIR
from ce_lint.program.names import MAX_CALLS, attribute, bare

MAX_DEPTH = 12

TRANSPARENT_METHODS = frozenset(
    "to cuda cpu half float double bfloat16 eval train apply requires_grad_ get pop copy setdefault "
    "forward __call__ __init__ apply items values".split()
)
"""Methods whose result may be their object, or something in it."""
CALLING_METHODS = frozenset("forward __call__ __init__ apply".split())
"""Those of which a call may be a call of their object."""
_PASSING_METHODS = TRANSPARENT_METHODS - CALLING_METHODS
"""Those of which a call is none of it."""


class Head(msgspec.Struct, frozen=True, gc=False):
    """A name, as it is spelt, that a value may come from, by so many calls: `get()()` comes from two of `get`."""

    name: str
    calls: int = 0


_NO_HEADS = frozenset[Head]()
_HEADLESS = frozenset(
    (ir.Constant, ir.Opaque, ir.Unbound, ir.Slice, ir.Enter, ir.Binary, ir.Unary, ir.Not, ir.Compare, ir.Matches)
)
"""Nodes that come from no name."""
_NAMED = (ir.Free, ir.Parameter)
"""Nodes that are a name."""


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
