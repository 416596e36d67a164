"""Methods of the scores, and of what holds them."""

from __future__ import annotations

from ce_lint.concrete.occurrences import Occurrence
from ce_lint.ir import nodes as ir
from ce_lint.knowledge.schema import Access, Effect, Need
from ce_lint.uses import order
from ce_lint.uses.paths import Any, Field, Path, constant_key, may_be
from ce_lint.uses.records import UseKind
from ce_lint.uses.search import Flags, Search, Taint
from ce_lint.uses.stores import ADDING


def method(search: Search, taint: Taint, one: Occurrence, attribute: Occurrence, name: str) -> None:
    """A method of the scores is called."""
    text = search.text(taint.arena)
    call = text.occurrences.all[attribute.parent] if attribute.parent is not None else None
    node = text.nodes[call.node] if call is not None and call.node is not None else None
    if call is None or call.node is None or not isinstance(node, ir.Call):
        search.report(taint, one, UseKind.UNKNOWN, f"its method {name} is read")
        return
    machine = search.interpreter.machine
    reading = machine.knowledge.reading(name, Access.METHOD)
    if taint.is_derived or reading is None or reading.need is Need.VALUES:
        in_place = name.endswith("_") and not name.endswith("__")
        taint = taint._replace(flags=taint.flags._replace(is_mixed=True)) if in_place else taint
        search.report(taint, one, UseKind.VALUES, f"its method {name} is called")
    elif reading.need is Need.ORDER:
        frame = machine.root(search.arenas[taint.arena].function)
        order.asked(search, taint, one, call.node, node, reading, frame, name)
    elif reading.need is Need.SAME:
        operation = machine.knowledge.method_operation(name)
        flags = taint.flags.joined(Flags(is_moved=not reading.keeps_dims, is_array=reading.gives_array))
        fold, path = taint.fold, taint.path
        if not reading.keeps_dims or reading.gives_array:
            fold = search.behind(taint, one, f"its method {name} is called")
        search.carry(taint, one, call.number)
        if operation is not None and operation.effect is Effect.EACH:
            path, flags = (Any.ITEM,), flags._replace(is_moved=True)
        search.follow(taint._replace(node=call.node, path=path, flags=flags, fold=fold, name=""))


_QUIET = ADDING | frozenset(("keys", "clear", "remove", "discard", "reverse", "copy_"))


def container_method(search: Search, taint: Taint, one: Occurrence, attribute: Occurrence, name: str) -> None:
    """A method of a container of the scores is called."""
    text = search.text(taint.arena)
    call = text.occurrences.all[attribute.parent] if attribute.parent is not None else None
    node = text.nodes[call.node] if call is not None and call.node is not None else None
    if name in _QUIET:
        return
    if call is None or call.node is None or not isinstance(node, ir.Call):
        search.report(taint, one, UseKind.UNKNOWN, f"a method {name} of a container of them")
        return
    path, flags = taint.path, taint.flags
    inner: Path | None = None
    if name in ("get", "pop") and not isinstance(path[0], Field):
        asked = constant_key(text.nodes[node.arguments[0].value]) if node.arguments else None
        if not may_be(path[0], asked):
            return
        inner, flags = path[1:], flags._replace(is_mixed=flags.is_mixed or asked is None or path[0] is Any.ENTRY)
    elif name == "popleft":
        inner = path[1:]
    elif name in ("values", "items"):
        inner = (Any.ITEM, *((1,) if name == "items" else ()), *path[1:])
        flags = flags._replace(is_mixed=flags.is_mixed or not isinstance(path[0], Any))
    elif name == "copy":
        inner = path
    if inner is None:
        search.report(taint, one, UseKind.UNKNOWN, f"a method {name} of a container of them")
    else:
        search.follow(taint._replace(node=call.node, path=inner, flags=flags, name=""))
