"""Questions to a whole project: an answer that was made of one does not hold when that has another answer."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ce_lint.program.names import WHOLE, Start, Vicinity


class Imported(NamedTuple):
    """The question what an import names, in the files of a folder."""

    folder: Path
    module: str
    level: int


class Inside(NamedTuple):
    """The question which file a module of a package is."""

    package: Path
    name: str


class Stored(NamedTuple):
    """The question which modules set an attribute of something other than `self`."""

    attribute: str
    within: Vicinity = WHOLE


class Called(NamedTuple):
    """The question which calls there are of what starts under some names."""

    start: Start


class Cut(NamedTuple):
    """The question whether what starts under some names stands too far away, too, for its calls to be looked at."""

    start: Start
