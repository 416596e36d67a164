from __future__ import annotations

import math

import msgspec
import pytest

from ce_lint.findings import RuntimeCheck, Verdict
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.runtime.confirm.judgement import Exact, inconclusive, judged, settled
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence

DIAGNOSIS = Diagnosis(
    verdict=Verdict.CONFIRMED,
    code="CEL001",
    loss_name="CrossEntropyLoss",
    family=Family.CROSS_ENTROPY,
    kind=ScoreKind.PROBABILITIES,
    evidence=Evidence.GRAPH,
    loss=1.5,
    loss_on_logits=0.1,
)
APART = Exact(1.5, 0.1, 0.02, 0.1)
EQUAL = Exact(1.5, 1.5 + 1e-6, 0.1, 0.1)
RIGHT = msgspec.structs.replace(
    DIAGNOSIS, verdict=Verdict.REFUTED, code=None, kind=ScoreKind.LOGITS, reason="the input is logits"
)
REDUNDANT = msgspec.structs.replace(
    DIAGNOSIS, verdict=Verdict.INCONCLUSIVE, code="CEL002", kind=ScoreKind.LOG_PROBABILITIES, reason="not normalised"
)
UNSURE = msgspec.structs.replace(DIAGNOSIS, verdict=Verdict.INCONCLUSIVE, reason="one class")
BY_VALUES = msgspec.structs.replace(RIGHT, evidence=Evidence.VALUES)
NO_LOGARITHM = msgspec.structs.replace(RIGHT, verdict=Verdict.CONFIRMED, code="CEL102", reason="")
HIDDEN = msgspec.structs.replace(RIGHT, kind=None, evidence=Evidence.NONE)


ONE_CLASS = msgspec.structs.replace(HIDDEN, verdict=Verdict.INCONCLUSIVE, reason="one class", classes=1)
EMPTY = msgspec.structs.replace(HIDDEN, verdict=Verdict.INCONCLUSIVE, reason="no rows")
NO_NUMBERS = Exact(math.nan, math.nan, None, None)


@pytest.mark.parametrize(
    ("code", "diagnosis", "exact", "verdict", "reason"),
    [
        ("CEL001", DIAGNOSIS, None, Verdict.CONFIRMED, ""),
        ("CEL001", DIAGNOSIS, APART, Verdict.CONFIRMED, ""),
        ("CEL004", DIAGNOSIS, APART, Verdict.CONFIRMED, ""),
        ("CEL001", DIAGNOSIS, EQUAL, Verdict.REFUTED, "the losses agree"),
        ("CEL003", DIAGNOSIS, APART, Verdict.INCONCLUSIVE, "what reached the loss breaks CEL001, not CEL003"),
        ("CEL001", RIGHT, None, Verdict.REFUTED, "the model returned logits"),
        # The graph of a replay holds the activation, whatever has hidden it.
        ("CEL001", RIGHT, APART, Verdict.CONFIRMED, ""),
        ("CEL001", RIGHT, EQUAL, Verdict.REFUTED, "the losses agree"),
        ("CEL001", HIDDEN, APART, Verdict.CONFIRMED, ""),
        # A dropout of probabilities looks like logits.
        ("CEL001", BY_VALUES, None, Verdict.INCONCLUSIVE, "the values may be logits, and no autograd graph tells"),
        ("CEL101", NO_LOGARITHM, None, Verdict.INCONCLUSIVE, "what reached the loss breaks CEL102, not CEL101"),
        ("CEL102", NO_LOGARITHM, None, Verdict.CONFIRMED, ""),
        ("CEL001", UNSURE, APART, Verdict.INCONCLUSIVE, "one class"),
        ("CEL001", UNSURE, EQUAL, Verdict.INCONCLUSIVE, "one class"),
        ("CEL001", ONE_CLASS, EQUAL, Verdict.INCONCLUSIVE, "one class"),
        ("CEL001", EMPTY, NO_NUMBERS, Verdict.INCONCLUSIVE, "no rows"),
        ("CEL002", HIDDEN, APART, Verdict.INCONCLUSIVE, "the log-probabilities are not normalised"),
        ("CEL002", REDUNDANT, APART, Verdict.INCONCLUSIVE, "not normalised"),
        ("CEL002", REDUNDANT, EQUAL, Verdict.REFUTED, "the losses agree"),
        ("CEL002", REDUNDANT, None, Verdict.INCONCLUSIVE, "not normalised"),
    ],
)
def test_the_verdict(code: str, diagnosis: Diagnosis, exact: Exact | None, verdict: Verdict, reason: str) -> None:
    check = judged(code, diagnosis, "replay", exact)

    assert (check.verdict, check.reason, check.method) == (verdict, reason, "replay")


def test_what_is_known_goes_before_what_was_recovered() -> None:
    check = judged("CEL001", DIAGNOSIS, "replay", Exact(1.5, 0.11, 0.02, 0.1))

    assert (check.loss_on_logits, check.gradient_norm, check.gradient_norm_on_logits) == (0.11, 0.02, 0.1)
    assert check.gradient_ratio == pytest.approx(0.2)
    assert judged("CEL001", DIAGNOSIS, "replay", Exact(1.5, 0.11, 0.02, 0.0)).gradient_ratio is None


def test_a_reason_is_one_line() -> None:
    assert inconclusive("replay", "what\n  torch said") == RuntimeCheck(
        Verdict.INCONCLUSIVE, "replay", "what torch said"
    )


REPLAYED = RuntimeCheck(Verdict.CONFIRMED, "replay", loss=1.5)


@pytest.mark.parametrize(
    ("replayed", "executed", "expected"),
    [
        (REPLAYED, None, REPLAYED),
        (
            REPLAYED,
            RuntimeCheck(Verdict.CONFIRMED, "execution", loss=1.6),
            RuntimeCheck(Verdict.CONFIRMED, "execution", loss=1.6),
        ),
        (
            REPLAYED,
            RuntimeCheck(Verdict.INCONCLUSIVE, "execution", "no answer within 60 s"),
            RuntimeCheck(Verdict.CONFIRMED, "replay", "inconclusive by execution: no answer within 60 s", loss=1.5),
        ),
        (
            RuntimeCheck(Verdict.INCONCLUSIVE, "replay", "an index is not known"),
            RuntimeCheck(Verdict.INCONCLUSIVE, "execution", "no model is on the way"),
            RuntimeCheck(
                Verdict.INCONCLUSIVE,
                "replay",
                "an index is not known; inconclusive by execution: no model is on the way",
            ),
        ),
        (
            RuntimeCheck(Verdict.INCONCLUSIVE, "replay", "one class"),
            RuntimeCheck(Verdict.INCONCLUSIVE, "execution", "one class"),
            RuntimeCheck(Verdict.INCONCLUSIVE, "replay", "one class"),
        ),
        (
            RuntimeCheck(Verdict.INCONCLUSIVE, "replay", "an index is not known"),
            RuntimeCheck(Verdict.CONFIRMED, "execution"),
            RuntimeCheck(Verdict.CONFIRMED, "execution"),
        ),
        (
            REPLAYED,
            RuntimeCheck(Verdict.REFUTED, "execution", "the model returned logits"),
            RuntimeCheck(Verdict.REFUTED, "execution", "the model returned logits; confirmed by replay"),
        ),
        (
            RuntimeCheck(Verdict.REFUTED, "replay", "the losses agree"),
            RuntimeCheck(Verdict.CONFIRMED, "execution"),
            RuntimeCheck(Verdict.CONFIRMED, "execution", "refuted by replay: the losses agree"),
        ),
    ],
)
def test_execution_has_the_last_word_and_a_disagreement_is_told(
    replayed: RuntimeCheck, executed: RuntimeCheck | None, expected: RuntimeCheck
) -> None:
    assert settled(replayed, executed) == expected
