"""Call sites of losses, and what was found at each. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ce_lint.findings import Verdict
from ce_lint.runtime.diagnosis.records import Diagnosis


class CallSite(NamedTuple):
    """Where user code calls a loss: the innermost frame outside torch and ce-lint."""

    path: str
    """The frame's file, as Python names it."""
    line: int
    function: str
    """The frame's function: `train_step`, `<module>`."""
    loss: str
    """`CrossEntropyLoss` where the module was called, else the function: `cross_entropy`."""


class Observation(NamedTuple):
    """The two losses of one call that was looked at, in nats."""

    call: int
    """The call's number at its site, from 1."""
    loss: float
    loss_on_logits: float | None


@dataclass(frozen=True, slots=True)
class SiteReport:
    """One call site."""

    site: CallSite
    calls: int
    """How often the loss was called here while the watch was on."""
    looked: int
    """How many of those calls were looked at."""
    diagnosis: Diagnosis | None
    """The gravest of the calls that were looked at: confirmed before inconclusive before refuted."""
    observations: tuple[Observation, ...] = ()

    @property
    def is_confirmed(self) -> bool:
        """Is a rule broken here, proved by both losses?"""
        return self.diagnosis is not None and self.diagnosis.verdict is Verdict.CONFIRMED
