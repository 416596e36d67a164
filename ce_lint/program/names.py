"""What is followed by name, and through which part of a project."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


def attribute(name: str) -> str:
    """A name as an attribute is spelt: `.criterion` is another name than the variable `criterion`."""
    return f".{name}"


def bare(name: str) -> str:
    """A name without what says that it is an attribute."""
    return name.removeprefix(".")


def spellings(name: str) -> tuple[str, str]:
    """A name as a variable, and as an attribute."""
    return name, attribute(name)


def spelt(names: Iterable[str]) -> frozenset[str]:
    """Names under any spelling."""
    return frozenset(one for name in names for one in spellings(name))


def word_of(name: str) -> str:
    """What stands in a text where a name does: of a lambda, its keyword."""
    return name.strip("<>")


class Names(NamedTuple):
    """`makers`: whose call gives the thing (its class, a factory); `objects`: that may be the thing, makers too."""

    makers: frozenset[str]
    objects: frozenset[str]

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
        return cls(frozenset(), frozenset((attribute(name),)))


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
