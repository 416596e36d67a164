"""A search for uses: what is followed where, and what was found so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ce_lint.concrete.occurrences import Occurrence
from ce_lint.interpreter.contexts import Context
from ce_lint.interpreter.sinks import Interpreter
from ce_lint.interpreter.values import Definition
from ce_lint.ir.kinds import Family
from ce_lint.uses.paths import Made, Path
from ce_lint.uses.records import UseKind
from ce_lint.uses.texts import Text, Texts
from ce_lint.uses.ways import Ways

MAX_TAINTS = 4_000
MAX_ARENAS = 150
MAX_LINKS = 6
"""Calls on top of each other into which scores are followed as an argument."""


@dataclass(frozen=True, slots=True)
class Activation:
    """What made the scores, as far as it decides which questions logits answer as well."""

    made: Made
    dim: int | None
    """None where it is not known, or where it is no dimension that counts."""
    is_elementwise: bool
    is_increasing: bool
    is_flat: bool
    """Does a loss take the scores in the shape in which they were made: one row for each sample, or image?"""


@dataclass(frozen=True, slots=True)
class Link:
    """The call by which scores come into a function as an argument."""

    arena: int
    call: int
    outer: int
    """The fold around the call."""
    fold: int
    """The fold of what the function does with them."""
    depth: int


@dataclass(frozen=True, slots=True)
class Arena:
    """A function in which scores are followed, with the contexts in which they are there."""

    number: int
    function: Definition
    contexts: tuple[Context, ...]
    entrance: int
    link: Link | None = None


class Flags(NamedTuple):
    """What keeps an activation from being put back around an expression."""

    is_mixed: bool = False
    """It may be other scores, too."""
    is_moved: bool = False
    """The class dimension may have moved."""
    is_array: bool = False
    """It is no tensor any more."""
    meets: frozenset[tuple[int, int]] = frozenset()
    """Arenas and nodes at which several values met on the way."""

    def joined(self, other: Flags) -> Flags:
        """What keeps it from being put back on one of two ways."""
        return Flags(
            self.is_mixed or other.is_mixed,
            self.is_moved or other.is_moved,
            self.is_array or other.is_array,
            self.meets | other.meets,
        )


class Taint(NamedTuple):
    """A node whose value is, or holds, the scores."""

    arena: int
    node: int
    path: Path
    fold: int
    flags: Flags = Flags()
    name: str = ""
    """Only where it is read under this dotted path: equal displays are one node."""
    is_derived: bool = False
    """What was computed of the scores, not they themselves: whoever reads it needs their values."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is done with the scores at one place."""

    arena: int
    occurrence: Occurrence
    kind: UseKind | None
    """None where the place alone needs nothing of them."""
    why: str
    flags: Flags
    is_direct: bool


def _is_one(one: Found, other: Found) -> bool:
    return (one.arena, one.occurrence, one.why) == (other.arena, other.occurrence, other.why)


@dataclass(slots=True)
class Fold:
    """What is done with scores behind one place: one use of that place, unless a loss or a caller gets them there."""

    number: int
    parent: int | None
    place: Found | None
    """The place itself, with what is needed of the scores there anyway."""
    found: list[Found] = field(default_factory=list)
    inner: list[int] = field(default_factory=list)
    is_passed_on: bool = False


@dataclass(slots=True)
class Entry:
    """An entrance in the making."""

    arena: int
    occurrence: Occurrence
    path: Path
    flags: Flags
    fold: int
    is_passed_on: bool = False


class Rising(NamedTuple):
    """A function that returns the scores, or something that holds them."""

    function: Definition
    path: Path
    flags: Flags = Flags()


class Return(NamedTuple):
    """An expression that a function returns, and what of it is the scores."""

    taint: Taint
    occurrence: Occurrence


@dataclass(slots=True)
class Search:
    """All that is known during one search."""

    interpreter: Interpreter
    texts: Texts
    activation: Activation
    families: frozenset[Family]
    """The families of losses that want logits here."""
    hangs_on_mode: bool
    """May what a model returns be another thing in training?"""
    arenas: list[Arena] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    pending: list[Taint] = field(default_factory=list)
    seen: set[Taint] = field(default_factory=set)
    rising: dict[Rising, None] = field(default_factory=dict)
    returned: defaultdict[Definition, dict[Return, None]] = field(default_factory=lambda: defaultdict(dict))
    """By function: where it returns them."""
    carried: defaultdict[tuple[int, int], dict[int, None]] = field(default_factory=lambda: defaultdict(dict))
    """By arena and occurrence: the occurrences inside it that it hands on."""
    states: dict[tuple[int, int], tuple[Path, Flags]] = field(default_factory=dict)
    """By arena and occurrence: what it is."""
    sinks: set[tuple[str, int]] = field(default_factory=set)
    """The loss calls that the scores were followed to."""
    known_ways: dict[tuple[int, int], Ways] = field(default_factory=dict)
    """In which ways a call is reached, by arena and node."""
    called_from: defaultdict[Definition, set[tuple[Definition, int]]] = field(default_factory=lambda: defaultdict(set))
    """The calls by which scores come into a function as an argument."""

    def text(self, arena: int) -> Text:
        """The module of an arena's function."""
        return self.texts[self.arenas[arena].function.path]

    def arena(self, function: Definition, contexts: Iterable[Context], entrance: int, link: Link | None = None) -> int:
        """A new arena; the same one for equal ones."""
        given = tuple(contexts)
        for one in self.arenas:
            if (one.function, one.contexts, one.entrance, one.link) == (function, given, entrance, link):
                return one.number
        self.arenas.append(Arena(len(self.arenas), function, given, entrance, link))
        return len(self.arenas) - 1

    def fold(self, parent: int | None, place: Found | None) -> int:
        """A new fold; the same one for the same place."""
        for one in self.folds:
            if place is not None and one.parent == parent and one.place is not None and _is_one(one.place, place):
                return one.number
        self.folds.append(Fold(len(self.folds), parent, place))
        if parent is not None:
            self.folds[parent].inner.append(len(self.folds) - 1)
        return len(self.folds) - 1

    def behind(self, taint: Taint, occurrence: Occurrence, why: str) -> int:
        """The fold of what is done with the scores behind one expression, in another form than they have there."""
        return self.fold(taint.fold, Found(taint.arena, occurrence, None, why, taint.flags, not taint.path))

    def follow(self, taint: Taint) -> None:
        """Look at a node later, unless that is done already."""
        if taint not in self.seen:
            self.seen.add(taint)
            self.pending.append(taint)

    def pass_on(self, fold: int | None) -> None:
        """Note that the scores leave a fold."""
        while fold is not None and not self.folds[fold].is_passed_on:
            self.folds[fold].is_passed_on = True
            fold = self.folds[fold].parent

    def keep(self, function: Definition) -> None:
        """Note that nobody gets the scores that a function returns: their values are wanted there."""
        for taint, occurrence in self.returned[function]:
            fold: int | None = taint.fold
            while fold is not None:
                self.folds[fold].is_passed_on = False
                fold = self.folds[fold].parent
            self.entries[self.arenas[taint.arena].entrance].is_passed_on = False
            self.report(taint, occurrence, UseKind.VALUES, "returned to whoever calls it")

    def note(self, taint: Taint, occurrence: Occurrence) -> None:
        """Keep what an occurrence is: the tensor itself rather than a container of it, and all that spoils it."""
        key = (taint.arena, occurrence.number)
        path, flags = self.states.get(key, (taint.path, taint.flags))
        self.states[key] = min(path, taint.path, key=len), flags.joined(taint.flags)

    def carry(self, taint: Taint, inner: Occurrence, outer: int | None) -> None:
        """Note that an expression hands on the scores that one inside it is."""
        if outer is not None and not taint.path:
            self.carried[taint.arena, outer][inner.number] = None

    def report(self, taint: Taint, occurrence: Occurrence, kind: UseKind, why: str) -> None:
        """Note what is done with the scores at a place."""
        if taint.is_derived:
            kind = UseKind.VALUES if kind is not UseKind.UNKNOWN else kind
        one = Found(taint.arena, occurrence, kind, why, taint.flags, not taint.path)
        found = self.folds[taint.fold].found
        if one not in found:
            found.append(one)
