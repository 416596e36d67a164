"""The rules are listed once, and a flow breaks one of them or none."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind, Site
from ce_lint.rules import registry
from ce_lint.rules.base import Default

CODES = (
    *("CEL001", "CEL002", "CEL003", "CEL004"),
    *("CEL101", "CEL102"),
    *("CEL201", "CEL202"),
    "CEL301",
    "CEL401",
    *("CEL901", "CEL902"),
)
BROKEN = {
    (ScoreKind.PROBABILITIES, Family.CROSS_ENTROPY, False): "CEL001",
    (ScoreKind.PROBABILITIES, Family.CROSS_ENTROPY, True): "CEL004",
    (ScoreKind.LOG_PROBABILITIES, Family.CROSS_ENTROPY, False): "CEL002",
    (ScoreKind.LOG_PROBABILITIES, Family.CROSS_ENTROPY, True): "CEL002",
    (ScoreKind.SIGMOID, Family.CROSS_ENTROPY, False): "CEL003",
    (ScoreKind.SIGMOID, Family.CROSS_ENTROPY, True): "CEL003",
    (ScoreKind.PROBABILITIES, Family.NLL, False): "CEL101",
    (ScoreKind.PROBABILITIES, Family.NLL, True): "CEL101",
    (ScoreKind.LOGITS, Family.NLL, False): "CEL102",
    (ScoreKind.LOGITS, Family.NLL, True): "CEL102",
    (ScoreKind.SIGMOID, Family.BCE_WITH_LOGITS, False): "CEL201",
    (ScoreKind.SIGMOID, Family.BCE_WITH_LOGITS, True): "CEL201",
    (ScoreKind.PROBABILITIES, Family.BCE_WITH_LOGITS, False): "CEL202",
    (ScoreKind.PROBABILITIES, Family.BCE_WITH_LOGITS, True): "CEL202",
    (ScoreKind.PROBABILITIES, Family.KL_DIV, False): "CEL301",
    (ScoreKind.PROBABILITIES, Family.KL_DIV, True): "CEL301",
    (ScoreKind.LOGITS, Family.KL_DIV, False): "CEL301",
    (ScoreKind.LOGITS, Family.KL_DIV, True): "CEL301",
}


def make_flow(kind: ScoreKind, family: Family, evaluation_only: bool, definite: bool) -> Flow:
    return Flow(
        kind=kind,
        activation="softmax",
        owner="Net",
        origin=Site("model.py", 1),
        steps=(),
        sink=Site("train.py", 2),
        argument=Site("train.py", 3),
        loss="CrossEntropyLoss",
        family=family,
        definite=definite,
        evaluation_only=evaluation_only,
    )


@pytest.mark.parametrize(
    ("kind", "family", "evaluation_only", "definite"),
    list(itertools.product(ScoreKind, Family, (False, True), (False, True))),
)
def test_a_flow_breaks_the_expected_rule_and_no_other(
    kind: ScoreKind, family: Family, evaluation_only: bool, definite: bool
) -> None:
    flow = make_flow(kind, family, evaluation_only, definite)
    code = BROKEN.get((kind, family, evaluation_only))

    expected = [] if code is None else [registry.rule(code)]
    assert expected == [
        rule for rule in registry.RULES if rule.is_broken_by(kind, family, evaluation_only=evaluation_only)
    ]
    assert (None if code is None else registry.rule(code)) == registry.judge(flow)


def test_codes_are_sorted_and_complete() -> None:
    assert tuple(rule.code for rule in registry.RULES) == CODES


def test_a_rule_is_found_by_its_code() -> None:
    assert tuple(registry.rule(code) for code in CODES) == registry.RULES


@pytest.mark.parametrize("code", ["CEL999", "cel001", "", "CEL"])
def test_an_unknown_code_has_no_rule(code: str) -> None:
    assert registry.rule(code) is None


def test_names_are_unique() -> None:
    assert len(registry.RULES) == len({rule.name for rule in registry.RULES})


@pytest.mark.parametrize(
    ("code", "name", "default", "severity"),
    [
        ("CEL001", "softmax-before-cross-entropy", Default.ON, Severity.ERROR),
        ("CEL002", "log-softmax-before-cross-entropy", Default.OFF, Severity.NOTE),
        ("CEL003", "sigmoid-before-cross-entropy", Default.ON, Severity.ERROR),
        ("CEL004", "softmax-before-cross-entropy-in-eval", Default.ON, Severity.WARNING),
        ("CEL101", "probabilities-before-nll", Default.ON, Severity.ERROR),
        ("CEL102", "logits-before-nll", Default.PREVIEW, Severity.ERROR),
        ("CEL201", "sigmoid-before-bce-with-logits", Default.ON, Severity.ERROR),
        ("CEL202", "softmax-before-bce-with-logits", Default.ON, Severity.ERROR),
        ("CEL301", "non-log-input-before-kl-div", Default.PREVIEW, Severity.ERROR),
        ("CEL401", "softmax-over-the-wrong-dimension", Default.PREVIEW, Severity.ERROR),
        ("CEL901", "unresolved-loss-call", Default.OFF, Severity.NOTE),
        ("CEL902", "unused-suppression", Default.OFF, Severity.NOTE),
    ],
)
def test_metadata_is_that_of_the_design(code: str, name: str, default: Default, severity: Severity) -> None:
    rule = registry.rule(code)

    assert rule is not None
    assert (name, default, severity) == (rule.name, rule.default, rule.severity)


def test_every_rule_has_a_file_named_after_it() -> None:
    files = {path.stem for path in Path(registry.__file__).parent.glob("cel*.py")}

    assert {f"{rule.code.lower()}_{rule.name.replace('-', '_')}" for rule in registry.RULES} == files
