"""What the runtime checker measured, in words and in fields."""

from __future__ import annotations

import math

from ce_lint.findings import Finding, RuntimeCheck, Severity, Verdict


def is_refuted(finding: Finding) -> bool:
    """Whether computing both losses showed that nothing is wrong."""
    return finding.runtime is not None and finding.runtime.verdict is Verdict.REFUTED


def severity_of(finding: Finding) -> Severity:
    """Return how much a finding matters, after what was measured."""
    return Severity.NOTE if is_refuted(finding) else finding.severity


def with_verdict(message: str, finding: Finding) -> str:
    """Return the message in one line, with what was measured where anything was."""
    return message if finding.runtime is None else f"{message} [{verdict_line(finding.runtime)}]"


def verdict_line(check: RuntimeCheck) -> str:
    """Say in one line what computing both losses showed.

    `confirmed by replay: 2.197 on this input, 0.894 on the logits; gradient 0.11 of the right one`
    """
    if check.verdict is Verdict.INCONCLUSIVE:
        return f"inconclusive: {check.reason}"
    head = f"{check.verdict.value} by {check.method}"
    losses = _losses(check)
    if check.verdict is Verdict.REFUTED:
        return f"{head}: {'; '.join(part for part in (check.reason, losses) if part)}"
    parts = [losses, _gradient(check)]
    text = "; ".join(part for part in parts if part)
    return f"{head}: {text}{f' ({check.reason})' if check.reason else ''}" if text else head


def verdict_fields(check: RuntimeCheck | None) -> dict[str, object] | None:
    """Give the fields of the `runtime` value in JSON and SARIF; a number that JSON cannot hold is null there."""
    if check is None:
        return None
    return {
        "verdict": check.verdict.value,
        "method": check.method,
        "reason": check.reason,
        "loss": _finite(check.loss),
        "loss_on_logits": _finite(check.loss_on_logits),
        "window": None if check.window is None else [_finite(bound) for bound in check.window],
        "gradient_norm": _finite(check.gradient_norm),
        "gradient_norm_on_logits": _finite(check.gradient_norm_on_logits),
        "gradient_ratio": _finite(check.gradient_ratio),
        "classes": check.classes,
    }


def _losses(check: RuntimeCheck) -> str:
    if check.loss is None or check.loss_on_logits is None:
        return ""
    return f"{check.loss:.3f} on this input, {check.loss_on_logits:.3f} on the logits"


def _gradient(check: RuntimeCheck) -> str:
    return "" if check.gradient_ratio is None else f"gradient {check.gradient_ratio:.2f} of the right one"


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
