"""Registries: what functions put into a dict of their module, called by hand or as decorators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.values import Definition, Literal, Mapping, Thunk, Value
from ce_lint.ir import nodes as ir

MAX_ENTRIES = 40


def with_entries(machine: Machine, path: Path, name: str, value: Value) -> Value:
    """A module's dict together with what functions of the module put into it."""
    if not isinstance(value, Mapping):
        return value
    entries = dict(value.entries)
    rest = list(value.rest)
    for frame, stored in _stores(machine, path, name):
        if len(entries) + len(rest) >= MAX_ENTRIES:
            break
        key = machine.evaluate(frame, stored.key)
        if isinstance(key, Literal):
            entries.setdefault(key.value, Thunk(frame, stored.value))
        else:
            rest.append(Thunk(frame, stored.value))
    return Mapping(tuple(entries.items()), tuple(rest))


def _stores(machine: Machine, path: Path, name: str) -> Iterator[tuple[int, ir.SetItem]]:
    """The `name[key] = value` of the module's functions, in every frame in which they are run."""
    module = machine.module_ir(path)
    for number, function in enumerate(module.functions[1:], 1):
        stored = module.nodes[function.exits[name]] if name in function.exits else None
        if not isinstance(stored, ir.SetItem) or module.nodes[stored.object] != ir.Free(name):
            continue
        for frame in machine.callers.frames_of(machine, Definition(path, number)):
            yield frame, stored
