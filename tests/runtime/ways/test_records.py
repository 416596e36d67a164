"""What processes leave behind, and what is made of it. No torch."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ce_lint.findings import Verdict
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence, Window
from ce_lint.runtime.sites.records import CallSite, Observation, SiteReport
from ce_lint.runtime.watch.report import WatchReport
from ce_lint.runtime.ways.merging import collect, merge
from ce_lint.runtime.ways.records import (
    EndLine,
    Line,
    LookLine,
    RunOptions,
    decode,
    encode,
    read_options,
    write_options,
)

HERE = CallSite("/project/train.py", 12, "step", "CrossEntropyLoss")
THERE = CallSite("/project/train.py", 30, "evaluate", "cross_entropy")


def diagnosis(verdict: Verdict, *, loss: float = 1.5) -> Diagnosis:
    return Diagnosis(
        verdict=verdict,
        code="CEL001" if verdict is Verdict.CONFIRMED else None,
        loss_name="CrossEntropyLoss",
        family=Family.CROSS_ENTROPY,
        kind=ScoreKind.PROBABILITIES,
        evidence=Evidence.GRAPH,
        loss=loss,
        window=Window(0.9, 1.9),
    )


def site(
    place: CallSite, verdict: Verdict, *observations: tuple[int, float, float | None], calls: int = 3
) -> SiteReport:
    seen = tuple(Observation(*one) for one in observations)
    return SiteReport(place, calls, len(observations), diagnosis(verdict), seen)


RIGHT = site(HERE, Verdict.REFUTED, (1, 1.5, 1.5), calls=7)
WRONG = site(HERE, Verdict.CONFIRMED, (1, 1.5, 0.7), (2, 1.4, 0.6))
UNKNOWN = site(HERE, Verdict.INCONCLUSIVE, (1, 1.5, None))
ELSEWHERE = site(THERE, Verdict.REFUTED, (1, 2.0, 2.0))


def write(folder: Path, name: str, *lines: Line, tail: bytes = b"") -> None:
    (folder / f"{name}.jsonl").write_bytes(b"".join(map(encode, lines)) + tail)


@pytest.mark.parametrize("line", [LookLine(WRONG), EndLine((RIGHT, UNKNOWN), ("a compiled step",))])
def test_a_line_is_read_as_it_was_written(line: Line) -> None:
    assert encode(line).count(b"\n") == 1
    assert decode(encode(line)) == line


def test_a_loss_that_is_no_number_survives() -> None:
    read = decode(encode(LookLine(site(HERE, Verdict.INCONCLUSIVE, (1, math.inf, math.nan)))))
    assert isinstance(read, LookLine)
    (seen,) = read.site.observations
    assert seen.loss == math.inf
    assert seen.loss_on_logits is not None
    assert math.isnan(seen.loss_on_logits)


@pytest.mark.parametrize("text", [b"", b"[]", b'{"type": "look"}', b"null", encode(LookLine(WRONG))[:-9]])
def test_a_line_that_was_cut_off_is_nothing(text: bytes) -> None:
    assert decode(text) is None


def test_options_are_read_as_they_were_written(tmp_path: Path) -> None:
    options = RunOptions(steps=5, looks=None)
    write_options(tmp_path, options)
    assert read_options(tmp_path) == options


def test_a_process_that_ended_in_order_is_believed_at_its_last_line(tmp_path: Path) -> None:
    write(tmp_path, "1", LookLine(UNKNOWN), EndLine((WRONG, ELSEWHERE), ("x",)))
    recorded = collect(tmp_path)
    assert recorded.report == WatchReport((WRONG, ELSEWHERE), ("x",))
    assert recorded.cut_off == 0


def test_a_process_that_was_killed_has_what_it_wrote(tmp_path: Path) -> None:
    first = site(HERE, Verdict.CONFIRMED, (1, 1.5, 0.7), calls=1)
    second = site(HERE, Verdict.CONFIRMED, (2, 1.4, 0.6), calls=2)
    write(tmp_path, "1", LookLine(first), LookLine(second), tail=b'{"type": "lo')
    recorded = collect(tmp_path)
    (only,) = recorded.report.sites
    assert only.observations == (*first.observations, *second.observations)
    assert (only.calls, recorded.cut_off) == (2, 1)


def test_two_losses_on_one_line_of_a_killed_process_keep_the_graver(tmp_path: Path) -> None:
    write(tmp_path, "1", LookLine(WRONG), LookLine(RIGHT))
    (only,) = collect(tmp_path).report.sites
    assert only.is_confirmed


@pytest.mark.parametrize("reports", [(RIGHT, WRONG, UNKNOWN), (UNKNOWN, RIGHT, WRONG), (WRONG, UNKNOWN, RIGHT)])
def test_processes_add_up_and_the_gravest_diagnosis_stays(reports: tuple[SiteReport, ...]) -> None:
    merged = merge(WatchReport((one,), ("same",)) for one in reports)
    assert merged.unseen == ("same",)
    (only,) = merged.sites
    assert (only.calls, only.looked, only.is_confirmed) == (13, 4, True)
    assert [seen.call for seen in only.observations] == [1, 1, 1, 2]


def test_troubles_are_told_once(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / f"{name}.trouble").write_text("ImportError: no msgspec")
    recorded = collect(tmp_path)
    assert recorded.troubles == ("ImportError: no msgspec",)
    assert recorded.report.is_empty
