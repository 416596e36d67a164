"""What of a report lies on changed lines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ce_lint.engine.adoption.changes import EVERYTHING, Changes, Lines, only_changed, places_of
from ce_lint.findings import Confidence, Finding, LossCalls, Place, Region, Report, Severity, TraceStep, Unresolved


def one(first: int, last: int | None = None) -> tuple[Lines, ...]:
    return (Lines(first, first if last is None else last),)


def place(path: str, line: int, end_line: int | None = None, raw: int | None = None) -> Place:
    region = None if raw is None else Region(raw, 1, raw, 9)
    return Place(path, line, 1, end_line or line, 9, cell=None if raw is None else 1, raw=region)


def flow(source: Place, argument: Place, sink: Place, *between: Place) -> Finding:
    return Finding(
        code="CEL001",
        name="softmax-before-cross-entropy",
        severity=Severity.ERROR,
        confidence=Confidence.DEFINITE,
        message="at the sink",
        message_at_source="at the source",
        message_between="between",
        argument=argument,
        source=source,
        sink=sink,
        trace=tuple(TraceStep(step, "a step") for step in (source, *between, sink)),
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), False),
        (one(4), False),
        (one(5), True),
        (one(7), True),
        (one(8), False),
        (one(1, 100), True),
        (EVERYTHING, True),
        (one(6, 5), True),  # taken away between its first lines
        (one(5, 4), False),  # taken away above
        (one(8, 7), False),  # taken away below
    ],
)
def test_a_place_is_touched(tmp_path: Path, lines: tuple[Lines, ...], expected: bool) -> None:
    path = tmp_path / "a.py"
    assert Changes({os.path.realpath(path): lines}).touches(place(str(path), 5, 7)) is expected


def test_the_place_of_a_cell_is_the_line_of_the_file() -> None:
    changes = Changes({os.path.realpath("a.ipynb"): one(40)})
    assert changes.touches(place("a.ipynb", 2, raw=40))
    assert not changes.touches(place("a.ipynb", 40, raw=2))


@pytest.mark.parametrize("name", ["source.py", "argument.py", "sink.py", "step.py"])
def test_any_step_on_a_changed_line_keeps_a_flow(name: str) -> None:
    ends = (place("source.py", 3), place("argument.py", 3), place("sink.py", 3))
    report = Report(findings=(flow(*ends, place("step.py", 3)),), loss_calls=LossCalls(right=2, reported=1))
    assert only_changed(report, Changes({os.path.realpath(name): one(3)}), {"sink.py"}) == report
    rest = only_changed(report, Changes({os.path.realpath(name): one(4)}), {"sink.py"})
    assert rest.findings == ()
    assert rest.loss_calls == LossCalls(right=2, reported=0, set_aside=1)
    assert rest.notes == ("1 finding lies on no changed line",)


def test_a_loss_call_of_two_flows_is_reported_for_one() -> None:
    argument, sink = place("train.py", 9), place("train.py", 9)
    first, second = (flow(place(name, 3), argument, sink) for name in ("a.py", "b.py"))
    report = Report(findings=(first, second), loss_calls=LossCalls(reported=1))
    rest = only_changed(report, Changes({os.path.realpath("b.py"): one(3)}), {"train.py"})
    assert (rest.findings, rest.loss_calls) == ((second,), LossCalls(reported=1))


def test_undecided_calls_are_narrowed_and_still_counted() -> None:
    calls = tuple(Unresolved(place("a.py", line), "CrossEntropyLoss", "why") for line in (3, 4))
    report = Report(unresolved=calls, loss_calls=LossCalls(unresolved=2))
    rest = only_changed(report, Changes({os.path.realpath("a.py"): one(4)}), {"a.py"})
    assert (rest.unresolved, rest.loss_calls) == (calls[1:], LossCalls(unresolved=2))


def test_all_places_that_decide_are_asked_about() -> None:
    finding = flow(place("a.py", 1), place("b.py", 1), place("c.py", 1), place("d.py", 1))
    report = Report(findings=(finding,), unresolved=(Unresolved(place("e.py", 1), "F.cross_entropy", "why"),))
    assert {one.path for one in places_of(report)} == {"a.py", "b.py", "c.py", "d.py", "e.py"}
