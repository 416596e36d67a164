"""Names under which a thing may travel through a project.

Before values are looked at, names say where looking is worth it: a loss built as `criterion`, passed on as
`loss_fn` and kept as `self.loss` can only be called through one of these. A name proves nothing; it only
makes a place a candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ce_lint.ir.records import FunctionIR, ParameterKind
from ce_lint.program.heads import ModuleNames, module_names
from ce_lint.program.program import Module, Program

MAX_NAMES = 150


@dataclass(frozen=True, slots=True)
class Names:
    """`makers`: whose call gives the thing (its class, a factory); `objects`: that may be the thing, makers too."""

    makers: frozenset[str]
    objects: frozenset[str]

    @classmethod
    def of_class(cls, *names: str) -> Names:
        """Classes: calling them gives objects."""
        return cls(frozenset(names), frozenset(names))

    @classmethod
    def of_function(cls, *names: str) -> Names:
        """Functions: what calling them gives is something else."""
        return cls(frozenset(), frozenset(names))


class Carriers:
    """Closes sets of names over the assignments, calls and returns of a project."""

    def __init__(self, program: Program, wrappers: frozenset[str]) -> None:
        self._program = program
        self._wrappers = wrappers
        self._closed: dict[Names, Names] = {}
        self._names: dict[Path, ModuleNames] = {}
        self._parameters: dict[tuple[str, int], tuple[str, ...]] = {}

    def names(self, module: Module) -> ModuleNames:
        """What a module hands over under which names."""
        if module.path not in self._names:
            self._names[module.path] = module_names(module.ir, self._wrappers)
        return self._names[module.path]

    def closure(self, start: Names) -> Names:
        """All names under which something that starts under some names may travel."""
        if start not in self._closed:
            self._closed[start] = self._close(start)
        return self._closed[start]

    def modules(self, names: Names) -> tuple[Module, ...]:
        """The modules in which one of the names occurs."""
        words = sorted(name.strip("<>") for name in names.objects)  # a lambda is found by its keyword
        found = {module.path: module for word in words for module in self._program.mentioning(word)}
        return tuple(found[path] for path in sorted(found))

    def _close(self, start: Names) -> Names:
        makers = set(start.makers)
        objects = set(start.objects)
        pending = [(name, name in makers) for name in sorted(objects)]
        while pending and len(objects) <= MAX_NAMES:
            name, is_maker = pending.pop(0)
            for target, maker in self._given(name, is_maker):
                if maker and target not in makers:
                    makers.add(target)
                    objects.add(target)
                    pending.append((target, True))
                elif target not in objects:
                    objects.add(target)
                    pending.append((target, False))
        return Names(frozenset(makers), frozenset(objects))

    def _given(self, name: str, is_maker: bool) -> Iterator[tuple[str, bool]]:
        """The names that are given what a name stands for; with them whether as a maker of it."""
        for module in self._program.mentioning(name):
            handed = self.names(module)
            for edge in handed.edges.get(name, ()):
                if edge.called and not is_maker:
                    continue
                yield edge.target, edge.maker or (is_maker and not edge.called)
            for passing in handed.passings.get(name, ()):
                if passing.called and not is_maker:
                    continue
                for parameter in self._parameter(module, passing.callee, passing.position):
                    yield parameter, is_maker and not passing.called

    def _parameter(self, caller: Module, callee: str, position: int) -> tuple[str, ...]:
        """The names of the parameter at a position of the functions, methods and classes of a name.

        Where the caller's own module defines the name, only those; else all of the project.
        """
        own = tuple(dict.fromkeys(_parameters_at(caller, callee, position)))
        if own:
            return own
        key = (callee, position)
        if key not in self._parameters:
            found = (name for module in self._program.defining(callee) for name in _parameters_at(module, *key))
            self._parameters[key] = tuple(dict.fromkeys(found))
        return self._parameters[key]


def _parameters_at(module: Module, callee: str, position: int) -> Iterator[str]:
    for function in module.ir.functions:
        if function.name == callee:
            yield from _name_at(function, position)
    for index, definition in enumerate(module.ir.classes):
        if definition.name == callee:
            inits = [one for one in module.ir.functions if one.owner == index and one.name == "__init__"]
            for init in inits:
                yield from _name_at(init, position)
            if not inits and position < len(definition.fields):
                yield definition.fields[position][0]


def _name_at(function: FunctionIR, position: int) -> Iterator[str]:
    positional = [one.name for one in function.parameters if one.kind is ParameterKind.POSITIONAL]
    shifted = position + (function.owner is not None)
    if shifted < len(positional):
        yield positional[shifted]
