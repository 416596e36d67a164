"""Who calls a function, and who builds an object: candidates by name, confirmed by value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ce_lint.interpreter import attributes
from ce_lint.interpreter.machine import Machine, Stored
from ce_lint.interpreter.targets import Target, targets
from ce_lint.interpreter.values import Arguments, Definition, Instance, Value
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Site
from ce_lint.program.carriers import Carriers, Names, words_of
from ce_lint.program.program import Module, Program

MAX_CALLERS = 40


class Candidate(NamedTuple):
    """A call, by the function in which it stands and its node."""

    function: Definition
    call: int

    @property
    def site(self) -> Site:
        """Where it stands."""
        return Site(str(self.function.path), self.call)


class Asked(NamedTuple):
    """Names of which the calls were looked for; `more` names count in the same modules only."""

    names: Names
    more: frozenset[str] = frozenset()


class Called(NamedTuple):
    """The question which calls there are of what starts under some names."""

    start: Names


class ProjectCallers:
    """Finds calls over the whole project."""

    def __init__(self, program: Program, wrappers: frozenset[str]) -> None:
        self._program = program
        self._wrappers = wrappers
        self.carriers = Carriers(program, wrappers)
        self._inside: dict[Asked, dict[Path, tuple[Candidate, ...]]] = {}
        self._candidates: dict[Asked, tuple[Candidate, ...]] = {}

    def candidates(self, names: Names, more: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        """The calls whose callee has one of the names, in order; `more` names count in the same modules only."""
        asked = Asked(names, more)
        if asked not in self._candidates:
            if asked not in self._inside:
                modules = self.carriers.modules(names)
                self._inside[asked] = {module.path: self._in_module(module, asked) for module in modules}
            inside = self._inside[asked]
            self._candidates[asked] = tuple(one for path in sorted(inside) for one in inside[path])
        return self._candidates[asked]

    def _in_module(self, module: Module, asked: Asked) -> tuple[Candidate, ...]:
        by_name = self.carriers.names(module).calls
        names, more = asked
        found = {
            Candidate(Definition(module.path, function), node)
            for name in (names.objects | more) & by_name.keys()
            for called, function, node in by_name[name]
            if not called or name in names.makers
        }
        return tuple(sorted(found))

    def renewed(self, program: Program, exchanged: Mapping[Path, Module | None]) -> ProjectCallers:
        """The same for a program of which some files were exchanged, given with what they were before."""
        renewed = ProjectCallers(program, self._wrappers)
        renewed.carriers = self.carriers.renewed(program, exchanged)
        for asked, inside in self._inside.items():
            words = words_of(asked.names)
            modules = [program.module(path) for path in exchanged if any(program.files.has(path, one) for one in words)]
            found = {one.path: renewed._in_module(one, asked) for one in modules if one is not None}
            if all(inside.get(path) == found.get(path) for path in exchanged):
                renewed._inside[asked] = inside
                if asked in self._candidates:
                    renewed._candidates[asked] = self._candidates[asked]
            else:
                kept = {path: calls for path, calls in inside.items() if path not in exchanged}
                renewed._inside[asked] = kept | found
        return renewed

    def counts_differ(self, other: ProjectCallers, start: Names, paths: Collection[Path]) -> bool:
        """Tell whether another's answer has other names, or another number of calls in one of some files."""
        names = self.carriers.closure(start)
        if other.carriers.closure(start) != names:
            return True
        self.candidates(names)
        other.candidates(names)
        mine, others = self._inside[Asked(names)], other._inside[Asked(names)]
        return any(len(mine.get(path, ())) != len(others.get(path, ())) for path in paths)

    def setting(self, attribute: str) -> frozenset[Path]:
        """The files in which an attribute of something other than `self` is set."""
        modules = self._program.assigning(attribute)
        return frozenset(one.path for one in modules if self.carriers.names(one).stores.get(attribute))

    def keep(self, starts: Collection[Names], more: frozenset[str]) -> None:
        """Forget all but what was found of what starts under some names."""
        self.carriers.keep(starts)
        closed = {self.carriers.closure(start) for start in starts}
        closed |= {Names(one.makers, one.makers) for one in closed}
        kept = {Asked(one, other) for one in closed for other in (frozenset(), more)}
        self._inside = {asked: found for asked, found in self._inside.items() if asked in kept}
        self._candidates = {asked: found for asked, found in self._candidates.items() if asked in kept}

    def callers(self, machine: Machine, function: Definition) -> tuple[Candidate, ...]:
        """The calls that may run a function; which do is known once their callee has a value."""
        start = self.start(machine, function)
        machine.seen |= machine.marks.of(Called(start))
        return self.named(start)

    def named(self, start: Names, *, makers: bool = False) -> tuple[Candidate, ...]:
        """The calls of what starts under some names; of its makers, where those are asked for."""
        closed = self.carriers.closure(start)
        return self.candidates(Names(closed.makers, closed.makers) if makers else closed)

    def start(self, machine: Machine, function: Definition) -> Names:
        """The names under which a function starts."""
        record = machine.function_ir(function)
        if record.owner is not None and record.name in ("forward", "__call__", "__init__"):
            return self.start_of_class(machine, Definition(function.path, record.owner))
        if record.name == "<lambda>":
            found = self._names_of_lambda(machine, function)
            return Names.of_function(*found, record.name)
        return Names.of_function(record.name)

    def _names_of_lambda(self, machine: Machine, function: Definition) -> frozenset[str]:
        module = machine.module_ir(function.path)
        return frozenset(
            binding.path.rpartition(".")[2]
            for one in module.functions
            for binding in one.bindings
            if module.nodes[binding.value] == ir.Function(function.number)
        )

    def start_of_class(self, machine: Machine, cls: Definition) -> Names:
        """The names under which a class starts."""
        return Names.of_class(machine.module_ir(cls.path).classes[cls.number].name)

    def frames_of(self, machine: Machine, function: Definition) -> Iterable[int]:
        """The frames in which the calls of a function enter it, from callers that are entered from nowhere."""
        found: dict[int, None] = {}
        for caller, call, target in self._entering(machine, function):
            entered = machine.enter(target.function, target.arguments, target.receiver, caller, call)
            if entered is not None:
                found[entered] = None
        return tuple(found)

    def arguments_of(self, machine: Machine, function: Definition, receiver: Instance) -> Iterable[Arguments]:
        """The arguments of every call of a method on objects of the receiver's class."""
        found = self._entering(machine, function)
        return tuple(
            dict.fromkeys(target.arguments for _, _, target in found if _same_object(target.receiver, receiver))
        )

    def stored_from_outside(self, machine: Machine, attribute: str) -> Iterable[Value]:
        """What functions of the project set under an attribute of objects other than their `self`."""
        machine.seen |= machine.marks.of(Stored(attribute))
        for module in self._program.assigning(attribute):
            for number, node in self.carriers.names(module).stores.get(attribute, ()):
                yield machine.evaluate(machine.root(Definition(module.path, number)), node)

    def _entering(self, machine: Machine, function: Definition) -> Iterator[tuple[int, int, Target]]:
        """The calls that are seen to enter a function: the caller's frame, the call's node, what is entered."""
        for candidate in self.callers(machine, function)[:MAX_CALLERS]:
            frame = machine.root(candidate.function)
            call = machine.node(frame, candidate.call)
            assert isinstance(call, ir.Call)
            callee = attributes.callee(machine, frame, call)
            for target in targets(machine, callee, machine.arguments(frame, call)):
                if target.function.definition == function:
                    yield frame, candidate.call, target


def _same_object(one: object, other: Instance) -> bool:
    """May two values be one object? Not when they are seen built at different places."""
    if not isinstance(one, Instance):
        return False
    if one.site is not None and other.site is not None:
        return one.site == other.site
    return one.cls.definition == other.cls.definition
