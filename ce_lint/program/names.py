"""What is followed by name, and through which part of a project."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Names(NamedTuple):
    """`makers`: whose call gives the thing (its class, a factory); `objects`: that may be the thing, makers too."""

    makers: frozenset[str]
    objects: frozenset[str]

    @classmethod
    def of_class(cls, *names: str) -> Names:
        """Classes: calling them gives objects."""
        return cls(frozenset(names), frozenset(names))

    @classmethod
    def of_function(cls, *names: str) -> Names:
        """Functions: what calling them gives is something else."""
        return cls(frozenset(), frozenset(names))


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
