"""Which way a branch goes: True, False, or None where it cannot be told."""

from __future__ import annotations

import operator
from collections.abc import Callable

from ce_lint.interpreter import classes
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives, each
from ce_lint.interpreter.values import (
    Bound,
    ClassValue,
    FunctionValue,
    Instance,
    Library,
    LibraryObject,
    Literal,
    Mapping,
    ModuleValue,
    Partial,
    Scores,
    Sequence,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import Guard

_ORDERINGS: dict[str, Callable[[float, float], bool]] = {
    "LessThan": operator.lt,
    "LessThanEqual": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEqual": operator.ge,
}
_OBJECTS = (Instance, LibraryObject, FunctionValue, ClassValue, Bound, Partial, ModuleValue)


def truth(value: Value) -> bool | None:
    """Whether a value is true, where all its alternatives agree."""
    answers = {_truth(one.value) for one in alternatives(value)}
    return answers.pop() if len(answers) == 1 else None


def _truth(value: Value) -> bool | None:
    if isinstance(value, Literal):
        return bool(value.value)
    if isinstance(value, Sequence) and not value.many:
        return bool(value.items)
    if isinstance(value, Mapping) and not value.rest:
        return bool(value.entries)
    return True if isinstance(value, _OBJECTS) else None


def holds(machine: Machine, frame: int, guard: Guard) -> bool | None:
    """Whether a guard is met in a frame."""
    answer = truth(machine.evaluate(frame, guard.condition))
    return None if answer is None else answer is guard.holds


def compare(machine: Machine, frame: int, node: ir.Compare) -> Value:
    """The value of a comparison."""
    left, right = machine.evaluate(frame, node.left), machine.evaluate(frame, node.right)
    return each(left, lambda one: each(right, lambda other: _compare(machine, node.operator, one, other)))


def _compare(machine: Machine, name: str, left: Value, right: Value) -> Value:
    if name in ("NotEqual", "IsNot", "NotIn"):
        answer = truth(_compare(machine, {"NotEqual": "Equal", "IsNot": "Is", "NotIn": "In"}[name], left, right))
        return _unknown(left, right) if answer is None else Literal(not answer)
    if name == "Is" and isinstance(left, Literal) and isinstance(right, Literal):
        return Literal(left.value == right.value and type(left.value) is type(right.value))
    if name in ("Equal", "Is"):
        return _equal(left, right)
    if name == "In":
        return _contains(machine, left, right)
    if name in _ORDERINGS and isinstance(left, Literal) and isinstance(right, Literal):
        one, other = left.value, right.value
        if isinstance(one, int | float) and isinstance(other, int | float):
            return Literal(_ORDERINGS[name](one, other))
    return _unknown(left, right)


def _equal(left: Value, right: Value) -> Value:
    if isinstance(left, Literal) and isinstance(right, Literal):
        return Literal(left.value == right.value)
    if isinstance(left, Library) and isinstance(right, Library):
        return Literal(left.name == right.name)
    if isinstance(left, ClassValue | FunctionValue) and isinstance(right, ClassValue | FunctionValue):
        return Literal(left.definition == right.definition)
    none = Literal(None)
    concrete = (*_OBJECTS, Scores, Sequence, Mapping, Literal, Library)
    if (left == none and isinstance(right, concrete)) or (right == none and isinstance(left, concrete)):
        return Literal(False)
    return _unknown(left, right)


def _contains(machine: Machine, item: Value, container: Value) -> Value:
    if not isinstance(item, Literal):
        return _unknown(item, container)
    if isinstance(container, Sequence) and not container.many:
        answers = {truth(_equal(item, machine.force(one))) for one in container.items}
        if True in answers:
            return Literal(True)
        return Literal(False) if answers <= {False} else _unknown(item, container)
    if isinstance(container, Mapping) and not container.rest:
        return Literal(item.value in dict(container.entries))
    if isinstance(container, Literal) and isinstance(container.value, str) and isinstance(item.value, str):
        return Literal(item.value in container.value)
    return _unknown(item, container)


def _unknown(left: Value, right: Value) -> Unknown:
    opened = next((one.open for one in (left, right) if isinstance(one, Unknown) and one.open), None)
    return Unknown("a comparison", opened)


def boolean(machine: Machine, frame: int, node: ir.Boolean) -> Value:
    """`and` and `or`: the value of the side that decides."""
    left = machine.evaluate(frame, node.left)
    decided = truth(left)
    stops = node.operator == "or"
    if decided is stops:
        return left
    right = machine.evaluate(frame, node.right)
    if decided is not None:
        return right
    if truth(right) is stops:
        # The left side is unknown, but either way the whole is what stops it.
        return Literal(stops) if isinstance(right, Literal) and isinstance(right.value, bool) else _unknown(left, right)
    return _unknown(left, right)


def negation(machine: Machine, frame: int, node: ir.Not) -> Value:
    """`not x`."""
    value = machine.evaluate(frame, node.operand)
    answer = truth(value)
    return _unknown(value, value) if answer is None else Literal(not answer)


def is_instance(machine: Machine, value: Value, wanted: Value) -> bool | None:
    """`isinstance(value, wanted)` for one alternative of each."""
    if isinstance(wanted, Sequence):
        answers = {is_instance(machine, value, machine.force(item)) for item in wanted.items}
        if True in answers:
            return True
        return False if answers <= {False} else None
    if isinstance(wanted, ClassValue):
        if isinstance(value, Instance):
            return any(one.definition == wanted.definition for one in classes.ancestry(machine, value.cls))
        return False if isinstance(value, Literal | Sequence | Mapping | LibraryObject) else None
    if not isinstance(wanted, Library):
        return None
    name = machine.knowledge.canonical(wanted.name)
    if isinstance(value, LibraryObject):
        return _library_is_instance(machine, machine.knowledge.canonical(value.name), name)
    if isinstance(value, Instance):
        bases = {machine.knowledge.canonical(base) for base in classes.library_bases(machine, value.cls)}
        return True if name in bases else None
    return _builtin_is_instance(value, name)


def _library_is_instance(machine: Machine, name: str, wanted: str) -> bool | None:
    if name == wanted:
        return True
    losses = machine.knowledge.losses
    return False if name in losses and wanted in losses else None


def _builtin_is_instance(value: Value, name: str) -> bool | None:
    kinds: dict[str, type | tuple[type, ...]] = {
        "builtins.str": str,
        "builtins.int": int,
        "builtins.float": float,
        "builtins.bool": bool,
    }
    if isinstance(value, Literal):
        return isinstance(value.value, kinds[name]) if name in kinds else False
    if isinstance(value, Sequence):
        return name == f"builtins.{value.kind}" if value.kind else None
    if isinstance(value, Mapping):
        return True if name == "builtins.dict" else None
    if isinstance(value, Scores):
        return True if name == "torch.Tensor" else (False if name.startswith("builtins.") else None)
    return None
