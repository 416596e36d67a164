"""From what was measured to the verdict on one finding. No torch here."""

from __future__ import annotations

import math
from typing import NamedTuple

import msgspec

from ce_lint.findings import RuntimeCheck, Verdict
from ce_lint.ir.kinds import ScoreKind
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence

AGREE = 1e-4
"""Two losses that differ by less than this, relatively, are equal: single precision leaves about 1e-6."""

REDUNDANT = "CEL002"
"""The rule of a redundancy, whose losses agree."""

UNNORMALISED = "the log-probabilities are not normalised"

_SAME_FLAW = {"CEL004": "CEL001"}
"""Codes that differ in when the scores reach the loss, which one call does not show."""


class Exact(NamedTuple):
    """What was measured on logits that are known, where the kernel has to recover them."""

    loss: float
    loss_on_logits: float
    gradient_norm: float | None
    gradient_norm_on_logits: float | None


def inconclusive(method: str, reason: str) -> RuntimeCheck:
    """Say in one line why there is no verdict."""
    return RuntimeCheck(Verdict.INCONCLUSIVE, method, " ".join(reason.split()))


def judged(code: str, diagnosis: Diagnosis, method: str, exact: Exact | None = None) -> RuntimeCheck:
    """Turn the kernel's diagnosis into the verdict on a finding of this code.

    `exact` is given where the logits themselves are known: its numbers go before those that the kernel recovered, and
    decide where the kernel does not know what the scores are.
    """
    check = diagnosis.check(method)
    if exact is None:
        check = _by_kernel(check, diagnosis)
    else:
        check = _with_exact(check, exact)
        # One class leaves nothing to compare, and neither do losses that are no numbers: the kernel says which.
        if diagnosis.classes != 1 and math.isfinite(exact.loss) and math.isfinite(exact.loss_on_logits):
            check = _by_losses(check, diagnosis, exact, code)
    if check.verdict is Verdict.REFUTED or diagnosis.code in {None, _SAME_FLAW.get(code, code)}:
        return check
    return _with_verdict(check, Verdict.INCONCLUSIVE, f"what reached the loss breaks {diagnosis.code}, not {code}")


def _by_kernel(check: RuntimeCheck, diagnosis: Diagnosis) -> RuntimeCheck:
    """What the kernel's word says of a loss that received logits: to refute a finding it takes the autograd graph."""
    if diagnosis.kind is not ScoreKind.LOGITS or check.verdict is not Verdict.REFUTED:
        return check
    if diagnosis.evidence is Evidence.GRAPH:
        return _with_verdict(check, Verdict.REFUTED, "the model returned logits")
    return _with_verdict(check, Verdict.INCONCLUSIVE, "the values may be logits, and no autograd graph tells")


def _by_losses(check: RuntimeCheck, diagnosis: Diagnosis, exact: Exact, code: str) -> RuntimeCheck:
    """What the two losses say, where an activation was done to logits that are known."""
    # Where the kernel sees no activation, something after it has hidden it.
    is_hidden = diagnosis.kind in {None, ScoreKind.LOGITS}
    if not is_hidden and check.verdict is not Verdict.CONFIRMED and code != REDUNDANT:
        return check
    if _agree(exact):
        return _with_verdict(check, Verdict.REFUTED, "the losses agree")
    if code == REDUNDANT:
        return _with_verdict(check, Verdict.INCONCLUSIVE, UNNORMALISED) if is_hidden else check
    return _with_verdict(check, Verdict.CONFIRMED, "")


def settled(replayed: RuntimeCheck, executed: RuntimeCheck | None) -> RuntimeCheck:
    """Choose between the verdicts on one finding: execution's where it has one; a disagreement is told."""
    if executed is None:
        return replayed
    if executed.verdict is Verdict.INCONCLUSIVE:
        if replayed.reason == executed.reason:
            return replayed
        return _with_note(replayed, f"inconclusive by execution: {executed.reason}")
    if replayed.verdict in {executed.verdict, Verdict.INCONCLUSIVE}:
        return executed
    return _with_note(
        executed, f"{replayed.verdict.value} by replay{f': {replayed.reason}' if replayed.reason else ''}"
    )


def _with_note(check: RuntimeCheck, note: str) -> RuntimeCheck:
    return msgspec.structs.replace(check, reason=f"{check.reason}; {note}" if check.reason else note)


def _with_exact(check: RuntimeCheck, exact: Exact) -> RuntimeCheck:
    norm, right_norm = exact.gradient_norm, exact.gradient_norm_on_logits
    return msgspec.structs.replace(
        check,
        loss=exact.loss,
        loss_on_logits=exact.loss_on_logits,
        gradient_norm=norm,
        gradient_norm_on_logits=right_norm,
        gradient_ratio=norm / right_norm if norm is not None and right_norm else None,
    )


def _agree(exact: Exact) -> bool:
    return math.isclose(exact.loss, exact.loss_on_logits, rel_tol=AGREE, abs_tol=AGREE)


def _with_verdict(check: RuntimeCheck, verdict: Verdict, reason: str) -> RuntimeCheck:
    return msgspec.structs.replace(check, verdict=verdict, reason=reason)
