"""The rules, by code, and which of them a flow breaks."""

from __future__ import annotations

from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Rule
from ce_lint.rules.cel001_softmax_before_cross_entropy import RULE as CEL001
from ce_lint.rules.cel002_log_softmax_before_cross_entropy import RULE as CEL002
from ce_lint.rules.cel003_sigmoid_before_cross_entropy import RULE as CEL003
from ce_lint.rules.cel004_softmax_before_cross_entropy_in_eval import RULE as CEL004
from ce_lint.rules.cel101_probabilities_before_nll import RULE as CEL101
from ce_lint.rules.cel102_logits_before_nll import RULE as CEL102
from ce_lint.rules.cel201_sigmoid_before_bce_with_logits import RULE as CEL201
from ce_lint.rules.cel202_softmax_before_bce_with_logits import RULE as CEL202
from ce_lint.rules.cel301_non_log_input_before_kl_div import RULE as CEL301
from ce_lint.rules.cel401_softmax_over_the_wrong_dimension import RULE as CEL401
from ce_lint.rules.cel901_unresolved_loss_call import RULE as CEL901
from ce_lint.rules.cel902_unused_suppression import RULE as CEL902

RULES: tuple[Rule, ...] = (
    *(CEL001, CEL002, CEL003, CEL004),
    *(CEL101, CEL102),
    *(CEL201, CEL202),
    CEL301,
    CEL401,
    *(CEL901, CEL902),
)
"""Every rule, in the order of its code."""

_BY_CODE = {rule.code: rule for rule in RULES}


def rule(code: str) -> Rule | None:
    """The rule of this code, or None."""
    return _BY_CODE.get(code)


def judge(flow: Flow) -> Rule | None:
    """The one rule that a flow breaks, or None when it is right."""
    return broken(flow.kind, flow.family, evaluation_only=flow.evaluation_only)


def broken(kind: ScoreKind, family: Family, *, evaluation_only: bool = False) -> Rule | None:
    """The one rule that scores of a kind break as the input of a loss of a family, or None."""
    for candidate in RULES:
        if candidate.is_broken_by(kind, family, evaluation_only=evaluation_only):
            return candidate
    return None
