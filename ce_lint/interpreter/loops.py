"""Loops: a variable at their head, and the one loop that is a chain of layers."""

from __future__ import annotations

from ce_lint.interpreter import calls, containers
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.values import LibraryObject, Sequence, Thunk, Value
from ce_lint.ir import nodes as ir


def loop(machine: Machine, frame: int, index: int, node: ir.Loop) -> Value:
    """What a variable holds at a loop's head, and so behind it."""
    layers = _layers(machine, frame, index, node)
    if layers is not None:
        return calls.chain(machine, layers, Thunk(frame, node.before), frame, machine.site(frame, index))
    return machine.settle(frame, index, node)


def _layers(machine: Machine, frame: int, index: int, node: ir.Loop) -> Sequence | None:
    """The layers of `for layer in layers: x = layer(x)`, where all of them are known."""
    if len(node.after) != 1:
        return None
    call = machine.node(frame, node.after[0])
    if not isinstance(call, ir.Call) or len(call.arguments) != 1 or call.arguments[0].value != index:
        return None
    layer = machine.node(frame, call.function)
    if not isinstance(layer, ir.Element):
        return None
    held: Value | None = machine.evaluate(frame, layer.iterable)
    if isinstance(held, LibraryObject):
        held = containers.held(machine, held)
    return held if isinstance(held, Sequence) and not held.many else None
