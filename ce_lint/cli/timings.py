"""`--timings`: where the time of a check went."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from ce_lint.source.paths import display_path

if TYPE_CHECKING:
    from ce_lint.engine.clock import Clock

SLOWEST = 5


def to_text(clock: Clock) -> str:
    """Return the stages, the slowest files, and what the loss calls took by what came of them; in seconds."""
    return "".join(f"{line}\n" for line in _lines(clock, perf_counter() - clock.began))


def _lines(clock: Clock, total: float) -> Iterator[str]:
    rest = total - sum(clock.stages.values())
    yield f"{total:8.3f} s  in all, in one process"
    for name, seconds in sorted([*clock.stages.items(), ("everything else", rest)], key=lambda one: -one[1]):
        yield f"{seconds:8.3f} s  {seconds / total:4.0%}  {name}"
    slowest = sorted(clock.files.items(), key=lambda one: (-sum(one[1].values()), one[0]))[:SLOWEST]
    yield "slowest files:" if slowest else "no file had to be looked into"
    for path, stages in slowest:
        yield f"{sum(stages.values()):8.3f} s  {_named(path, stages)}"
    if clock.outcomes:
        yield "loss calls, by what came of them:"
        for name, seconds in sorted(clock.outcomes.items(), key=lambda one: (-one[1], one[0])):
            yield f"{seconds:8.3f} s  {name}"


def _named(path: Path, stages: dict[str, float]) -> str:
    parts = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in sorted(stages.items(), key=lambda one: -one[1]))
    return f"{display_path(path)} ({parts})"
