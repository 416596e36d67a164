"""From a function that returns the scores to the calls of it, over the whole project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ce_lint.concrete.occurrences import Occurrence
from ce_lint.interpreter import attributes, classes
from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.contexts import Context, can_bind
from ce_lint.interpreter.targets import targets
from ce_lint.interpreter.unions import alternatives, first_open
from ce_lint.interpreter.values import Bound, Definition, Instance, Literal, Nothing, Unknown, Value
from ce_lint.ir import nodes as ir
from ce_lint.program.names import Names
from ce_lint.uses.decorated import decorator_between
from ce_lint.uses.handed import handed_over, is_cut_short
from ce_lint.uses.paths import Path, look, paths_to
from ce_lint.uses.records import UseKind
from ce_lint.uses.search import Entry, Flags, Found, Rising, Search, Taint
from ce_lint.uses.ways import ways

_CALLED = frozenset(("forward", "__call__"))
_LOADED = Names.of_class("load")
"""What a call of `torch.load` gives may be any model."""

_PLAIN_BASES = ("torch.nn.", "torch.jit.", "builtins.", "abc.", "typing.")


def rise(search: Search, rising: Rising) -> None:
    """Follow the scores to every call that may return them."""
    machine = search.interpreter.machine
    record = machine.function_ir(rising.function)
    if classes.decorator_names(machine, rising.function) & {"property", "cached_property"}:
        unfollowed(search, rising.function, f"returned by the property {record.name}")
        return
    if record.name.startswith("__") and record.name not in _CALLED:
        unfollowed(search, rising.function, f"returned by {record.name}")
        return
    if is_cut_short(search, rising.function):
        unfollowed(search, rising.function, f"{record.name} goes under too many names")
    decorator = decorator_between(machine, rising.function)
    if decorator:
        unfollowed(search, rising.function, f"returned by {record.name} to its decorator {decorator}")
    seen = False
    for candidate in dict.fromkeys(_candidates(search, rising.function)):
        seen = _at(search, rising, candidate) or seen
    for candidate, taker in handed_over(search, rising.function):
        enter_undecided(search, candidate, f"{taker} may call {record.qualified_name}")
    reason = _framework(search, rising.function, seen=seen)
    if reason:
        unfollowed(search, rising.function, reason)
    elif not seen and not _is_what_changes(search, rising.function):
        search.keep(rising.function)


def _is_what_changes(search: Search, function: Definition) -> bool:
    """Is this the function that makes the scores, or a model around it? It is to return logits."""
    is_origin = function == search.arenas[search.entries[0].arena].function
    return is_origin or search.interpreter.machine.function_ir(function).name in _CALLED


def unfollowed(search: Search, function: Definition, why: str) -> None:
    """Report at every entrance of a function that returns the scores that somebody unseen gets them."""
    for entry in search.entries:
        arena = search.arenas[entry.arena]
        if arena.function == function or (entry.is_passed_on and arena.function.path == function.path):
            found = Found(entry.arena, entry.occurrence, UseKind.UNKNOWN, why, entry.flags, not entry.path)
            if found not in search.folds[entry.fold].found:
                search.folds[entry.fold].found.append(found)
            return


def _candidates(search: Search, function: Definition) -> Iterator[Candidate]:
    """The calls that may run a function, by their names: also those that a class makes on itself."""
    interpreter = search.interpreter
    machine, callers = interpreter.machine, interpreter.callers
    yield from callers.callers(machine, function)
    record = machine.function_ir(function)
    if record.owner is None:
        return
    if record.name in _CALLED:
        yield from callers.candidates(callers.carriers.closure(_LOADED))
    owner = machine.class_value(function.path, record.owner)
    names = callers.carriers.closure(Names.of_class(machine.class_ir(owner).name))
    above = {one.definition.path for one in classes.ancestry(machine, owner)}
    modules = {module.path: module for module in callers.carriers.modules(names)}
    for module in (modules | {path: machine.module(path) for path in above}).values():
        by_name = callers.carriers.names(module).calls
        own = {one.parameters[0].name for one in module.ir.functions if one.owner is not None and one.parameters}
        wanted = {record.name} | (own | _CALLED if record.name in _CALLED else set())
        for name in sorted(wanted & by_name.keys()):
            for called, at, node in by_name[name]:
                if not called:
                    yield Candidate(Definition(module.path, at), node)


@dataclass(slots=True)
class _Hits:
    """What is known of one call."""

    contexts: dict[Context, None] = field(default_factory=dict)
    paths: dict[Path, None] = field(default_factory=dict)
    is_mixed: bool = False
    """Does it give something else as well?"""
    is_undecided: bool = False
    is_decided: bool = False
    """Is it seen to call something else, in one way at least?"""


def _at(search: Search, rising: Rising, candidate: Candidate) -> bool:
    """Enter the function around a call that gives the scores; True where it is one."""
    machine = search.interpreter.machine
    call = machine.module(candidate.function.path).ir.nodes[candidate.call]
    assert isinstance(call, ir.Call)
    start = (Context(candidate.function),)
    found = ways(
        machine, search.interpreter.contexts, start, lambda frame: first_open(attributes.callee(machine, frame, call))
    )
    hits = _Hits(is_mixed=not found.is_complete)
    for way in found.found:
        for frame in way.frames:
            _look_at(search, rising, hits, way.context, frame, candidate.call)
    if hits.contexts:
        flags = rising.flags.joined(Flags(is_mixed=hits.is_mixed or hits.is_undecided or hits.is_decided))
        for path in hits.paths:
            enter(search, candidate, tuple(hits.contexts), path, flags)
        return True
    if (hits.is_undecided or not hits.is_decided) and _may_enter(search, rising.function, call):
        name = machine.function_ir(rising.function).qualified_name
        enter_undecided(search, candidate, f"it may be {name} that is called here")
    return False


def _look_at(search: Search, rising: Rising, hits: _Hits, context: Context, frame: int, call: int) -> None:
    machine = search.interpreter.machine
    node = machine.node(frame, call)
    assert isinstance(node, ir.Call)
    is_hit = False
    for one in alternatives(attributes.callee(machine, frame, node)):
        callee = one.value
        if callee == Literal(None) or isinstance(callee, Nothing):
            continue
        entered = [target.function.definition for target in targets(machine, callee, machine.arguments(frame, node))]
        if rising.function in entered:
            is_hit = True
        elif _may_be_below(search, rising.function, callee):
            is_hit = hits.is_mixed = True
        elif isinstance(callee, Unknown):
            hits.is_undecided = True
        else:
            hits.is_decided = True
    value = machine.evaluate(frame, call)
    if is_hit:
        found = look(machine, value, rising.path, search.activation.made)
        if found.ours or found.unknown or search.hangs_on_mode or hits.is_mixed:
            hits.contexts[context] = hits.paths[rising.path] = None
        hits.is_mixed = hits.is_mixed or found.other or found.unknown or not found.ours
    else:
        inside = tuple(paths_to(machine, value, search.activation.made))
        if inside:
            hits.is_decided = False
            hits.contexts[context] = None
            hits.paths.update(dict.fromkeys(inside))


def _may_be_below(search: Search, function: Definition, callee: Value) -> bool:
    """Is this a method called on an object of a class above the function's own, which may be one of that?"""
    machine = search.interpreter.machine
    record = machine.function_ir(function)
    if record.owner is None:
        return False
    receiver = callee.receiver if isinstance(callee, Bound) else callee
    name = callee.name if isinstance(callee, Bound) else "forward"
    wanted = record.name == name or {record.name, name} <= _CALLED
    if not isinstance(receiver, Instance) or receiver.arguments is not None or not wanted:
        return False
    line = classes.ancestry(machine, machine.class_value(function.path, record.owner))
    return receiver.cls.definition in {one.definition for one in line}


def _may_enter(search: Search, function: Definition, call: ir.Call) -> bool:
    """May a call of something unknown enter the function, by its form?"""
    machine = search.interpreter.machine
    return can_bind(machine.function_ir(function), call)


def enter(search: Search, candidate: Candidate, contexts: tuple[Context, ...], path: Path, flags: Flags) -> None:
    """Follow what a call gives in the function around it."""
    text = search.texts[candidate.function.path]
    one = text.call(candidate.function.number, candidate.call)
    if one is None:
        unfollowed(search, search.arenas[search.entries[0].arena].function, "returned to a decorator")
        return
    known = _entry_at(search, candidate.function, one)
    if known is None:
        fold = search.fold(None, None)
        arena = search.arena(candidate.function, contexts, len(search.entries))
        known = Entry(arena, one, path, flags, fold)
        search.entries.append(known)
    search.follow(Taint(known.arena, candidate.call, path, known.fold, flags))


def _entry_at(search: Search, function: Definition, one: Occurrence) -> Entry | None:
    for entry in search.entries:
        if entry.occurrence == one and search.arenas[entry.arena].function == function:
            return entry
    return None


def enter_undecided(search: Search, candidate: Candidate, why: str) -> None:
    """Report a call of which it cannot be told whether the scores come out of it."""
    text = search.texts[candidate.function.path]
    one = text.call(candidate.function.number, candidate.call)
    if one is None or _entry_at(search, candidate.function, one) is not None:
        return
    fold = search.fold(None, None)
    flags = Flags(is_mixed=True)
    arena = search.arena(candidate.function, (Context(candidate.function),), len(search.entries))
    search.entries.append(Entry(arena, one, (), flags, fold))
    search.folds[fold].found.append(Found(arena, one, UseKind.UNKNOWN, why, flags, is_direct=True))


def _framework(search: Search, function: Definition, *, seen: bool) -> str:
    """Why a framework may call a method, too; empty where none does."""
    machine = search.interpreter.machine
    record = machine.function_ir(function)
    if record.owner is None:
        return ""
    names = classes.library_bases(machine, machine.class_value(function.path, record.owner))
    for name in names:
        base = machine.knowledge.base(name)
        if base is not None and record.name in _CALLED:
            called = [one for one in base.forwards if machine.program.mentioning(one)]
            if called:
                return f"{called[0]} of {name.rpartition('.')[2]} may call {record.name}"
        is_plain = name.startswith(_PLAIN_BASES) or (base is not None and record.name in _CALLED)
        if not is_plain and (not seen or record.name in _CALLED):
            return f"{name.rpartition('.')[2]} may call {record.name}"
    return ""
