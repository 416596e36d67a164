"""Names under which a thing may travel through a project.

Before values are looked at, names say where looking is worth it: a loss built as `criterion`, passed on as
`loss_fn` and kept as `self.loss` can only be called through one of these. A name proves nothing; it only
makes a place a candidate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ce_lint.ir.records import FunctionIR, ParameterKind
from ce_lint.program.heads import ModuleNames, module_names
from ce_lint.program.program import Module, Program

MAX_NAMES = 150

_NO_NAMES = ModuleNames({}, {}, {}, {})


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


@dataclass(frozen=True, slots=True)
class Closure:
    """Names that were closed, and what of the project was asked on the way."""

    names: Names
    heard: frozenset[str]
    """The names whose hand-overs were looked for."""
    callees: frozenset[str]
    """The functions and classes whose parameters were."""


class Carriers:
    """Closes sets of names over the assignments, calls and returns of a project."""

    def __init__(self, program: Program, wrappers: frozenset[str]) -> None:
        self._program = program
        self._wrappers = wrappers
        self._closed: dict[Names, Closure] = {}
        self._names: dict[Path, tuple[Module, ModuleNames]] = {}
        self._parameters: dict[tuple[str, int], tuple[str, ...]] = {}

    def names(self, module: Module) -> ModuleNames:
        """What a module hands over under which names."""
        known = self._names.get(module.path)
        if known is None or known[0] is not module:
            known = self._names[module.path] = module, module_names(module.ir, self._wrappers)
        return known[1]

    def closure(self, start: Names) -> Names:
        """All names under which something that starts under some names may travel."""
        if start not in self._closed:
            self._closed[start] = self._close(start)
        return self._closed[start].names

    def keep(self, starts: Collection[Names]) -> None:
        """Forget the closures of all but some names."""
        self._closed = {start: closed for start, closed in self._closed.items() if start in starts}

    def asked(self, start: Names) -> Iterator[str]:
        """The words of which a closure asked where they stand, so that those files were parsed for it."""
        self.closure(start)
        closed = self._closed[start]
        yield from closed.heard
        yield from words_of(closed.names)
        for callee in closed.callees:
            yield from _definitions_of(callee)

    def modules(self, names: Names) -> tuple[Module, ...]:
        """The modules in which one of the names occurs."""
        found = {module.path: module for word in words_of(names) for module in self._program.mentioning(word)}
        return tuple(found[path] for path in sorted(found))

    def renewed(self, program: Program, exchanged: Mapping[Path, Module | None]) -> Carriers:
        """The same for a program of which some files were exchanged, given with what they were before.

        Closures that hear nothing of that are kept.
        """
        renewed = Carriers(program, self._wrappers)
        renewed._names = {path: known for path, known in self._names.items() if path not in exchanged}
        heard, callees = set[str](), set[str]()
        every = frozenset().union(*(closed.heard for closed in self._closed.values()))
        defined = frozenset().union(*(closed.callees for closed in self._closed.values()))
        for path, before in exchanged.items():
            old = self._names[path][1] if path in self._names else None
            is_heard = any(program.files.has(path, word) for word in every)
            is_heard = is_heard or any(
                program.files.has(path, text) for one in defined for text in _definitions_of(one)
            )
            after = program.module(path) if is_heard else None
            new = None if after is None else renewed.names(after)
            heard |= _differing(old, new)
            one, other = _signatures(before, defined), _signatures(after, defined)
            callees |= {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
        renewed._closed = {
            start: closed
            for start, closed in self._closed.items()
            if not (closed.heard & heard or closed.callees & callees)
        }
        return renewed

    def _close(self, start: Names) -> Closure:
        makers = set(start.makers)
        objects = set(start.objects)
        heard, callees = set[str](), set[str]()
        pending = [(name, name in makers) for name in sorted(objects)]
        while pending and len(objects) <= MAX_NAMES:
            name, is_maker = pending.pop(0)
            heard.add(name)
            for target, maker in self._given(name, is_maker, callees):
                if maker and target not in makers:
                    makers.add(target)
                    objects.add(target)
                    pending.append((target, True))
                elif target not in objects:
                    objects.add(target)
                    pending.append((target, False))
        return Closure(Names(frozenset(makers), frozenset(objects)), frozenset(heard), frozenset(callees))

    def _given(self, name: str, is_maker: bool, callees: set[str]) -> Iterator[tuple[str, bool]]:
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
                callees.add(passing.callee)
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


def words_of(names: Names) -> list[str]:
    """The words by which modules are found in which one of the names may occur."""
    return sorted(name.strip("<>") for name in names.objects)  # a lambda is found by its keyword


def _definitions_of(name: str) -> tuple[str, str]:
    return f"def {name}", f"class {name}"


def _differing(old: ModuleNames | None, new: ModuleNames | None) -> set[str]:
    """The names that two versions of a module do not hand over alike."""
    one, other = old or _NO_NAMES, new or _NO_NAMES
    names = one.edges.keys() | other.edges.keys() | one.passings.keys() | other.passings.keys()
    return {
        name
        for name in names
        if one.edges.get(name) != other.edges.get(name) or one.passings.get(name) != other.passings.get(name)
    }


def _signatures(module: Module | None, names: frozenset[str]) -> dict[str, list[object]]:
    """What of a module's functions and classes of some names says how they name their parameters."""
    found: dict[str, list[object]] = {}
    if module is None:
        return found
    for function in module.ir.functions:
        owner = None if function.owner is None else module.ir.classes[function.owner].name
        shape = [(one.name, one.kind) for one in function.parameters]
        if function.name in names:
            found.setdefault(function.name, []).append((owner is None, shape))
        if function.name == "__init__" and owner in names:
            found.setdefault(owner, []).append(shape)
    for definition in module.ir.classes:
        if definition.name in names:
            found.setdefault(definition.name, []).append([field[0] for field in definition.fields])
    return found
