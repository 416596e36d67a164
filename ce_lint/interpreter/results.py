"""Branches → alternatives: what a function returns, and what a variable holds after an `if`."""

from __future__ import annotations

from ce_lint.interpreter import classes, conditions
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives, union
from ce_lint.interpreter.values import (
    Alternative,
    Assumption,
    ClassValue,
    Instance,
    Literal,
    Mapping,
    Scores,
    Sequence,
    Thunk,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.operands import decisions
from ce_lint.ir.records import Guard

RESULT = -1
"""Stands for a function's result among its nodes."""


def result(machine: Machine, frame: int) -> Value:
    """What a function returns in a frame."""
    return machine.remember((frame, RESULT), lambda: _bounded_result(machine, frame))


def _bounded_result(machine: Machine, frame: int) -> Value:
    with machine.running(machine.frames[frame].definition) as allowed:
        return _result(machine, frame) if allowed else Unknown("the result of a recursion")


def _result(machine: Machine, frame: int) -> Value:
    function = machine.function_ir(machine.frames[frame].definition)
    if function.yields:
        return Sequence(tuple(Thunk(frame, node) for node in function.yields), frozenset(range(len(function.yields))))
    found = []
    for one in function.returns:
        assumptions = assume(machine, frame, one.guards)
        if assumptions is None:
            continue
        value = machine.evaluate(frame, one.value)
        found.append(Alternative(value, assumptions, _flags(machine, frame, assumptions, value)))
        if not assumptions:
            break
    return union(found) if found else Literal(None)


def assume(
    machine: Machine, frame: int, guards: tuple[Guard, ...], call: int | None = None
) -> frozenset[Assumption] | None:
    """The guards that cannot be decided, as assumptions; None where one of them is not met.

    For a `call` in a module's body, a guard that only a setting at the top of the file decides is not decided.
    """
    assumed = set()
    for guard in guards:
        answer = conditions.holds(machine, frame, guard)
        if answer is False and (call is None or not _is_setting(machine, frame, guard, call)):
            return None
        if answer is not True:
            assumed.add(Assumption(frame, guard.condition, guard.holds))
    return frozenset(assumed)


def _is_setting(machine: Machine, frame: int, guard: Guard, call: int) -> bool:
    """Is a condition one that whoever runs the script edits (`TRAIN = False`), and does the call not hang on it?"""
    if machine.frames[frame].definition.number != 0:
        return False
    return guard.condition not in decisions(machine.module_of(frame).ir.nodes, call)


def choice(machine: Machine, frame: int, node: ir.Choice) -> Value:
    """A variable behind a branch, or a conditional expression."""
    decided = conditions.truth(machine.evaluate(frame, node.condition))
    if decided is not None:
        return machine.evaluate(frame, node.then if decided else node.other)
    sides = []
    for side, polarity in ((node.then, True), (node.other, False)):
        value = machine.evaluate(frame, side)
        assumptions = frozenset((Assumption(frame, node.condition, polarity),))
        sides.append(Alternative(value, assumptions, _flags(machine, frame, assumptions, value)))
    return union(sides)


def _flags(machine: Machine, frame: int, assumptions: frozenset[Assumption], value: Value) -> frozenset[Assumption]:
    """The assumptions that pick a way through a model, and not a model."""
    if any(isinstance(one.value, Scores | Sequence | Mapping | Unknown) for one in alternatives(value)):
        return assumptions
    receiver = machine.frames[frame].receiver
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    inside = isinstance(cls, ClassValue) and is_module(machine, cls)
    return assumptions if inside else frozenset()


def is_module(machine: Machine, cls: ClassValue) -> bool:
    """Is a class one of models and layers: called through `forward`?"""
    return classes.method(machine, cls, "forward") is not None
