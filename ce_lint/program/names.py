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


class Spellings(NamedTuple):
    """How names are spelt in one file."""

    makers: frozenset[str]
    objects: frozenset[str]


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

    def at(self, path: Path) -> Spellings:
        """The names that mean the thing in a file."""
        return self._at_home.get(str(path), self._at_home[""])

    @cached_property
    def _at_home(self) -> dict[str, Spellings]:
        """By file; those of all others under no name."""
        homes = {one.home for one in self.objects} | {""}
        return {home: Spellings(_spelt_at(self.makers, home), _spelt_at(self.objects, home)) for home in homes}


def _spelt_at(names: Iterable[Name], home: str) -> frozenset[str]:
    return frozenset(one.spelling for one in names if one.home in ("", home))


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
