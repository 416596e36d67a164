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
    if exact is not None:
        check = _with_exact(check, exact)
    if exact is not None and (diagnosis.kind in {None, ScoreKind.LOGITS} or check.verdict is Verdict.CONFIRMED):
        # An activation was done to these logits: where the kernel sees none, something after it has hidden it.
        if _agree(exact):
            return _with_verdict(check, Verdict.REFUTED, "the losses agree")
        check = _with_verdict(check, Verdict.CONFIRMED, "")
    elif exact is not None and code == REDUNDANT and _agree(exact):
        return _with_verdict(check, Verdict.REFUTED, "the losses agree")
    elif diagnosis.kind is ScoreKind.LOGITS and diagnosis.evidence is Evidence.GRAPH:
        return _with_verdict(check, Verdict.REFUTED, "the model returned logits")
    if diagnosis.code is not None and diagnosis.code != _SAME_FLAW.get(code, code):
        return _with_verdict(check, Verdict.INCONCLUSIVE, f"what reached the loss breaks {diagnosis.code}, not {code}")
    return check


def settled(replayed: RuntimeCheck, executed: RuntimeCheck | None) -> RuntimeCheck:
    """Choose between the verdicts on one finding: execution's where it has one; a disagreement is told."""
    if executed is None:
        return replayed
    if executed.verdict is Verdict.INCONCLUSIVE:
        note = f"not executed: {executed.reason}"
        return msgspec.structs.replace(replayed, reason="; ".join(part for part in (replayed.reason, note) if part))
    if replayed.verdict in {executed.verdict, Verdict.INCONCLUSIVE}:
        return executed
    note = f"{replayed.verdict.value} by replay{f': {replayed.reason}' if replayed.reason else ''}"
    return msgspec.structs.replace(executed, reason="; ".join(part for part in (executed.reason, note) if part))


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
