"""What was found around a project, and what to do about it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class Verdict(enum.Enum):
    """How it stands with one thing."""

    OK = "ok"
    WARNING = "warning"
    """It works, and will surprise."""
    PROBLEM = "problem"
    """Findings are lost, or comments of ours are."""
    NOT_APPLICABLE = "not applicable"


class Act(enum.Enum):
    """What to do with the text of a remedy."""

    RUN = "run"
    """It is a command."""
    WRITE = "write"
    """It replaces the lines from `line` to `last_line`."""
    ADD_BELOW = "add below"
    """It goes below `line`."""
    ADD_AT_END = "add at the end"
    """It goes to the end of the file, which is made where there is none."""
    REMOVE = "remove"
    """The lines from `line` to `last_line` go; the text is what they held."""
    SEE = "see"
    """It says what to change in a file whose lines have a form that is not understood."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change that puts something right; lines count from 1."""

    act: Act
    text: str
    path: Path | None = None
    line: int | None = None
    last_line: int | None = None
    """The last of several lines; None: there is only one."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer."""

    area: str
    name: str
    verdict: Verdict
    what: str
    """Why, in one line."""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all checks start from; nothing else is taken from the process that asks."""

    root: Path
    """The project's folder, absolute."""
    interpreter: Path
    """The Python that ce-lint runs in."""
    version: tuple[int, int]
    """Its version."""
    environment: Mapping[str, str]
    home: Path
