"""The evaluator's core: demand, memory and bounds.

`evaluate` gives a node's value in a frame. Nothing is evaluated before it is asked for, nothing twice. A
value that needs itself is cut (a loop's variable: at what it was before the loop). Every bound that is hit
gives `Unknown`, never a wrong value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeAlias

from ce_lint.interpreter.frames import Frame, FrameTable, Moment
from ce_lint.interpreter.memory import Memory, Table
from ce_lint.interpreter.questions import Imported, Inside, Stored
from ce_lint.interpreter.unions import rounds
from ce_lint.interpreter.values import (
    Arguments,
    ClassValue,
    Definition,
    FunctionValue,
    Instance,
    Nothing,
    Passed,
    Thunk,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Site
from ce_lint.ir.operands import made_of
from ce_lint.ir.records import ClassIR, FunctionIR, ModuleIR
from ce_lint.knowledge.loader import Knowledge
from ce_lint.program.marks import Marks, NoMarks
from ce_lint.program.program import Module, Program

MAX_CALL_DEPTH = 14
MAX_NESTING = 180
"""Values under way, each of which needs the next."""
MAX_STEPS = 25_000
MAX_RECURSION = 2

_NOTHING = Nothing()

Handler: TypeAlias = Callable[["Machine", int, int, ir.AnyNode], Value]
"""Gives the value of a node: machine, frame, the node's index, the node."""


class Callers(Protocol):
    """Who calls a function, over the whole project."""

    def frames_of(self, machine: Machine, function: Definition) -> Iterable[int]:
        """The frames in which the calls of a function enter it, from callers that are entered from nowhere."""

    def stored_from_outside(self, machine: Machine, stored: Stored) -> Iterable[Value]:
        """What functions of the project set under an attribute of objects other than their `self`."""

    def arguments_of(self, machine: Machine, function: Definition, receiver: Instance) -> Iterable[Arguments]:
        """The arguments of every call of a method on objects of the receiver's class."""


class Machine(Memory):
    """Evaluates nodes in frames; what each kind of node means is in the table of handlers."""

    def __init__(
        self,
        program: Program,
        knowledge: Knowledge,
        handlers: Mapping[type[ir.Node], Handler],
        callers: Callers,
        *,
        always_training: bool = False,
        marks: Marks | None = None,
    ) -> None:
        super().__init__()
        self.program = program
        self.knowledge = knowledge
        self.callers = callers
        self.always_training = always_training
        """Whether every module is taken to be in training mode, whatever the program says."""
        self.nowhere = Site("", -1)
        self.frames = FrameTable()
        self.marks = NoMarks() if marks is None else marks
        self._loaded: dict[Path, tuple[Module, int]] = {}
        self._roots: dict[Definition, int] = {}
        self._code: dict[int, tuple[Module, int]] = {}
        """The module that each frame runs, with its mark."""
        self._stored_from_outside = Table[Stored, tuple[Value, ...]]()
        self.method_stores: dict[Path, dict[tuple[int, str], list[tuple[int, int]]]] = {}
        """What methods leave in attributes, by module."""
        self.global_setters: dict[Path, dict[str, list[int]]] = {}
        """The functions that assign globals, by module and global."""
        self._star_targets: dict[Path, tuple[tuple[tuple[str, Path | None], ...] | None, int]] = {}
        self._rebound: dict[tuple[Definition, str], bool] = {}
        self.ancestries = Table[ClassValue, tuple[ClassValue, ...]]()
        self.star_members = Table[tuple[Path, str], Value]()
        """What star imports bring to a module; Nothing where they do not bring the name."""
        self._handlers = handlers
        self._values = Table[tuple[int, int], Value]()
        self._assumed: dict[tuple[int, int], Value] = {}
        self._running: Counter[Definition] = Counter()
        self._steps = 0
        self._budget = MAX_STEPS

    def begin(self, budget: int = MAX_STEPS) -> None:
        """Begin a new question; past so many steps its answer is unknown."""
        self._steps = 0
        self._budget = budget
        self.start()

    def grant(self, steps: int) -> None:
        """Let the question under way take more steps."""
        self._budget += steps

    @contextmanager
    def aside(self, budget: int) -> Iterator[None]:
        """Ask another question before going on, with a budget of its own."""
        outer = self._steps, self._budget
        self._steps, self._budget = 0, budget
        try:
            yield
        finally:
            self._steps, self._budget = outer

    @contextmanager
    def running(self, definition: Definition) -> Iterator[bool]:
        """Run a function; False where that is one recursion too many."""
        self._running[definition] += 1
        try:
            yield self._running[definition] <= MAX_RECURSION
        finally:
            self._running[definition] -= 1

    def evaluate(self, frame: int, node: int) -> Value:
        """The value of a node in a frame."""
        key = (frame, node)
        known = self._values.answers.get(key)
        if known is not None:
            self.seen |= self._values.made_of.get(key, 0)
            return known
        return self.remember(key, lambda: self._evaluate_new(frame, node))

    def remember(self, key: tuple[int, int], compute: Callable[[], Value]) -> Value:
        """A value by its key: computed once, cut where it needs itself, given up past the bounds."""
        known = self._values.answers.get(key)
        if known is not None:
            self.seen |= self._values.made_of.get(key, 0)
            return known
        under_way = self.under_way(self._values, key, self._assumed.get(key, _NOTHING))
        if under_way is not None:
            return under_way
        self._steps += 1
        if self._steps > self._budget:
            self.give_up()
            return Unknown("the analysis of this flow was cut short: too many steps")
        if len(self._values.active) > MAX_NESTING:
            self.stop_here()
            return Unknown("the analysis of this flow was cut short: nested too deeply")
        return self.find(self._values, key, compute)

    def _evaluate_new(self, frame: int, index: int) -> Value:
        node = self.node(frame, index)
        return self._handlers[type(node)](self, frame, index, node)

    def settle(self, frame: int, index: int, loop: ir.Loop) -> Value:
        """A variable at a loop's head: what it was before the loop, and after a round that began with that."""
        key = (frame, index)
        before = self.evaluate(frame, loop.before)
        self._assumed[key] = before
        try:
            after = [self.evaluate(frame, node) for node in loop.after]
        finally:
            del self._assumed[key]
        return rounds(before, after, key)

    def force(self, value: Thunk | Value) -> Value:
        """The value that a thunk stands for."""
        return self.evaluate(value.frame, value.node) if isinstance(value, Thunk) else value

    def module_of(self, frame: int) -> Module:
        """The module whose code a frame runs."""
        known = self._code.get(frame)
        if known is None:
            path = self.frames[frame].definition.path
            self.module(path)
            known = self._code[frame] = self._loaded[path]
        self.seen |= known[1]
        return known[0]

    def module(self, path: Path) -> Module:
        """A module that is known to have been loaded."""
        known = self._loaded.get(path)
        if known is None:
            module = self.find_module(path)
            assert module is not None, path
            known = self._loaded[path] = module, self.marks.of(path)
        self.seen |= known[1]
        return known[0]

    def find_module(self, path: Path) -> Module | None:
        """A module of the project; None where it cannot be read or parsed."""
        self.seen |= self.marks.of(path)
        return self.program.module(path)

    def may_bind(self, path: Path, name: str) -> bool:
        """Tell, without lowering it, whether a module may itself bind a global of a name."""
        self.seen |= self.marks.of(path)
        return self.program.may_bind(path, name)

    def star_targets(self, path: Path) -> tuple[tuple[str, Path | None], ...] | None:
        """By its text, the modules of which one may import all, and their files; None where it is to be lowered."""
        return self.recall(self._star_targets, path, lambda: self._find_star_targets(path))

    def _find_star_targets(self, path: Path) -> tuple[tuple[str, Path | None], ...] | None:
        self.seen |= self.marks.of(path)
        found = self.program.star_imports(path)
        return (
            None if found is None else tuple([(module, self.resolve(path, module, level)) for module, level in found])
        )

    def resolve(self, importer: Path, module: str, level: int) -> Path | None:
        """The file, or the folder, that an import names; None where it is not of the project."""
        self.seen |= self.marks.of(Imported(importer.parent, module, level))
        return self.program.resolver.resolve(importer, module, level)

    def submodule(self, package: Path, name: str) -> Path | None:
        """A module inside a package."""
        self.seen |= self.marks.of(Inside(package, name))
        return self.program.resolver.submodule(package, name)

    def stored_from_outside(self, cls: Definition, attribute: str) -> tuple[Value, ...]:
        """What is set under an attribute from outside, wherever objects of a class are followed."""
        names = frozenset((self.module_ir(cls.path).classes[cls.number].name,))
        stored = Stored(attribute, self.program.vicinity(cls.path, names))
        # While they are looked for, they are not there.
        return self.answer(
            self._stored_from_outside, stored, (), lambda: tuple(self.callers.stored_from_outside(self, stored))
        )

    def module_ir(self, path: Path) -> ModuleIR:
        """A loaded module's IR."""
        return self.module(path).ir

    def function_ir(self, definition: Definition) -> FunctionIR:
        """A function's record."""
        return self.module_ir(definition.path).functions[definition.number]

    def class_ir(self, cls: ClassValue) -> ClassIR:
        """A class's record."""
        return self.module_ir(cls.definition.path).classes[cls.definition.number]

    def node(self, frame: int, node: int) -> ir.AnyNode:
        """A node of the module whose code a frame runs."""
        return self.module_of(frame).ir.nodes[node]

    def arguments(self, frame: int, call: ir.Call) -> Arguments:
        """A call's arguments, not looked at yet."""
        return tuple(Passed(one.keyword, one.stars, Thunk(frame, one.value)) for one in call.arguments)

    def site(self, frame: int, node: int, argument: int | None = None) -> Site:
        """A node's site."""
        return Site(str(self.frames[frame].definition.path), node, argument)

    def is_rebound(self, function: Definition, name: str) -> bool:
        """Is a variable of a function or module assigned again, to something that is not made of what it was?"""
        key = (function, name)
        nodes = self.module_ir(function.path).nodes
        if key not in self._rebound:
            values = [one.value for one in self.function_ir(function).bindings if one.path == name]
            last = made_of(nodes, values[-1]) if values else frozenset()
            self._rebound[key] = any(value not in last for value in values)
        return self._rebound[key]

    def body(self, path: Path) -> int:
        """The frame of a module's body, which is entered without a call."""
        return self.frames.number(Frame(Definition(path, 0), (), None, None, None, 0))

    def enter(
        self,
        function: FunctionValue,
        arguments: Arguments | None,
        receiver: Value | None,
        caller: int | None,
        site: int,
    ) -> int | None:
        """The frame of a call; None past the bound on nested calls."""
        depth, moment = 0, None
        if caller is not None:
            frame = self.frames[caller]
            depth = frame.depth + 1
            moment = frame.moment
            if frame.definition.number == 0:
                moment = Moment(frame.definition.path, site)
        if depth > MAX_CALL_DEPTH:
            return None
        return self.frames.number(Frame(function.definition, arguments, receiver, function.frame, moment, depth))

    def root(self, definition: Definition) -> int:
        """The frame of a function that is entered from nowhere: parameters and `self` are open."""
        function = self.function_ir(definition)
        if definition.number == 0:
            return self.body(definition.path)
        known = self._roots.get(definition)
        if known is None:
            around = self.root(Definition(definition.path, function.parent or 0))
            receiver = self.open_receiver(definition)
            known = self._roots[definition] = self.frames.number(Frame(definition, None, receiver, around, None, 0))
        return known

    def open_receiver(self, definition: Definition) -> Instance | ClassValue | None:
        """The `self` (or `cls`) of a method of which no call is seen."""
        function = self.function_ir(definition)
        if function.owner is None or not function.parameters:
            return None
        nodes = self.module_ir(definition.path).nodes
        decorators = {node.name for index in function.decorators if isinstance(node := nodes[index], ir.Free)}
        if "staticmethod" in decorators:
            return None
        cls = self.class_value(definition.path, function.owner)
        return cls if "classmethod" in decorators else Instance(cls, None)

    def class_value(self, path: Path, index: int) -> ClassValue:
        """A class of a module, with the frame of the function around it entered from nowhere."""
        parent = self.module_ir(path).classes[index].parent
        return ClassValue(Definition(path, index), self.root(Definition(path, parent)))
