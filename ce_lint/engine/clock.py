"""Where the time of a run goes: by stage, by file, and by what came of the loss calls."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint.engine.results import UNRESOLVED, Analysis

if TYPE_CHECKING:
    from ce_lint.interpreter.callers import Candidate
    from ce_lint.interpreter.sinks import SinkReport
    from ce_lint.ir.kinds import Site
    from ce_lint.program.loading import Lowered, Supply, Wanted

FIND = "find the files"
LOOK_UP = "look up and keep results"
READ = "read the files and index their words"
NAMES = "close the names of losses"
LOWER = "lower"
FOLLOW = "follow values"
PLACE = "judge and place"
RIGHT = "right"
NO_LOSS = "no loss call, though it has the name of one"


class Clock:
    """Adds up what each stage takes, without the stages inside it."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.stages: defaultdict[str, float] = defaultdict(float)
        """Seconds by stage."""
        self.files: defaultdict[Path, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        """Seconds by stage, for each file that has stages of its own."""
        self.outcomes: defaultdict[str, float] = defaultdict(float)
        """Seconds that loss calls took, by the code of the rule that they break, or by `RIGHT`, or by `NO_LOSS`."""
        self._calls: defaultdict[Site, float] = defaultdict(float)
        self._inner = [0.0]

    @contextmanager
    def stage(self, name: str, path: Path | None = None) -> Iterator[None]:
        """Measure a stage, of the run or of a file."""
        begin = time.perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            spent = time.perf_counter() - begin
            own = spent - self._inner.pop()
            self._inner[-1] += spent
            self.stages[name] += own
            if path is not None:
                self.files[path][name] += own

    def supply(self, inner: Supply) -> Supply:
        """The same supply, measured."""
        return _Measured(inner, self)

    def report_on(self, inner: Callable[[Candidate], SinkReport]) -> Callable[[Candidate], SinkReport]:
        """The same question, measured."""

        def measured(candidate: Candidate) -> SinkReport:
            begin = time.perf_counter()
            with self.stage(FOLLOW, candidate.function.path):
                report = inner(candidate)
            spent = time.perf_counter() - begin
            if report.is_loss:
                self._calls[candidate.site] += spent
            else:
                self.outcomes[NO_LOSS] += spent
            return report

        return measured

    def sort(self, analysis: Analysis) -> None:
        """Tell what came of the loss calls that were measured."""
        for judged in analysis.findings:
            if judged.evidence is not None:
                self.outcomes[judged.rule.code] += self._calls.pop(judged.evidence.flow.sink, 0.0)
        for site, _ in analysis.right_calls:
            self.outcomes[RIGHT] += self._calls.pop(site, 0.0)
        if analysis.undecided:
            self.outcomes[UNRESOLVED] += sum(self._calls.values())
        self._calls.clear()


class NoClock(Clock):
    """Measures nothing."""

    @contextmanager
    def stage(self, name: str, path: Path | None = None) -> Iterator[None]:
        """Do nothing."""
        yield

    def supply(self, inner: Supply) -> Supply:
        """The same supply."""
        return inner

    def report_on(self, inner: Callable[[Candidate], SinkReport]) -> Callable[[Candidate], SinkReport]:
        """The same question."""
        return inner

    def sort(self, analysis: Analysis) -> None:
        """Do nothing."""


class _Measured:
    """A supply whose results are waited for with a clock in hand."""

    def __init__(self, inner: Supply, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        """What each of some contents comes to."""
        contents = list(wanted)
        results = iter(self._inner.lowered(contents))
        for path, _, _ in contents:
            with self._clock.stage(LOWER, path):
                result = next(results)
            yield result
