"""Into a function of the project, with the scores as an argument."""

from __future__ import annotations

from typing import NamedTuple

from ce_lint.concrete.occurrences import Occurrence
from ce_lint.interpreter.contexts import Context
from ce_lint.interpreter.values import Definition
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ParameterIR, ParameterKind
from ce_lint.uses.decorated import decorator_between
from ce_lint.uses.paths import Path
from ce_lint.uses.records import UseKind
from ce_lint.uses.search import MAX_ARENAS, MAX_LINKS, Link, Search, Taint


class Door(NamedTuple):
    """A function that a call enters."""

    function: Definition
    is_method: bool
    """Does its first parameter hold an object?"""
    in_advance: int
    """The positional arguments that are given by a partial before those of the call."""


def enter(
    search: Search, taint: Taint, one: Occurrence, call: int, node: ir.Call, door: Door, contexts: tuple[Context, ...]
) -> bool:
    """Follow an argument to the parameter that it is; False where that cannot be told."""
    record = search.interpreter.machine.function_ir(door.function)
    assert isinstance(one.key, int)
    found = _parameter(record, node, one.key, taint.path, door)
    arena = search.arenas[taint.arena]
    depth = arena.link.depth + 1 if arena.link is not None else 1
    if found is None or depth > MAX_LINKS or len(search.arenas) > MAX_ARENAS:
        return False
    parameter, path = found
    decorator = decorator_between(search.interpreter.machine, door.function)
    if decorator:
        search.report(taint, one, UseKind.UNKNOWN, f"given to {record.name} through its decorator {decorator}")
    search.called_from[door.function].add((arena.function, call))
    fold = search.behind(taint, one, f"given to {record.name}")
    link = Link(taint.arena, call, taint.fold, fold, depth)
    inside = [Context(door.function, caller=context, call=call) for context in contexts]
    number = search.arena(door.function, inside, arena.entrance, link)
    start = search.texts[door.function.path].number(ir.Parameter(parameter.name))
    if start is not None:
        search.follow(Taint(number, start, path, fold, taint.flags._replace(meets=frozenset())))
    return True


def _parameter(
    record: FunctionIR, call: ir.Call, index: int, path: Path, door: Door
) -> tuple[ParameterIR, Path] | None:
    """The parameter that an argument reaches, and where in it the scores are."""
    argument = call.arguments[index]
    before = call.arguments[:index]
    if any(one.stars == 1 for one in before):
        return None
    if argument.keyword:
        return _named(record, argument.keyword, path)
    position = door.in_advance + sum(not one.keyword and not one.stars for one in before)
    if argument.stars:
        key = path[0] if path else None
        if argument.stars == 2:
            return _named(record, key, path[1:]) if isinstance(key, str) else None
        if not isinstance(key, int) or key < 0:
            return None
        position, path = position + key, path[1:]
    positional = [one for one in record.parameters if one.kind is ParameterKind.POSITIONAL][door.is_method :]
    if position < len(positional):
        return positional[position], path
    star = next((one for one in record.parameters if one.kind is ParameterKind.STAR), None)
    return None if star is None else (star, (position - len(positional), *path))


def _named(record: FunctionIR, name: str, path: Path) -> tuple[ParameterIR, Path] | None:
    kinds = (ParameterKind.POSITIONAL, ParameterKind.KEYWORD)
    for one in record.parameters:
        if one.name == name and one.kind in kinds:
            return one, path
    stars = next((one for one in record.parameters if one.kind is ParameterKind.STARS), None)
    return None if stars is None else (stars, (name, *path))
