"""What is followed by name, and through which part of a project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple


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
    """A name as an attribute is spelt."""
    return f".{name}"


def bare(spelling: str) -> str:
    """A name without what says that it is an attribute."""
    return spelling.removeprefix(".")


def spellings(name: str) -> tuple[str, str]:
    """A name as a variable, and as an attribute."""
    return name, attribute(name)


def spelt(names: Iterable[str]) -> frozenset[Name]:
    """Names under any spelling, wherever they stand."""
    return frozenset(Name(one) for name in names for one in spellings(name))


class Spelt(NamedTuple):
    """Names as they are spelt."""

    makers: frozenset[str]
    objects: frozenset[str]


class NamesHere(NamedTuple):
    """The names that mean the thing in one file: those that every file may read, and its own."""

    everywhere: Spelt
    own: Spelt

    def is_maker(self, spelling: str) -> bool:
        """Does a call of the name give the thing?"""
        return spelling in self.everywhere.makers or spelling in self.own.makers

    def is_object(self, spelling: str) -> bool:
        """May the name be the thing, or make it?"""
        return spelling in self.everywhere.objects or spelling in self.own.objects


@dataclass(frozen=True)
class Names:
    """`makers`: whose call gives the thing (its class, a factory); `objects`: that may be the thing, makers too."""

    makers: frozenset[Name]
    objects: frozenset[Name]

    @classmethod
    def of_class(cls, *names: str) -> Names:
        """Classes, under any spelling: calling them gives objects."""
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
        found: dict[str, tuple[set[str], set[str]]] = {"": (set(), set())}
        for name in self.objects:
            makers, objects = found.setdefault(name.home, (set(), set()))
            objects.add(name.spelling)
            if name in self.makers:
                makers.add(name.spelling)
        return {home: Spelt(frozenset(makers), frozenset(objects)) for home, (makers, objects) in found.items()}


_NOTHING = Spelt(frozenset(), frozenset())


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
