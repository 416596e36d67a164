"""Who calls a function, and who builds an object: candidates by name, confirmed by value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ce_lint.interpreter import attributes
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.memory import Table
from ce_lint.interpreter.questions import Called, Cut, Stored
from ce_lint.interpreter.targets import Target, targets
from ce_lint.interpreter.values import Arguments, Definition, Instance, Value
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Site
from ce_lint.program.carriers import Carriers, words_of
from ce_lint.program.names import WHOLE, Name, Names, Start, Vicinity, spelt
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
    within: Vicinity = WHOLE


class ProjectCallers:
    """Finds calls over the whole project."""

    def __init__(self, program: Program, wrappers: frozenset[str]) -> None:
        self._program = program
        self._wrappers = wrappers
        self.carriers = Carriers(program, wrappers)
        self._inside: dict[Asked, dict[Path, tuple[Candidate, ...]]] = {}
        self._near: dict[frozenset[str], Set[int]] = {}
        """The far files that some names made near, where calls were looked for in a part of the project."""
        self._candidates: dict[Asked, tuple[Candidate, ...]] = {}
        self._targets = Table[tuple[bool, Candidate], tuple[Target, ...]]()
        """What calls may run, with every module in training mode and without."""

    def candidates(
        self, names: Names, more: frozenset[str] = frozenset(), within: Vicinity = WHOLE
    ) -> tuple[Candidate, ...]:
        """The calls whose callee has one of the names, in order; `more` names count in the same modules only."""
        asked = Asked(names, more, within)
        if asked not in self._candidates:
            if asked not in self._inside:
                self._inside[asked] = self._found_in(tuple(self.carriers.calling(*asked)), asked)
                if within != WHOLE:
                    self._near[within.names] = self._program.files.mentioning(within.names)
            inside = self._inside[asked]
            self._candidates[asked] = tuple(one for path in sorted(inside) for one in inside[path])
        return self._candidates[asked]

    def _found_in(self, paths: Sequence[Path], asked: Asked) -> dict[Path, tuple[Candidate, ...]]:
        """The calls in each of some files, which are lowered for that; in one that cannot be parsed there are none."""
        modules = {module.path: module for module in self._program.modules(paths)}
        return {path: self._in_module(modules[path], asked) if path in modules else () for path in paths}

    def _in_module(self, module: Module, asked: Asked) -> tuple[Candidate, ...]:
        by_name = self.carriers.names(module).calls
        here = asked.names.at(module.path)
        more = {name.spelling for name in spelt(asked.more)}
        found = {
            Candidate(Definition(module.path, function), node)
            for name in here.among(by_name) | (more & by_name.keys())
            for calls, function, node in by_name[name]
            if here.leads(name, calls) or (not calls and name in more)
        }
        return tuple(sorted(found))

    def renewed(self, program: Program, exchanged: Collection[Path]) -> ProjectCallers:
        """The same for a program of which some files were exchanged."""
        renewed = ProjectCallers(program, self._wrappers)
        renewed.carriers = self.carriers.renewed(program, exchanged)
        renewed._near = self._near_still(program, exchanged)
        for asked, inside in self._inside.items():
            if asked.within != WHOLE and asked.within.names not in renewed._near:
                continue
            found = renewed._found_in(tuple(renewed.carriers.calling(*asked, among=exchanged)), asked)
            if any(inside.get(path) != found.get(path) for path in exchanged):
                renewed._inside[asked] = {one: calls for one, calls in inside.items() if one not in exchanged} | found
            else:
                renewed._inside[asked] = inside
            is_same = all(inside.get(path, ()) == found.get(path, ()) for path in exchanged)
            if is_same and asked in self._candidates:
                renewed._candidates[asked] = self._candidates[asked]
        return renewed

    def _near_still(self, program: Program, exchanged: Collection[Path]) -> dict[frozenset[str], Set[int]]:
        """The far files that names make near, of those names that make the same near but for files that were exchanged.

        A name makes none near while it stands in too many.
        """
        files = program.files
        changed = files.numbers(exchanged)
        near = {names: files.mentioning(names) for names in self._near}
        return {names: now for names, now in near.items() if (now ^ self._near[names]) <= changed}

    def counts_differ(self, other: ProjectCallers, start: Start, paths: Collection[Path]) -> bool:
        """Tell whether another's answer has other names, or another number of calls where files were exchanged.

        In a part of the project that can be any file: others come to it, or leave it.
        """
        names = self.carriers.called(start)
        if other.carriers.called(start) != names:
            return True
        self.candidates(names, within=start.within)
        other.candidates(names, within=start.within)
        asked = Asked(names, within=start.within)
        mine, others = self._inside[asked], other._inside[asked]
        where = paths if start.within == WHOLE else mine.keys() | others.keys()
        return any(len(mine.get(path, ())) != len(others.get(path, ())) for path in where)

    def setting(self, attribute: str, within: Vicinity) -> frozenset[Path]:
        """The files in which an attribute of something other than `self` is set."""
        modules = self._program.assigning(attribute, within)
        return frozenset(one.path for one in modules if self.carriers.names(one).stores.get(attribute))

    def keep(self, starts: Collection[Start], more: frozenset[str]) -> None:
        """Forget all but what was found of some starts."""
        self.carriers.keep(starts)
        closed = {(self.carriers.called(start), start.within) for start in starts}
        closed |= {(Names(one.makers, one.makers), within) for one, within in closed}
        kept = {Asked(one, other, within) for one, within in closed for other in (frozenset(), more)}
        self._inside = {asked: found for asked, found in self._inside.items() if asked in kept}
        self._candidates = {asked: found for asked, found in self._candidates.items() if asked in kept}
        names = {asked.within.names for asked in self._inside}
        self._near = {one: found for one, found in self._near.items() if one in names}

    def callers(self, machine: Machine, function: Definition) -> tuple[Candidate, ...]:
        """The calls that may run a function; which do is known once their callee has a value."""
        start = self.start(machine, function)
        machine.seen |= machine.marks.of(Called(start))
        return self.named(start)

    def named(self, start: Start, *, makers: bool = False) -> tuple[Candidate, ...]:
        """The calls of what starts under some names; of its makers, where those are asked for."""
        called = self.carriers.called(start)
        return self.candidates(Names(called.makers, called.makers) if makers else called, within=start.within)

    def looked_into(self, start: Start, more: frozenset[str] = frozenset(), *, makers: bool = False) -> Iterable[Path]:
        """The files that are lowered for the calls of what starts under some names, or of its makers."""
        called = self.carriers.called(start)
        asked = Asked(Names(called.makers, called.makers) if makers else called, more, start.within)
        self.candidates(*asked)
        return self._inside[asked]

    def start(self, machine: Machine, function: Definition) -> Start:
        """The names under which a function starts."""
        record = machine.function_ir(function)
        if record.owner is not None and record.name in ("forward", "__call__", "__init__"):
            return self.start_of_class(machine, Definition(function.path, record.owner))
        known_by = frozenset((record.name,))
        if record.name == "<lambda>":
            known_by = self._names_of_lambda(machine, function)
            names = Names(frozenset(), spelt(known_by) | {Name(record.name, str(function.path))})
        elif record.owner is None:
            names = Names.of_function(record.name)
        else:
            names = Names.of_method(record.name)
            known_by |= {machine.module_ir(function.path).classes[record.owner].name}
        return Start(names, self._program.vicinity(function.path, known_by))

    def _some(self, start: Start) -> Iterator[Candidate]:
        """The same as `named`, file by file, for whoever needs only the first."""
        asked = Asked(self.carriers.called(start), within=start.within)
        if asked in self._inside:
            yield from self.candidates(*asked)
            return
        for path in self.carriers.calling(*asked):
            yield from self._found_in((path,), asked).get(path, ())

    def _names_of_lambda(self, machine: Machine, function: Definition) -> frozenset[str]:
        module = machine.module_ir(function.path)
        return frozenset(
            binding.path.rpartition(".")[2]
            for one in module.functions
            for binding in one.bindings
            if module.nodes[binding.value] == ir.Function(function.number)
        )

    def is_cut(self, machine: Machine, function: Definition) -> bool:
        """Tell whether a function may be called in files that are too far away to be looked at."""
        start = self.start(machine, function)
        machine.seen |= machine.marks.of(Cut(start)) if start.within != WHOLE else 0
        return self.cuts(start)

    def cuts(self, start: Start) -> bool:
        """Tell whether one of some names stands in files that are too far away to be looked at."""
        names, within = start
        if within == WHOLE:
            return False
        files = self._program.files
        is_cut = False
        for word in words_of(names):
            farther = len(files.having(word)) - len(files.having(word, within))
            if farther:
                is_cut = True
                # As long as no more files than that lose the word, callers are left out.
                files.room = farther - 1 if files.room is None else min(files.room, farther - 1)
        return is_cut

    def start_of_class(self, machine: Machine, cls: Definition) -> Start:
        """The names under which a class starts."""
        name = machine.module_ir(cls.path).classes[cls.number].name
        return Start(Names.of_class(name), self._program.vicinity(cls.path, frozenset((name,))))

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

    def stored_from_outside(self, machine: Machine, stored: Stored) -> Iterable[Value]:
        """What functions of the project set under an attribute of objects other than their `self`."""
        machine.seen |= machine.marks.of(stored)
        for module in self._program.assigning(*stored):
            for number, node in self.carriers.names(module).stores.get(stored.attribute, ()):
                yield machine.evaluate(machine.root(Definition(module.path, number)), node)

    def _entering(self, machine: Machine, function: Definition) -> Iterator[tuple[int, int, Target]]:
        """The calls that are seen to enter a function: the caller's frame, the call's node, what is entered."""
        start = self.start(machine, function)
        machine.seen |= machine.marks.of(Called(start))
        for candidate in islice(self._some(start), MAX_CALLERS):
            frame = machine.root(candidate.function)
            for target in self._targets_of(machine, frame, candidate):
                if target.function.definition == function:
                    yield frame, candidate.call, target

    def _targets_of(self, machine: Machine, frame: int, candidate: Candidate) -> tuple[Target, ...]:
        """What a call may run, in a function that is entered from nowhere."""

        def found() -> tuple[Target, ...]:
            call = machine.node(frame, candidate.call)
            assert isinstance(call, ir.Call)
            callee = attributes.callee(machine, frame, call)
            return tuple(targets(machine, callee, machine.arguments(frame, call)))

        # While they are looked for, they are not there: an object may hand on a method that sets what is called.
        return machine.answer(self._targets, (machine.always_training, candidate), (), found)


def _same_object(one: object, other: Instance) -> bool:
    """May two values be one object? Not when they are seen built at different places."""
    if not isinstance(one, Instance):
        return False
    if one.site is not None and other.site is not None:
        return one.site == other.site
    return one.cls.definition == other.cls.definition
