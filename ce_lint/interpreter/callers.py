"""Who calls a function, and who builds an object: candidates by name, confirmed by value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ce_lint.interpreter import attributes
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.targets import Target, targets
from ce_lint.interpreter.values import Arguments, Definition, Instance, Value
from ce_lint.ir import nodes as ir
from ce_lint.program.carriers import Carriers, Names
from ce_lint.program.program import Program

MAX_CALLERS = 40


class Candidate(NamedTuple):
    """A call, by the function in which it stands and its node."""

    function: Definition
    call: int


class ProjectCallers:
    """Finds calls over the whole project."""

    def __init__(self, program: Program, wrappers: frozenset[str]) -> None:
        self._program = program
        self.carriers = Carriers(program, wrappers)
        self._candidates: dict[Names, tuple[Candidate, ...]] = {}

    def candidates(self, names: Names, more: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        """The calls whose callee has one of the names, in order; `more` names count in the same modules only."""
        if names not in self._candidates:
            self._candidates[names] = tuple(sorted(set(self._find(names, more))))
        return self._candidates[names]

    def _find(self, names: Names, more: frozenset[str]) -> Iterator[Candidate]:
        for module in self.carriers.modules(names):
            by_name = self.carriers.names(module).calls
            for name in (names.objects | more) & by_name.keys():
                for called, function, node in by_name[name]:
                    if not called or name in names.makers:
                        yield Candidate(Definition(module.path, function), node)

    def callers(self, machine: Machine, function: Definition) -> tuple[Candidate, ...]:
        """The calls that may run a function; which do is known once their callee has a value."""
        record = machine.function_ir(function)
        if record.owner is not None and record.name in ("forward", "__call__", "__init__"):
            start = Names.of_class(machine.module_ir(function.path).classes[record.owner].name)
        elif record.name == "<lambda>":
            found = self._names_of_lambda(machine, function)
            start = Names.of_function(*found, record.name)
        else:
            start = Names.of_function(record.name)
        return self.candidates(self.carriers.closure(start))

    def _names_of_lambda(self, machine: Machine, function: Definition) -> frozenset[str]:
        module = machine.module_ir(function.path)
        return frozenset(
            binding.path.rpartition(".")[2]
            for one in module.functions
            for binding in one.bindings
            if module.nodes[binding.value] == ir.Function(function.number)
        )

    def builders(self, machine: Machine, cls: Definition) -> tuple[Candidate, ...]:
        """The calls that may build an object of a class, or of one below it."""
        name = machine.module_ir(cls.path).classes[cls.number].name
        makers = self.carriers.closure(Names.of_class(name)).makers
        return self.candidates(Names(makers, makers))

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
