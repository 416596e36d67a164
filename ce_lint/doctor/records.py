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
    """It is a setting, with its whole value, to write into the file, in place of what the file says of it now."""
    SEE = "see"
    """It says what to do."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change that puts something right."""

    act: Act
    text: str
    path: Path | None = None
    line: int | None = None
    """The line, from 1, on which the setting stands, or what it belongs to."""


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
    """What all checks start from."""

    root: Path
    """The project's folder, absolute."""
    interpreter: Path
    """The Python that ce-lint runs in."""
    version: tuple[int, int]
    """Its version."""
    environment: Mapping[str, str]
