"""Functions behind decorators: what those do with arguments and results is not followed."""

from __future__ import annotations

from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import Definition, FunctionValue, Library, LibraryObject, Value
from ce_lint.ir import nodes as ir

_TRANSPARENT = (
    "torch.", "builtins.", "abc.", "typing.", "typing_extensions.", "functools.", "warnings.", "pytest.",
)  # fmt: skip
"""Beginnings of names of decorators that hand on what they are given, as it is."""

_CHANGING = ("torch.vmap", "torch.func.", "functools.singledispatch", "functools.reduce")


def decorator_between(machine: Machine, definition: Definition) -> str:
    """A decorator that may look at, or change, what a function is given and returns; empty where there is none."""
    record = machine.function_ir(definition)
    frame = machine.root(Definition(definition.path, record.parent or 0))
    for number in record.decorators:
        node = machine.node(frame, number)
        made = node.function if isinstance(node, ir.Call) else number
        values = [one.value for one in alternatives(machine.evaluate(frame, made))]
        names = [one.name if isinstance(one, Library | LibraryObject) else "" for one in values]
        full = [machine.knowledge.canonical(name) for name in names]
        if not full or any(not name.startswith(_TRANSPARENT) or name.startswith(_CHANGING) for name in full):
            return _word(machine, values, machine.node(frame, made))
    return ""


def _word(machine: Machine, values: list[Value], node: ir.AnyNode) -> str:
    functions = [machine.function_ir(one.definition).name for one in values if isinstance(one, FunctionValue)]
    name = node.name if isinstance(node, ir.Attribute | ir.Free | ir.Import | ir.Parameter) else ""
    return next(iter(functions), name) or "that is computed"
