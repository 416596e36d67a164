"""What a call enters: the functions of the project that calling a value runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ce_lint.interpreter import classes
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import (
    Arguments,
    Bound,
    ClassValue,
    FunctionValue,
    Instance,
    Partial,
    Value,
)


class Target(NamedTuple):
    """A function, what its first parameter holds, and its arguments."""

    function: FunctionValue
    receiver: Value | None
    arguments: Arguments


def targets(machine: Machine, callee: Value, arguments: Arguments) -> Iterator[Target]:
    """The functions that a call may run."""
    for one in alternatives(callee):
        yield from _targets(machine, one.value, arguments)


def _targets(machine: Machine, callee: Value, arguments: Arguments) -> Iterator[Target]:
    if isinstance(callee, FunctionValue):
        yield Target(callee, None, arguments)
    elif isinstance(callee, Bound) and callee.function is not None:
        yield Target(callee.function, callee.receiver, arguments)
    elif isinstance(callee, Bound) and callee.name in ("forward", "__call__"):
        yield from _targets(machine, callee.receiver, arguments)
    elif isinstance(callee, ClassValue):
        init = classes.method(machine, callee, "__init__")
        if init is not None:
            yield Target(init, Instance(callee, arguments), arguments)
    elif isinstance(callee, Instance):
        for name in ("__call__", "forward"):
            method = classes.method(machine, callee.cls, name)
            if method is not None:
                yield Target(method, callee, arguments)
                break
    elif isinstance(callee, Partial):
        for one in alternatives(callee.function):
            yield from _targets(machine, one.value, callee.arguments + arguments)
