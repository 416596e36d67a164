"""From what was found to the uses: each once, at the place where an activation would be put back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from ce_lint.concrete.occurrences import Occurrence
from ce_lint.ir import nodes as ir
from ce_lint.uses.records import Entrance, Use, UseKind, Uses
from ce_lint.uses.search import Entry, Found, Search

_WORST = (UseKind.UNKNOWN, UseKind.VALUES, UseKind.CLASSES, UseKind.LOSS)


@dataclass(frozen=True, slots=True)
class _Settled:
    """What is done with the scores of one fold."""

    found: tuple[Found, ...]
    kinds: frozenset[UseKind]


class Place(NamedTuple):
    """Where a use is."""

    path: Path
    occurrence: Occurrence


def settle(search: Search) -> Uses:
    """The uses of all entrances."""
    settled = [_settle(search, entry.fold) for entry in search.entries]
    places: dict[Place, list[Found]] = defaultdict(list)
    owners: dict[Place, dict[int, None]] = defaultdict(dict)
    for number, one in enumerate(settled):
        for found in one.found:
            for start in _starts(search, found):
                place = Place(search.arenas[found.arena].function.path, start)
                places[place].append(found)
                owners[place][number] = None
    holding = [_holds(search, entry, one) for entry, one in zip(search.entries, settled, strict=True)]
    _agree(holding, owners)
    uses: defaultdict[int, list[Use]] = defaultdict(list)
    for place, founds in places.items():
        uses[min(owners[place])].append(_use(search, place, founds))
    entrances = [
        _entrance(search, entry, one, holding[number], sorted(uses[number], key=lambda use: (str(use.path), use.span)))
        for number, (entry, one) in enumerate(zip(search.entries, settled, strict=True))
    ]
    first, *rest = entrances
    return Uses((first, *sorted(rest, key=lambda one: (str(one.path), one.span))))


def _agree(holding: list[bool], owners: Mapping[Place, Mapping[int, None]]) -> None:
    """Where a use is reached through several entrances, the activation is put back around all of them or at the use."""
    changes = True
    while changes:
        changes = False
        for at in owners.values():
            if len({holding[number] for number in at}) > 1:
                changes = True
                for number in at:
                    holding[number] = False


def _settle(search: Search, number: int) -> _Settled:
    """What is found in a fold, and what becomes of the folds in it."""
    fold = search.folds[number]
    found = [one for one in fold.found if one.kind is not None]
    for inside in fold.inner:
        inner, settled = search.folds[inside], _settle(search, inside)
        place = inner.place
        assert place is not None
        kinds = settled.kinds | ({place.kind} if place.kind is not None else set())
        is_read = bool(kinds & {UseKind.VALUES, UseKind.UNKNOWN})
        if UseKind.LOSS in kinds or inner.is_passed_on or (is_read and not place.is_direct):
            found += [*settled.found, *([place] if place.kind is not None else [])]
        elif kinds:
            worst = next(kind for kind in _WORST if kind in kinds)
            within = next((one for one in settled.found if one.kind is worst), None)
            why = place.why if within is None else f"{place.why}: {within.why}"
            found.append(replace(place, kind=worst, why=why))
    return _Settled(tuple(dict.fromkeys(found)), frozenset(one.kind for one in found if one.kind is not None))


def _starts(search: Search, found: Found) -> Iterator[Occurrence]:
    """The expressions inside one that are the scores as they came, before they were moved or reshaped."""
    if not found.is_direct:
        yield found.occurrence
        return
    text = search.text(found.arena)
    seen: set[int] = set()
    pending = [found.occurrence.number]
    while pending:
        number = pending.pop(0)
        inner = [one for one in search.carried.get((found.arena, number), ()) if one not in seen]
        seen.add(number)
        if inner:
            pending += inner
        else:
            yield text.occurrences.all[number]


def _use(search: Search, place: Place, founds: list[Found]) -> Use:
    kinds = {one.kind for one in founds}
    worst = next(kind for kind in _WORST if kind in kinds)
    why = next(one.why for one in founds if one.kind is worst)
    if UseKind.LOSS in kinds and len(kinds) > 1:
        worst = UseKind.UNKNOWN
    spoilt = any(_is_spoilt(search, one.arena, place.occurrence, one) for one in founds)
    occurrence = place.occurrence
    return Use(place.path, occurrence.span, worst, why, occurrence.is_primary, spoilt)


def _is_spoilt(search: Search, arena: int, occurrence: Occurrence, found: Found) -> bool:
    """Can an activation not be put back around an expression?"""
    path, flags = search.states.get((arena, occurrence.number), ((), found.flags))
    if found.occurrence == occurrence:
        flags = flags.joined(found.flags)
        path = path if found.is_direct else ("",)
    if path or flags.is_mixed or flags.is_array:
        return True
    if flags.is_moved and not search.activation.is_elementwise:
        return True
    return any(not _is_only_ours(search, *meeting) for meeting in flags.meets) or _has_other_callers(search, arena)


def _is_only_ours(search: Search, arena: int, number: int) -> bool:
    """Is every value that meets others at a node the scores, or none at all?"""
    nodes = search.text(arena).nodes
    node = nodes[number]
    assert isinstance(node, ir.Choice | ir.Loop)
    sides = (node.then, node.other) if isinstance(node, ir.Choice) else (node.before, *node.after)
    ours = {one.node for one in search.seen if one.arena == arena}
    nothing = (ir.Constant(None), ir.Unbound())
    empty = (ir.Display, ir.Dictionary)
    return all(side in ours or nodes[side] in nothing or isinstance(nodes[side], empty) for side in sides)


def _has_other_callers(search: Search, arena: int) -> bool:
    """May a function be given something else as well, by a call by which the scores do not come?"""
    inside = search.arenas[arena]
    if inside.link is None:
        return False
    callers = search.interpreter.callers.callers(search.interpreter.machine, inside.function)
    given = search.called_from[inside.function]
    return any((one.function, one.call) not in given for one in callers)


def _holds(search: Search, entry: Entry, settled: _Settled) -> bool:
    """Can the activation be put back around an entrance?"""
    blocked = _is_mixed(search, entry) or entry.is_passed_on or UseKind.LOSS in settled.kinds
    return not entry.path and not blocked


def _is_mixed(search: Search, entry: Entry) -> bool:
    """May an entrance be something else, or the scores in another shape than they were made in?"""
    flags = entry.flags
    return flags.is_mixed or flags.is_array or (flags.is_moved and not search.activation.is_elementwise)


def _entrance(search: Search, entry: Entry, settled: _Settled, holds: bool, uses: list[Use]) -> Entrance:
    return Entrance(
        path=search.arenas[entry.arena].function.path,
        span=entry.occurrence.span,
        is_direct=not entry.path,
        is_primary=entry.occurrence.is_primary,
        is_mixed=_is_mixed(search, entry),
        is_passed_on=entry.is_passed_on,
        holds_activation=holds,
        kinds=settled.kinds,
        uses=tuple(uses),
    )
