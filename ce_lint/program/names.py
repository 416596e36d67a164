"""What is followed by name, and through which part of a project."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec


class Name(NamedTuple):
    """A name as it is spelt: `.criterion`, an attribute, is another than the variable `criterion`."""

    spelling: str
    home: str = ""
    """The file of which a function has it as a parameter or variable; empty for one that every file may read."""

    @property
    def word(self) -> str:
        """What stands in a text where the name does: of a lambda, its keyword."""
        return self.spelling.strip("<>")


def attribute(name: str) -> str:
    """A name as an attribute is spelt; one string, however often it is asked for."""
    return sys.intern(f".{name}")


def bare(spelling: str) -> str:
    """A name without what says that it is an attribute."""
    return spelling.removeprefix(".")


def spellings(name: str) -> tuple[str, str]:
    """A name as a variable, and as an attribute."""
    return name, attribute(name)


def spelt(names: Iterable[str]) -> frozenset[Name]:
    """Names under any spelling, wherever they stand."""
    return frozenset(Name(one) for name in names for one in spellings(name))


MAX_CALLS = 2
"""How many calls may lie between a name and what it is followed for: `get_class(name)(weight)`."""


class Spelt(NamedTuple):
    """Names as they are spelt, by how many calls lie between them and the thing."""

    objects: frozenset[str] = frozenset()
    makers: frozenset[str] = frozenset()
    finders: frozenset[str] = frozenset()


class NamesHere(NamedTuple):
    """The names that mean the thing in one file: those that every file may read, and its own."""

    everywhere: Spelt
    own: Spelt

    def leads(self, spelling: str, calls: int) -> bool:
        """May so many calls of a name give the thing, or the name be it where there is none?"""
        return spelling in self.everywhere[calls] or spelling in self.own[calls]

    def among(self, mentioned: Collection[str]) -> set[str]:
        """Those of some spellings that are names; there can be as many names as files."""
        found: set[str] = set()
        for names in (*self.everywhere, *self.own):
            few, many = (names, mentioned) if len(names) < len(mentioned) else (mentioned, names)
            found.update(filter(many.__contains__, few))
        return found

    def is_maker(self, spelling: str) -> bool:
        """May a call of the name give the thing?"""
        return self.leads(spelling, 1)

    def is_object(self, spelling: str) -> bool:
        """May the name be the thing?"""
        return self.leads(spelling, 0)


class Names(msgspec.Struct, frozen=True, dict=True):
    """`objects` may be the thing, a call of `makers` gives it (its class, a factory), one of `finders` a maker."""

    makers: frozenset[Name]
    objects: frozenset[Name]
    finders: frozenset[Name] = frozenset()

    @property
    def by_calls(self) -> tuple[frozenset[Name], ...]:
        """The same by how many calls lie between a name and the thing."""
        return self.objects, self.makers, self.finders

    @classmethod
    def of_class(cls, *names: str) -> Names:
        """Classes, under any spelling: calling them gives objects, and counts as a call of the thing."""
        return cls(spelt(names), spelt(names))

    @classmethod
    def of_function(cls, *names: str) -> Names:
        """Functions, under any spelling: what calling them gives is something else."""
        return cls(frozenset(), spelt(names))

    @classmethod
    def of_method(cls, name: str) -> Names:
        """A method, which is an attribute wherever it is called."""
        return cls(frozenset(), frozenset((Name(attribute(name)),)))

    def at(self, path: Path) -> NamesHere:
        """The names that mean the thing in a file."""
        return NamesHere(self._spelt[""], self._spelt.get(str(path), _NOTHING))

    @cached_property
    def _spelt(self) -> dict[str, Spelt]:
        """By file; those that every file may read under no name."""
        found: defaultdict[str, tuple[set[str], ...]] = defaultdict(lambda: (set(), set(), set()))
        for calls, names in enumerate(self.by_calls):
            for name in names:
                found[name.home][calls].add(name.spelling)
        return {"": _NOTHING} | {home: Spelt(*map(frozenset, sets)) for home, sets in found.items()}


_NOTHING = Spelt()


class Vicinity(NamedTuple):
    """A part of a project: the files below a folder, and those in which one of some names stands."""

    folder: Path | None
    """None for the whole project."""
    names: frozenset[str] = frozenset()


WHOLE = Vicinity(None)


class Start(NamedTuple):
    """The names under which something starts, and where it is looked for under them and others."""

    names: Names
    within: Vicinity = WHOLE
