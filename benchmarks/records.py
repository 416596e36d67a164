"""What a row of the table is measured with, and what comes out."""

from __future__ import annotations

import enum
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


class MeasurementError(Exception):
    """Why a row has no figure."""


class Clock(enum.Enum):
    """Which time is compared."""

    WALL = "wall"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program, with all processes that it started."""

    wall: float
    cpu: float
    """Seconds of all processors, in user and system mode."""
    largest: float
    """Megabytes that the largest of the processes held at most; 0: not sampled."""
    together: float
    """The most that all of them held at one moment, pages that they share counted in each; 0: not sampled."""
    output: str
    status: int

    def seconds(self, clock: Clock) -> float:
        """Return the time that the clock shows."""
        return self.wall if clock is Clock.WALL else self.cpu


@dataclass(frozen=True, slots=True)
class Setting:
    """What is measured, and where."""

    ce_lint: Path
    """The command."""
    scratch: Path
    """An empty folder, removed at the end."""
    libraries: Path | None = None
    """A folder with a library in each of its folders."""
    flake8_libraries: tuple[str, ...] = ()
    """Those that flake8 is run on; none named: all."""
    environments: Path | None = None
    """Where the environments of flake8 are kept."""
    rounds: int | None = None
    most: int = 64_000
    """Files of the largest project that is made up."""
    have_own_losses: bool = False
    """Whether that project calls its losses inside classes of its own."""
    calls: int = 500
    """Calls of the one Trainer in the largest project that is made up for it."""
    clock: Clock = Clock.WALL
    is_quick: bool = False

    @property
    def python(self) -> Path:
        """The Python that the command runs in."""
        return self.ce_lint.parent / "python"

    def rounds_or(self, default: int, quick: int = 1) -> int:
        """Return how many rounds were asked for, else the row's own number."""
        return self.rounds or (quick if self.is_quick else default)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    row: str
    what: str
    against: str
    measured: float
    allowed: float
    unit: str = "times"
    evidence: str = ""
    """The medians that a ratio was made of, and what else is worth a look."""
    wrong: str = ""
    """What does not hold whatever the figure is."""

    @property
    def holds(self) -> bool:
        """Whether the figure is allowed, and nothing else is wrong."""
        return not self.wrong and self.measured <= self.allowed


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A row without a figure, and why."""

    row: str
    what: str
    reason: str


Line = Figure | NotMeasured


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: its name, what it says, and how it is measured."""

    name: str
    what: str
    measure: Callable[[Setting], list[Figure]]


def median(runs: Sequence[Run], clock: Clock) -> float:
    """Return the median of the seconds."""
    return statistics.median(run.seconds(clock) for run in runs)


def ratio(mine: Sequence[Run], others: Sequence[Run], clock: Clock) -> float:
    """Return how many times the median of the others the median of mine is."""
    return median(mine, clock) / median(others, clock)


def percentile_95(values: Sequence[float]) -> float:
    """Return the smallest of the values that 95 of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[-(-95 * len(ordered) // 100) - 1]


def in_seconds(seconds: float) -> str:
    """Write a time with three digits that count."""
    return f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.2f} s" if seconds < 100 else f"{seconds:.0f} s"


def medians(mine: Sequence[Run], others: Sequence[Run]) -> str:
    """Say what a ratio was made of, by both clocks."""
    wall, cpu = (
        f"{in_seconds(median(mine, clock))} against {in_seconds(median(others, clock))}"
        for clock in (Clock.WALL, Clock.CPU)
    )
    return f"{wall}; CPU {cpu} ({ratio(mine, others, Clock.CPU):.2f} times); {len(mine)} of each"
