"""The one line that users read."""

from __future__ import annotations

import msgspec
import pytest

from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind, Site
from ce_lint.rules.message import message, message_at_source, message_between
from ce_lint.rules.registry import judge

SOFTMAX = Flow(
    kind=ScoreKind.PROBABILITIES,
    activation="softmax",
    owner="Net",
    origin=Site("model.py", 1),
    steps=(),
    sink=Site("train.py", 2),
    argument=Site("train.py", 3),
    loss="CrossEntropyLoss",
    family=Family.CROSS_ENTROPY,
    definite=True,
    classes=10,
)
LOG_SOFTMAX = msgspec.structs.replace(SOFTMAX, kind=ScoreKind.LOG_PROBABILITIES, activation="log_softmax")
SIGMOID = msgspec.structs.replace(SOFTMAX, kind=ScoreKind.SIGMOID, activation="sigmoid")
IN_EVALUATION = msgspec.structs.replace(SOFTMAX, evaluation_only=True)
BEFORE_NLL = msgspec.structs.replace(SOFTMAX, loss="NLLLoss", family=Family.NLL)
SIGMOID_BCE = msgspec.structs.replace(SIGMOID, loss="BCEWithLogitsLoss", family=Family.BCE_WITH_LOGITS)
SOFTMAX_BCE = msgspec.structs.replace(SOFTMAX, loss="BCEWithLogitsLoss", family=Family.BCE_WITH_LOGITS)

SOFTMAX_KL = msgspec.structs.replace(SOFTMAX, loss="KLDivLoss", family=Family.KL_DIV)
LOGITS_NLL = msgspec.structs.replace(BEFORE_NLL, kind=ScoreKind.LOGITS, activation="linear")


def at_sink(flow: Flow) -> str:
    rule = judge(flow)
    assert rule is not None
    return message(flow, rule, "model.py:41")


def at_source(flow: Flow) -> str:
    rule = judge(flow)
    assert rule is not None
    return message_at_source(flow, rule, "train.py:58")


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        pytest.param(
            SOFTMAX,
            "softmax output of Net (model.py:41) is the input of CrossEntropyLoss, which applies log-softmax itself: "
            "pass logits (10 classes: this loss stays between 1.461 and 2.461)",
            id="CEL001",
        ),
        pytest.param(
            LOG_SOFTMAX,
            "log_softmax output of Net (model.py:41) is the input of CrossEntropyLoss, which applies log-softmax "
            "itself: numerically the same, redundant: drop log_softmax or use NLLLoss",
            id="CEL002",
        ),
        pytest.param(
            SIGMOID,
            "sigmoid output of Net (model.py:41) is the input of CrossEntropyLoss, which applies log-softmax itself: "
            "pass logits (10 classes: this loss never goes below 1.461)",
            id="CEL003",
        ),
        pytest.param(
            IN_EVALUATION,
            "softmax output of Net (model.py:41) is the input of CrossEntropyLoss, which applies log-softmax itself: "
            "the evaluation loss is wrong, training is not (10 classes: this loss stays between 1.461 and 2.461)",
            id="CEL004",
        ),
        pytest.param(
            BEFORE_NLL,
            "softmax output of Net (model.py:41) is the input of NLLLoss, which takes no logarithm: "
            "the loss is negative; pass log_softmax output",
            id="CEL101",
        ),
        pytest.param(
            SIGMOID_BCE,
            "sigmoid output of Net (model.py:41) is the input of BCEWithLogitsLoss, which applies sigmoid itself: "
            "pass logits (a negative can never go below 0.693)",
            id="CEL201",
        ),
        pytest.param(
            SOFTMAX_BCE,
            "softmax output of Net (model.py:41) is the input of BCEWithLogitsLoss, which applies sigmoid itself: "
            "pass logits (a negative can never go below 0.693)",
            id="CEL202",
        ),
        pytest.param(
            LOGITS_NLL,
            "linear output of Net (model.py:41) is the input of NLLLoss, which normalises nothing: "
            "the loss has no lower end; pass log_softmax output",
            id="CEL102",
        ),
        pytest.param(
            SOFTMAX_KL,
            "softmax output of Net (model.py:41) is the input of KLDivLoss, which takes no logarithm of its first "
            "argument: the divergence is negative; pass log_softmax output",
            id="CEL301",
        ),
    ],
)
def test_message_at_the_sink(flow: Flow, expected: str) -> None:
    assert expected == at_sink(flow)


def test_message_at_the_source_names_the_sink() -> None:
    expected = (
        "softmax output of Net is the input of CrossEntropyLoss (train.py:58), which applies log-softmax itself: "
        "pass logits (10 classes: this loss stays between 1.461 and 2.461)"
    )
    assert expected == at_source(SOFTMAX)


@pytest.mark.parametrize(
    "change",
    [
        {"classes": None},
        {"classes": 1},
        {"plain_window": False},
    ],
)
def test_no_number_is_claimed_that_is_not_known(change: dict[str, object]) -> None:
    flow = msgspec.structs.replace(SOFTMAX, **change)

    expected = (
        "softmax output of Net (model.py:41) is the input of CrossEntropyLoss, which applies log-softmax itself: "
        "pass logits"
    )
    assert expected == at_sink(flow)


@pytest.mark.parametrize("flow", [SOFTMAX, SIGMOID, IN_EVALUATION, SIGMOID_BCE, SOFTMAX_BCE])
def test_a_moved_window_leaves_no_parenthesis(flow: Flow) -> None:
    plain, moved = at_sink(flow), at_sink(msgspec.structs.replace(flow, plain_window=False))

    assert plain.rpartition(" (")[0] == moved


def test_a_possible_finding_says_so() -> None:
    flow = msgspec.structs.replace(SOFTMAX, definite=False, classes=None)

    expected = (
        "softmax output of Net (model.py:41) can be the input of CrossEntropyLoss, which applies log-softmax itself: "
        "pass logits"
    )
    assert expected == at_sink(flow)


def test_a_script_has_no_owner() -> None:
    flow = msgspec.structs.replace(SOFTMAX, owner="", loss="F.cross_entropy", classes=3)

    expected = (
        "softmax output (model.py:41) is the input of F.cross_entropy, which applies log-softmax itself: "
        "pass logits (3 classes: this loss stays between 0.551 and 1.551)"
    )
    assert expected == at_sink(flow)
    expected = (
        "softmax output is the input of F.cross_entropy (train.py:58), which applies log-softmax itself: "
        "pass logits (3 classes: this loss stays between 0.551 and 1.551)"
    )
    assert expected == at_source(flow)


def test_between_the_ends_both_are_named() -> None:
    rule = judge(SOFTMAX)
    assert rule is not None
    assert message_between(SOFTMAX, rule, "model.py:41", "train.py:58").startswith(
        "softmax output of Net (model.py:41) is the input of CrossEntropyLoss (train.py:58), which applies"
    )
