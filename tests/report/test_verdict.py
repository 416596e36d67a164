from __future__ import annotations

import json

import msgspec
import pytest

from ce_lint.findings import Finding, Report, RuntimeCheck, Verdict
from ce_lint.report.full import to_full
from ce_lint.report.json import to_json
from ce_lint.report.text import to_text
from ce_lint.report.verdict import verdict_fields, verdict_line
from ce_lint.report.view import View

CONFIRMED = RuntimeCheck(
    Verdict.CONFIRMED,
    "replay",
    loss=2.19722,
    loss_on_logits=0.8943,
    window=(1.461, 2.461),
    gradient_norm=0.011,
    gradient_norm_on_logits=0.1,
    gradient_ratio=0.11,
    classes=10,
)


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (
            CONFIRMED,
            "confirmed by replay: 2.197 on this input, 0.894 on the logits; gradient 0.11 of the right one",
        ),
        (
            msgspec.structs.replace(CONFIRMED, method="execution", gradient_ratio=None, reason="refuted by replay"),
            "confirmed by execution: 2.197 on this input, 0.894 on the logits (refuted by replay)",
        ),
        (RuntimeCheck(Verdict.CONFIRMED, "watch"), "confirmed by watch"),
        (
            RuntimeCheck(Verdict.REFUTED, "replay", "the losses agree", loss=1.0, loss_on_logits=1.0),
            "refuted by replay: the losses agree; 1.000 on this input, 1.000 on the logits",
        ),
        (
            RuntimeCheck(Verdict.INCONCLUSIVE, "replay", "an argument of view is not known", loss=1.0),
            "inconclusive: an argument of view is not known",
        ),
    ],
)
def test_one_line(check: RuntimeCheck, line: str) -> None:
    assert verdict_line(check) == line


def test_the_fields() -> None:
    assert verdict_fields(None) is None
    assert verdict_fields(CONFIRMED) == {
        "verdict": "confirmed",
        "method": "replay",
        "reason": "",
        "loss": 2.19722,
        "loss_on_logits": 0.8943,
        "window": [1.461, 2.461],
        "gradient_norm": 0.011,
        "gradient_norm_on_logits": 0.1,
        "gradient_ratio": 0.11,
        "classes": 10,
    }


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_json_has_no_infinite_numbers(number: float) -> None:
    fields = verdict_fields(msgspec.structs.replace(CONFIRMED, loss=number, window=(number, 1.0)))

    assert fields is not None
    assert (fields["loss"], fields["window"]) == (None, [None, 1.0])


def test_every_format_shows_it(across_files: Finding) -> None:
    report = Report(findings=(msgspec.structs.replace(across_files, runtime=CONFIRMED),))
    line = verdict_line(CONFIRMED)

    assert to_text(View(report)).splitlines()[1] == f"    {line}"
    assert f"\n  {line}\n\n" in to_full(View(report, line_of=lambda _: None))
    assert json.loads(to_json(View(report)))["findings"][0]["runtime"] == verdict_fields(CONFIRMED)
