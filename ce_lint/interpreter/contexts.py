"""Call strings: from where a function is entered, lengthened only while something is open."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from ce_lint.interpreter import attributes, classes, names
from ce_lint.interpreter.callers import Candidate, ProjectCallers
from ce_lint.interpreter.entries import Entry, EntryTables, Row, entered_by_call, entered_by_object
from ce_lint.interpreter.frames import NEVER, Moment
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.targets import targets
from ce_lint.interpreter.unions import alternatives, first_open
from ce_lint.interpreter.values import (
    Arguments,
    Definition,
    Instance,
    Open,
    Passed,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ParameterKind

MAX_LINKS = 7
MAX_OPENERS = 1_000
MAX_GUESSES = 8
"""Calls of which it cannot be told yet whether they enter the function."""


GLANCE = 2_000
"""Steps spent on finding out what a call enters."""


class Context(msgspec.Struct, frozen=True, gc=False):
    """A way into a function: a call of it, or the building of the object whose method it is, or nothing."""

    function: Definition
    caller: Context | None = None
    builder: Context | None = None
    call: int = -1
    """The node of the call in the caller, or of the construction in the builder."""
    closed: bool = False
    """True where nobody calls: defaults count."""

    @property
    def root(self) -> Context:
        """The outermost link."""
        context = self
        while (above := context.caller or context.builder) is not None:
            context = above
        return context

    @property
    def length(self) -> int:
        """The number of links."""
        above = self.caller or self.builder
        return 1 if above is None else 1 + above.length

    def with_root(self, root: Context) -> Context:
        """The same way with a longer beginning."""
        if self.caller is not None:
            return replace(self, caller=self.caller.with_root(root))
        if self.builder is not None:
            return replace(self, builder=self.builder.with_root(root))
        return root


class Entered(msgspec.Struct, frozen=True, gc=False):
    """The frames that a context leads to, and what is open before that can be told."""

    frames: tuple[int, ...]
    open: Open | None = None


class Contexts:
    """Turns contexts into frames, and lengthens them."""

    def __init__(self, machine: Machine, callers: ProjectCallers, tables: EntryTables) -> None:
        self._machine = machine
        self._callers = callers
        self._tables = tables
        self._entered: dict[Context, tuple[Entered, int]] = {}
        self._known_openers: dict[tuple[Definition, bool], tuple[tuple[Context, ...], int]] = {}

    def enter(self, context: Context) -> Entered:
        """The frames of the function at the end of a context."""
        return self._machine.recall(self._entered, context, lambda: self._enter(context))

    def _enter(self, context: Context) -> Entered:
        machine = self._machine
        if context.caller is not None:
            return self._called(context, context.caller)
        if context.builder is not None:
            return self._built(context, context.builder)
        if not context.closed:
            return Entered((self._in_mode(machine.root(context.function)),))
        frame = machine.frames[machine.root(context.function)]
        at_the_end = Moment(context.function.path, NEVER)
        closed = replace(frame, arguments=() if context.function.number else frame.arguments, moment=at_the_end)
        return Entered((self._in_mode(machine.frames.number(closed)),))

    def _in_mode(self, frame: int) -> int:
        """A framework's evaluation hook finds its module in evaluation mode."""
        entered = self._machine.frames[frame]
        receiver = entered.receiver
        if not isinstance(receiver, Instance) or not self.is_evaluation_hook(entered.definition):
            return frame
        return self._machine.frames.number(replace(entered, receiver=replace(receiver, training=False)))

    def is_evaluation_hook(self, function: Definition) -> bool:
        """Is a function a method that a framework calls in evaluation only?"""
        machine = self._machine
        record = machine.function_ir(function)
        if record.owner is None:
            return False
        cls = machine.class_value(function.path, record.owner)
        for name in classes.library_bases(machine, cls):
            base = machine.knowledge.base(name)
            if base is not None and record.name in base.evaluation_methods:
                return True
        return False

    def _called(self, context: Context, caller: Context) -> Entered:
        machine = self._machine
        above = self.enter(caller)
        frames, opened = [], above.open
        for frame in above.frames:
            call = machine.node(frame, context.call)
            assert isinstance(call, ir.Call)
            callee = attributes.callee(machine, frame, call)
            found = False
            for target in targets(machine, callee, machine.arguments(frame, call)):
                if target.function.definition == context.function:
                    entered = machine.enter(target.function, target.arguments, target.receiver, frame, context.call)
                    if entered is not None:
                        frames.append(self._in_mode(entered))
                        found = True
            if not found:
                opened = opened or first_open(callee)
        return Entered(tuple(dict.fromkeys(frames)), opened)

    def _built(self, context: Context, builder: Context) -> Entered:
        machine = self._machine
        record = machine.function_ir(context.function)
        above = self.enter(builder)
        frames, opened = [], above.open
        for frame in above.frames:
            value = machine.evaluate(frame, context.call)
            for one in alternatives(value):
                if not isinstance(one.value, Instance):
                    continue
                method = classes.method(machine, one.value.cls, record.name)
                if method is not None and method.definition == context.function:
                    arguments = self._hooked(one.value, record.name)
                    entered = machine.enter(method, arguments, one.value, frame, context.call)
                    if entered is not None:
                        frames.append(self._in_mode(entered))
            opened = opened or first_open(value)
        return Entered(tuple(dict.fromkeys(frames)), opened)

    def _hooked(self, instance: Instance, method: str) -> Arguments | None:
        """The arguments that a framework gives to a method out of those of the constructor."""
        machine = self._machine
        given = []
        for base in classes.library_bases(machine, instance.cls):
            for hook in machine.knowledge.hooks(base):
                if hook.method == method and instance.arguments is not None:
                    source = hook.source
                    value = names.argument(machine, instance.arguments, source.keyword, source.position)
                    if value is not None:
                        given.append(Passed(hook.parameter, 0, value))
        return tuple(given) or None

    def lengthen(self, context: Context, opened: Open) -> tuple[Context, ...]:
        """The contexts that say more of what is open; none where nobody in the project does."""
        root = context.root
        if root.closed:
            return ()
        longer = self._openers(root, opened) if context.length < MAX_LINKS else ()
        if not longer and self._callers.is_cut(self._machine, root.function):
            return ()  # somebody may call it where nobody looked, so its defaults say nothing
        if not longer:
            longer = (Context(root.function, closed=True),)
        return tuple(context.with_root(one) for one in longer)

    def _openers(self, root: Context, opened: Open) -> tuple[Context, ...]:
        """The ways into a function that can be told, or be told after one link more; the near ones first."""
        machine, function = self._machine, root.function
        machine.function_ir(function)
        if function.number == 0:
            return ()
        of_self = opened.parameter == ""
        return machine.recall(
            self._known_openers, (function, of_self), lambda: self._find_openers(function, of_self=of_self)
        )

    def _find_openers(self, function: Definition, *, of_self: bool) -> tuple[Context, ...]:
        """Calls that are seen to enter the function; where `self` is open and there are none, how it is built."""
        machine = self._machine
        record = machine.function_ir(function)
        called: list[Context] = []
        if record.owner is None or not self._is_hooked(function):
            row = Row(function, self._callers.start(machine, function), "")
            called = [self._link(function, site, built=False) for site in self.row(row) if site.function != function]
        decided = [one for one in called if self.enter(one).frames]
        if record.owner is not None and (of_self or self._is_hooked(function)) and not decided:
            start = self._callers.start_of_class(machine, Definition(function.path, record.owner))
            built = [self._link(function, site, built=True) for site in self.row(Row(function, start, record.name))]
            decided = [one for one in built if self.enter(one).frames]
            called += [one for one in built if not self.enter(one).frames]
        guessed = [one for one in called if not self.enter(one).frames]
        return (*decided[:MAX_OPENERS], *guessed[:MAX_GUESSES])

    def row(self, row: Row) -> tuple[Candidate, ...]:
        """The calls that enter a function, or may; the near ones first."""
        machine = self._machine
        # What the entries were made of is no matter of who asks, as long as the row stays the same.
        seen = machine.seen | machine.marks.of(row)
        found = self._tables.row(row, self)
        machine.seen = seen
        return found

    def entry(self, site: Candidate, method: str) -> tuple[Entry, int]:
        """What a call enters whose function nobody is seen to enter, or which method the object has that it builds."""
        machine = self._machine
        with machine.aside(GLANCE):
            seen, machine.seen = machine.seen, 0
            (frame,) = self.enter(Context(site.function)).frames
            if method:
                found = entered_by_object(machine, frame, site.call, method)
            else:
                found = entered_by_call(machine, frame, site.call)
            made_of, machine.seen = machine.seen, seen
        return found, made_of

    def may_enter(self, function: Definition, site: Candidate) -> bool:
        """May a call of something unknown enter the function, by its form?"""
        machine = self._machine
        record = machine.function_ir(function)
        nodes = machine.module(site.function.path).ir.nodes
        call = nodes[site.call]
        assert isinstance(call, ir.Call)
        if isinstance(nodes[call.function], ir.Attribute) and record.owner is None:
            return False  # an attribute of an object is a method
        return can_bind(record, call)

    def _is_hooked(self, function: Definition) -> bool:
        machine = self._machine
        record = machine.function_ir(function)
        cls = machine.class_value(function.path, record.owner or 0)
        return any(
            hook.method == record.name
            for base in classes.library_bases(machine, cls)
            for hook in machine.knowledge.hooks(base)
        )

    @staticmethod
    def _link(function: Definition, site: Candidate, *, built: bool) -> Context:
        outer = Context(site.function)
        if built:
            return Context(function, builder=outer, call=site.call)
        return Context(function, caller=outer, call=site.call)


def can_bind(function: FunctionIR, call: ir.Call) -> bool:
    """Does a call give a function all that it needs, and no more than it takes?"""
    if any(one.stars for one in call.arguments):
        return True
    kinds = [one.kind for one in function.parameters]
    positional = [one for one in function.parameters if one.kind is ParameterKind.POSITIONAL]
    positional = positional[function.owner is not None :]
    given = sum(not one.keyword for one in call.arguments)
    keywords = {one.keyword for one in call.arguments if one.keyword}
    if given > len(positional) and ParameterKind.STAR not in kinds:
        return False
    if ParameterKind.STARS not in kinds and not keywords <= {one.name for one in function.parameters}:
        return False
    return all(one.default is not None or one.name in keywords for one in positional[given:])
