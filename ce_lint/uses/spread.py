"""From a node to the nodes that are made of it: which of them are, or hold, the same scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath

from ce_lint.concrete.occurrences import Occurrence, Role
from ce_lint.interpreter.contexts import Context
from ce_lint.interpreter.values import Definition
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR
from ce_lint.knowledge.schema import Access, Need
from ce_lint.uses.paths import Any, Field, Path, constant_key, may_be
from ce_lint.uses.search import Flags, Search, Taint
from ce_lint.uses.texts import Text


def spread(search: Search, taint: Taint) -> Iterator[Taint]:
    """The nodes that hand the scores of a node on, but for calls."""
    text = search.text(taint.arena)
    places = text.at(search.arenas[taint.arena].function.number, taint.node)
    taken_apart = set(_rows(text, taint, places))
    # An empty list that is known by a name is one node with all others: what is made of it is made of those, too.
    for user in text.users.get(taint.node, ()) if not taint.name else ():
        node = text.nodes[user]
        if not taint.path and user in taken_apart:
            continue  # each of them belongs to one place where a tensor is taken apart
        for path, flags in _handed_on(search, text, taint, user, node):
            yield taint._replace(node=user, path=path, flags=flags, name="")
    yield from _read_elsewhere(search, text, taint)


def _handed_on(search: Search, text: Text, taint: Taint, user: int, node: ir.AnyNode) -> Iterator[tuple[Path, Flags]]:
    if isinstance(node, ir.Choice | ir.Loop | ir.Boolean):
        yield from _met(taint, user, node)
    elif isinstance(node, ir.Item):
        yield from _item(text, taint, node)
    elif isinstance(node, ir.Element):
        yield from _element(taint)
    elif isinstance(node, ir.Attribute):
        yield from _attribute(search, taint, node)
    elif isinstance(node, ir.Mutate):
        yield from _mutated(search, taint, node)
    else:
        yield from _held(taint, node)


def _met(taint: Taint, user: int, node: ir.Choice | ir.Loop | ir.Boolean) -> Iterator[tuple[Path, Flags]]:
    """One of several values."""
    flags = taint.flags
    if isinstance(node, ir.Boolean):
        yield taint.path, flags._replace(is_mixed=True)
        return
    sides = (node.then, node.other) if isinstance(node, ir.Choice) else (node.before, *node.after)
    if taint.node in sides:
        yield taint.path, flags._replace(meets=flags.meets | {(taint.arena, user)})


def _held(taint: Taint, node: ir.AnyNode) -> Iterator[tuple[Path, Flags]]:
    """Containers that hold the scores already."""
    path, flags = taint.path, taint.flags
    if isinstance(node, ir.SetItem | ir.SetAttribute) and node.object == taint.node and path:
        yield path, flags
    elif isinstance(node, ir.Binary) and node.operator == "Add" and path and not isinstance(path[0], str):
        yield (Any.ITEM, *path[1:]), flags


def _item(text: Text, taint: Taint, node: ir.Item) -> Iterator[tuple[Path, Flags]]:
    path, flags = taint.path, taint.flags
    key = text.nodes[node.key]
    if node.object != taint.node:
        return
    if not path:
        yield path, flags._replace(is_moved=flags.is_moved or not _keeps_dims(text, key))
    elif isinstance(key, ir.Slice):
        yield (Any.ITEM, *path[1:]), flags
    else:
        asked = constant_key(key)
        if may_be(path[0], asked):
            is_told = asked is not None and not isinstance(path[0], Field)
            yield path[1:], flags if is_told or isinstance(path[0], Any) else flags._replace(is_mixed=True)


def rows(text: Text, taint: Taint, one: Occurrence) -> Iterator[Taint]:
    """What a subscript of a tensor, or a loop over it, gives."""
    for user in _rows(text, taint, (one,)):
        node = text.nodes[user]
        for path, flags in _item(text, taint, node) if isinstance(node, ir.Item) else _element(taint):
            yield taint._replace(node=user, path=path, flags=flags, name="")


def _rows(text: Text, taint: Taint, places: Iterable[Occurrence]) -> Iterator[int]:
    """The nodes of subscripts of a tensor and of loops over it, at some places."""
    for place in places:
        if place.role is Role.SUBSCRIPTED and place.parent is not None:
            whole = text.occurrences.all[place.parent].node
            yield from (whole,) if whole is not None and isinstance(text.nodes[whole], ir.Item) else ()
        elif place.role is Role.ITERATED:
            users = text.users.get(taint.node, ())
            yield from (user for user in users if isinstance(text.nodes[user], ir.Element))


def _keeps_dims(text: Text, key: ir.AnyNode) -> bool:
    """Does a subscript of a tensor leave every dimension in its place: `x[:8]`, `x[2:, :]`?"""
    parts = [text.nodes[one] for one in key.items] if isinstance(key, ir.Display) else [key]
    whole = ir.Slice(None, None, None)
    return isinstance(parts[0], ir.Slice) and all(part == whole for part in parts[1:])


def _element(taint: Taint) -> Iterator[tuple[Path, Flags]]:
    path, flags = taint.path, taint.flags
    if not path:
        yield path, flags._replace(is_moved=True)
    elif isinstance(path[0], int | Field):
        yield path[1:], flags._replace(is_mixed=True)
    elif path[0] is Any.ITEM:
        yield path[1:], flags


def _attribute(search: Search, taint: Taint, node: ir.Attribute) -> Iterator[tuple[Path, Flags]]:
    path, flags = taint.path, taint.flags
    if path:
        if isinstance(path[0], str | Field) and may_be(path[0], node.name):
            yield path[1:], flags
        return
    reading = search.interpreter.machine.knowledge.reading(node.name, Access.ATTRIBUTE)
    if reading is not None and reading.need is Need.SAME:
        yield path, flags._replace(is_moved=flags.is_moved or not reading.keeps_dims)


def displayed(text: Text, taint: Taint, node: ir.AnyNode) -> Iterator[tuple[Path, Flags]]:
    """Where the scores are in a display or comprehension that is made of them."""
    if isinstance(node, ir.Display):
        yield from _display(taint, node)
    elif isinstance(node, ir.Dictionary):
        yield from _dictionary(text, taint, node)
    elif isinstance(node, ir.Collect) and node.element == taint.node:
        yield (Any.ENTRY if node.kind == "dict" else Any.ITEM, *taint.path), taint.flags


def _display(taint: Taint, node: ir.Display) -> Iterator[tuple[Path, Flags]]:
    path, flags = taint.path, taint.flags
    for position, item in enumerate(node.items):
        if item != taint.node:
            continue
        if position in node.starred:
            yield ((Any.ITEM, *path[1:]), flags) if path else ((Any.ITEM,), flags._replace(is_moved=True))
        else:
            told = node.kind != "set" and not any(star < position for star in node.starred)
            yield (position if told else Any.ITEM, *path), flags


def _dictionary(text: Text, taint: Taint, node: ir.Dictionary) -> Iterator[tuple[Path, Flags]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if value != taint.node:
            continue
        if key is None:
            if taint.path:
                yield taint.path, taint.flags
        else:
            name = constant_key(text.nodes[key])
            yield (Any.ENTRY if name is None else name, *taint.path), taint.flags


def _mutated(search: Search, taint: Taint, node: ir.Mutate) -> Iterator[tuple[Path, Flags]]:
    """A container that held the scores before still does; a tensor is another one after a method in place."""
    if node.object != taint.node:
        return
    if taint.path or not node.method.endswith("_"):
        yield taint.path, taint.flags
        return
    reading = search.interpreter.machine.knowledge.reading(node.method, Access.METHOD)
    if reading is not None and reading.need is Need.SAME:
        flags = taint.flags
        yield (), flags._replace(is_moved=flags.is_moved or not reading.keeps_dims)


def _read_elsewhere(search: Search, text: Text, taint: Taint) -> Iterator[Taint]:
    """A variable that functions inside the function read; of a module, all of its functions and other modules."""
    arena = search.arenas[taint.arena]
    functions = search.interpreter.machine.module_ir(arena.function.path).functions
    bindings = functions[arena.function.number].bindings
    names = {one.path for one in bindings if one.value == taint.node and "." not in one.path}
    held = text.nodes[taint.node]
    names |= {held.name} if isinstance(held, ir.Parameter) else set()
    for name in sorted(names & {taint.name} if taint.name else names):
        is_rebound = len([one for one in bindings if one.path == name]) > 1
        flags = taint.flags._replace(is_mixed=taint.flags.is_mixed or is_rebound)
        read = text.number(ir.Free(name))
        for index in text.functions_reading(read) if read is not None else ():
            if _is_inside(functions, index, arena.function.number):
                inner = Definition(arena.function.path, index)
                number = search.arena(inner, (Context(inner),), arena.entrance)
                yield taint._replace(arena=number, node=read or 0, flags=flags, name="")
        if arena.function.number == 0:
            for definition, node in _imported(search, arena.function.path, name):
                number = search.arena(definition, (Context(definition),), arena.entrance)
                yield taint._replace(arena=number, node=node, flags=flags, name="")


def _is_inside(functions: tuple[FunctionIR, ...], index: int, around: int) -> bool:
    parent = functions[index].parent
    while parent is not None:
        if parent == around:
            return True
        parent = functions[parent].parent
    return False


def _imported(search: Search, path: FilePath, name: str) -> Iterator[tuple[Definition, int]]:
    """The functions (or bodies) of other modules that import a module's variable, and the node of it there."""
    program = search.interpreter.machine.program
    for module in program.mentioning(name):
        if module.path == path:
            continue
        nodes = module.ir.nodes
        wanted: set[int] = set()
        for number, node in enumerate(nodes):
            if isinstance(node, ir.Import) and node.name == name:
                wanted |= {number} if program.resolver.resolve(module.path, node.module, node.level) == path else set()
            elif isinstance(node, ir.Attribute) and node.name == name:
                held = nodes[node.object]
                if isinstance(held, ir.Import) and not held.name:
                    target = program.resolver.resolve(module.path, held.module, held.level)
                    wanted |= {number} if target == path else set()
        for number in sorted(wanted):
            for index, function in enumerate(module.ir.functions):
                is_bound = any(one.value == number for one in function.bindings)
                if is_bound or search.texts[module.path].at(index, number):
                    yield Definition(module.path, index), number
