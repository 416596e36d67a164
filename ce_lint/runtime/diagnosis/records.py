"""What the kernel says of one tensor that a loss received. No torch here: a diagnosis is plain numbers."""

from __future__ import annotations

import enum

import msgspec

from ce_lint.findings import RuntimeCheck, Verdict
from ce_lint.ir.kinds import Family, ScoreKind


class Evidence(enum.Enum):
    """What the kind of the scores was read from."""

    GRAPH = "autograd graph"
    VALUES = "values"
    NONE = "nothing"


class Window(msgspec.Struct, frozen=True):
    """The smallest and the largest value that a loss can have, in nats."""

    low: float
    high: float


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor and one loss: what the tensor is, both losses, and whether that is right.

    Losses are in nats, reduced as the loss reduces them (`reduction="none"`: their mean).
    """

    verdict: Verdict
    code: str | None
    """The rule that the call breaks; None where it is right. A verdict on a right call is `refuted`."""
    reason: str = ""
    """Why it is refuted or inconclusive, and which part was measured of very many scores; else empty."""
    loss_name: str
    """The loss as a user knows it: `CrossEntropyLoss`, `cross_entropy`."""
    family: Family
    kind: ScoreKind | None
    """What the scores are; None where that is not known."""
    evidence: Evidence
    dim: int | None = None
    """The dimension over which the scores are normalised, in the tensor that the loss received."""
    class_dim: int | None = None
    """The dimension that the loss takes for the classes; None for a loss that has none."""
    classes: int | None = None
    rows: int = 0
    """How many rows of scores count: those whose target is `ignore_index` do not."""
    loss: float
    loss_on_logits: float | None = None
    """The same loss on the logits behind the scores; None where they cannot be recovered."""
    window: Window | None = None
    """What the loss can never leave, its input being what it is; None where that is not known."""
    gradient_norm: float | None = None
    """Euclidean norm of the loss's gradient with respect to the logits, through the activation."""
    gradient_norm_on_logits: float | None = None

    @property
    def gradient_ratio(self) -> float | None:
        """How much of the right gradient is left; None where either norm is unknown or the right one is zero."""
        if self.gradient_norm is None or not self.gradient_norm_on_logits:
            return None
        return self.gradient_norm / self.gradient_norm_on_logits

    def check(self, method: str) -> RuntimeCheck:
        """The diagnosis as it stands in a finding."""
        return RuntimeCheck(
            verdict=self.verdict,
            method=method,
            reason=self.reason,
            loss=self.loss,
            loss_on_logits=self.loss_on_logits,
            window=(self.window.low, self.window.high) if self.window else None,
            gradient_norm=self.gradient_norm,
            gradient_norm_on_logits=self.gradient_norm_on_logits,
            gradient_ratio=self.gradient_ratio,
            classes=self.classes,
        )
