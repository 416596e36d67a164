"""Calls that scores are given to, or that are made on them."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from ce_lint.concrete.occurrences import Occurrence
from ce_lint.interpreter import attributes, classes, losses, names
from ce_lint.interpreter.contexts import Context
from ce_lint.interpreter.targets import Target, targets
from ce_lint.interpreter.unions import alternatives, first_open
from ce_lint.interpreter.values import (
    Bound,
    ClassValue,
    Fresh,
    Instance,
    Library,
    LibraryObject,
    Literal,
    Nothing,
    Partial,
    Scores,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.knowledge.schema import Access, Argument, Effect, Need, Reading
from ce_lint.uses import entering, order
from ce_lint.uses.paths import Any, Field, Path
from ce_lint.uses.records import UseKind
from ce_lint.uses.search import Flags, Search, Taint
from ce_lint.uses.stores import ADDING, put_into
from ce_lint.uses.ways import ways

_ASKING = frozenset(("len", "isinstance", "type", "id", "hasattr", "callable", "issubclass"))
"""Functions of Python that read none of the numbers."""

_CONTAINING = frozenset(("list", "tuple", "set", "iter", "reversed", "sorted", "frozenset", "zip", "enumerate", "next"))
"""Those whose result holds what they are given, or is something in it."""


def callees(search: Search, arena: int, call: int) -> Iterator[tuple[Context, int, Value]]:
    """What a call may call, in every way into the function around."""
    machine = search.interpreter.machine
    node = search.text(arena).nodes[call]
    assert isinstance(node, ir.Call)
    known = search.known_ways.get((arena, call))
    if known is None:
        found = ways(
            machine,
            search.interpreter.contexts,
            search.arenas[arena].contexts,
            lambda frame: first_open(attributes.callee(machine, frame, node)),
        )
        known = search.known_ways[arena, call] = found
    for way in known.found:
        for frame in way.frames:
            for one in alternatives(attributes.callee(machine, frame, node)):
                if one.value != Literal(None) and not isinstance(one.value, Nothing):
                    yield way.context, frame, one.value


def given(search: Search, taint: Taint, one: Occurrence) -> None:
    """Scores, or a container of them, as an argument."""
    text = search.text(taint.arena)
    call = text.occurrences.all[one.parent] if one.parent is not None else None
    node = text.nodes[call.node] if call is not None and call.node is not None else None
    if call is None or call.node is None or not isinstance(node, ir.Call) or not isinstance(one.key, int):
        search.report(taint, one, UseKind.UNKNOWN, "an argument of something that is not followed")
        return
    if taint.is_derived:
        search.report(taint, one, UseKind.VALUES, "its largest values are handed on")
        return
    if _is_put_into_a_variable(search, taint, one, call):
        return
    word = _word(text.nodes[node.function])
    found = False
    entered: dict[entering.Door, list[Context]] = {}
    for context, frame, callee in callees(search, taint.arena, call.node):
        found = True
        _Call(search, taint, one, call.number, call.node, node, one.key, word, context, frame, entered).of(callee)
    for door, contexts in entered.items():
        if not entering.enter(search, taint, one, call.node, node, door, tuple(dict.fromkeys(contexts))):
            search.report(taint, one, UseKind.UNKNOWN, f"given to {word}, where it cannot be followed")
    if not found or not search.known_ways[taint.arena, call.node].is_complete:
        search.report(taint, one, UseKind.UNKNOWN, f"given to {word}, which is called in too many ways")


def _word(node: ir.AnyNode) -> str:
    """A callee in one word."""
    if isinstance(node, ir.Attribute | ir.Free | ir.Parameter):
        return node.name
    return (node.name or node.module) if isinstance(node, ir.Import) else "a function"


def _is_put_into_a_variable(search: Search, taint: Taint, one: Occurrence, call: Occurrence) -> bool:
    """Is this `scores.append(x)`, of a list that a variable holds?"""
    text = search.text(taint.arena)
    mutated = [number for number in text.users.get(call.node or -1, ()) if isinstance(text.nodes[number], ir.Mutate)]
    callee = next((at for at in text.occurrences.all[call.number :][:2] if at.parent == call.number), None)
    if not mutated or callee is None:
        return False
    version = text.nodes[mutated[0]]
    assert isinstance(version, ir.Mutate)
    if version.method not in ADDING or not isinstance(text.nodes[version.object], _VARIABLE):
        return False
    path = callee.path.rpartition(".")[0]
    if version.method in ("extend", "update"):
        inner = taint._replace(path=taint.path[1:]) if taint.path else taint
        key = taint.path[0] if taint.path and version.method == "update" else Any.ITEM
        put_into(search, inner, one, path, mutated[0], key)
    else:
        put_into(search, taint, one, path, mutated[0], Any.ENTRY if version.method == "setdefault" else Any.ITEM)
    return True


_VARIABLE = (ir.Display, ir.Dictionary, ir.Collect, ir.Loop, ir.Choice, ir.Mutate, ir.SetItem, ir.Call, ir.Item)


class _Call:
    """One argument of a call, in one way into the function around it."""

    def __init__(
        self,
        search: Search,
        taint: Taint,
        one: Occurrence,
        call: int,
        index: int,
        node: ir.Call,
        position: int,
        word: str,
        context: Context,
        frame: int,
        entered: dict[entering.Door, list[Context]],
    ) -> None:
        self.search = search
        self.taint = taint
        self.one = one
        self.call = call
        self.index = index
        self.node = node
        self.position = position
        self.argument = node.arguments[position]
        self.word = word
        self.context = context
        self.frame = frame
        self.entered = entered
        self.machine = search.interpreter.machine

    def of(self, callee: Value) -> None:
        """Follow, or report, what one alternative of the callee does with the argument."""
        received = losses.received(self.machine, self.frame, self.index, callee)
        if received is not None:
            self._loss(received)
            return
        entered = list(targets(self.machine, callee, self.machine.arguments(self.frame, self.node)))
        if entered and not (isinstance(callee, Instance) and attributes.replaces_forward(self.machine, callee)):
            for target in entered:
                self._enter(target)
        elif isinstance(callee, ClassValue):
            self._built(callee)
        elif isinstance(callee, Library):
            self._library(self.machine.knowledge.canonical(callee.name))
        elif isinstance(callee, LibraryObject):
            self._object(callee)
        elif isinstance(callee, Bound):
            self._method_of(callee)
        elif isinstance(callee, Instance) and (base := attributes.library_self(self.machine, callee)) is not None:
            self._object(base)
        elif isinstance(callee, Partial) and isinstance(callee.function, Library) and not callee.arguments:
            self._library(self.machine.knowledge.canonical(callee.function.name))
        else:
            self._unknown()

    def _unknown(self) -> None:
        self._report(UseKind.UNKNOWN, f"given to {self.word}, of which nothing is known")

    def _values(self) -> None:
        self._report(UseKind.VALUES, f"given to {self.word}")

    def _report(self, kind: UseKind, why: str) -> None:
        self.search.report(self.taint, self.one, kind, why)

    def _loss(self, received: losses.Received) -> None:
        if received.argument != self.position:
            self._report(UseKind.VALUES, f"a target or option of {received.name}")
        elif self.taint.path:
            self._report(UseKind.UNKNOWN, f"a container of them is given to {received.name}")
        elif received.family in self.search.families:
            self._report(UseKind.LOSS, f"given to {received.name}")
            self.search.sinks.add((str(self.search.text(self.taint.arena).path), self.index))
        else:
            self._report(UseKind.VALUES, f"given to {received.name}")

    def _enter(self, target: Target) -> None:
        in_all = sum(not one.keyword for one in target.arguments)
        here = sum(not one.keyword for one in self.node.arguments)
        door = entering.Door(target.function.definition, target.receiver is not None, in_all - here)
        self.entered.setdefault(door, []).append(self.context)

    def _built(self, cls: ClassValue) -> None:
        """An object without a constructor of its own: a dataclass, a named tuple."""
        line = classes.ancestry(self.machine, cls)
        fields = [name for one in reversed(line) for name, _ in self.machine.class_ir(one).fields]
        order_of = list(dict.fromkeys(fields))
        name = self.argument.keyword or (order_of[self.position] if self.position < len(order_of) else "")
        stars = any(one.stars for one in self.node.arguments)
        if stars or name not in order_of or classes.library_bases(self.machine, cls)[:1] == ("enum.Enum",):
            self._unknown()
        else:
            self._result((Field(name), *self.taint.path))

    def _result(self, path: Path, *, moved: bool = False, array: bool = False, mixed: bool = False) -> None:
        """The call's value is, or holds, the scores."""
        taint, flags = self.taint, self.taint.flags
        fold = taint.fold
        if not taint.path:
            if moved or array or path:
                fold = self.search.behind(taint, self.one, f"given to {self.word}")
            if not path:
                self.search.carry(taint, self.one, self.call)
        flags = flags.joined(Flags(mixed, moved, array))
        self.search.follow(taint._replace(node=self.index, path=path, flags=flags, fold=fold, name=""))

    def _library(self, name: str) -> None:
        known = self.machine.knowledge
        self.word = name.rpartition(".")[2]
        if name.startswith("builtins."):
            self._builtin(name.removeprefix("builtins."))
        elif (reading := known.reading(name, Access.FUNCTION)) is not None:
            self._reading(reading, name)
        elif (wrapper := known.wrapper(name)) is not None and not wrapper.all_arguments:
            if self._is(wrapper.input):
                self._result(self.taint.path)
        elif name == "functools.partial":
            self._unknown()
        elif known.is_known(name) or known.reads_values(name):
            self._values()
        else:
            self._unknown()

    def _is(self, wanted: Argument) -> bool:
        """Is this the argument that is wanted?"""
        if self.argument.keyword:
            return self.argument.keyword == wanted.keyword
        return self.position == wanted.position and not any(
            one.stars or one.keyword for one in self.node.arguments[: self.position + 1]
        )

    def _reading(self, reading: Reading, name: str) -> None:
        if not self._is(reading.input):
            self._values()
        elif reading.need is Need.SAME:
            self._same(reading, name)
        elif reading.need is Need.ORDER and not self.taint.path:
            order.asked(self.search, self.taint, self.one, self.index, self.node, reading, self.frame, self.word)
        elif reading.need is not Need.NOTHING:
            self._values()

    def _same(self, reading: Reading, name: str) -> None:
        operation = self.machine.knowledge.operation(name)
        path = self.taint.path
        moved = not reading.keeps_dims
        if path and (operation is None or operation.effect is Effect.JOIN):
            dim = order.dimension(self.machine, self.frame, self.node, Argument("dim", 1))
            joined = self.word in ("cat", "concat", "concatenate", "vstack", "row_stack") and dim in (None, 0)
            self._result(path[1:], moved=not joined, array=reading.gives_array, mixed=not isinstance(path[0], Any))
        elif path:
            self._values()
        elif operation is not None and operation.effect is Effect.EACH:
            self._result((Any.ITEM,), moved=True)
        else:
            self._result((), moved=moved, array=reading.gives_array)

    def _builtin(self, name: str) -> None:
        path = self.taint.path
        if name in _ASKING:
            return
        if name in _CONTAINING and not self.argument.stars:
            rest: Path = path[1:] if path else ()
            is_sure = not path or isinstance(path[0], Any)
            if name == "zip":
                self._result((Any.ITEM, self.position, *rest), moved=not path, mixed=not is_sure)
            elif name == "enumerate":
                self._result((Any.ITEM, 1, *rest), moved=not path, mixed=not is_sure)
            elif name == "next":
                self._result(rest, moved=not path, mixed=not is_sure)
            elif name in ("reversed", "sorted", "set", "frozenset"):
                self._result((Any.ITEM, *rest), moved=not path, mixed=not is_sure)
            else:
                self._result(path or (Any.ITEM,), moved=not path)
        elif name == "dict" and self.argument.keyword:
            self._result((self.argument.keyword, *path))
        elif name == "dict" and path:
            self._result(path)
        elif hasattr(builtins, name) and name not in ("map", "filter", "getattr", "setattr", "vars", "super", "exec"):
            self._values()
        else:
            self._unknown()

    def _object(self, callee: LibraryObject) -> None:
        """A layer or metric of a library is called."""
        known = self.machine.knowledge
        self.word = callee.name.rpartition(".")[2]
        reading = known.reading(callee.name, Access.CLASS)
        if reading is not None and self._is_constructed(reading, callee):
            if self._is(reading.input) and not self.taint.path:
                order.asked(self.search, self.taint, self.one, self.index, self.node, reading, self.frame, self.word)
            else:
                self._values()
        elif known.loss(callee.name) is not None:
            self._unknown()
        elif known.is_known(callee.name) or known.reads_values(callee.name):
            self._values()
        else:
            self._unknown()

    def _is_constructed(self, reading: Reading, callee: LibraryObject) -> bool:
        for switch in reading.only:
            argument = switch.argument
            value = names.argument(self.machine, callee.arguments, argument.keyword, argument.position)
            if value != Literal(switch.equals):
                return False
        return True

    def _method_of(self, callee: Bound) -> None:
        receiver, name = callee.receiver, callee.name
        known = self.machine.knowledge
        self.word = name
        if isinstance(receiver, LibraryObject):
            if name in ("forward", "__call__", "update"):
                self._object(receiver)
            else:
                self._library(known.canonical(f"{receiver.name}.{name}"))
        elif isinstance(receiver, Instance):
            bases = classes.library_bases(self.machine, receiver.cls)
            full = [known.canonical(f"{base}.{name}") for base in bases]
            reading = next((one for one in (known.reading(at, Access.FUNCTION) for at in full) if one), None)
            if reading is not None:
                self._reading(reading, name)
            else:
                self._unknown()
        elif isinstance(receiver, Scores | Fresh) or (isinstance(receiver, Literal) and name == "format"):
            self._values()
        else:
            self._unknown()
