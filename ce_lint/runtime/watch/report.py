"""What a watch saw: call sites of losses, and the diagnosis of each. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ce_lint.findings import Finding, Verdict
from ce_lint.runtime.diagnosis.records import Diagnosis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


@dataclass(frozen=True, slots=True)
class WatchReport:
    """Everything that a watch has seen so far; empty is not the same as right."""

    sites: tuple[SiteReport, ...] = ()
    unseen: tuple[str, ...] = field(default=())
    """Why some losses may have run unseen, one line each: a loss that could not be patched, a compiled step."""

    @property
    def calls(self) -> int:
        """How many loss calls were seen."""
        return sum(site.calls for site in self.sites)

    @property
    def is_empty(self) -> bool:
        """Was no loss call seen? Then nothing can be said, least of all that all is well."""
        return not self.sites

    def findings(self) -> tuple[Finding, ...]:
        """Return one finding for each call site that was proved wrong."""
        from ce_lint.runtime.watch.findings import to_finding

        found = (to_finding(site) for site in self.sites)
        return tuple(finding for finding in found if finding is not None)

    def summary(self) -> str:
        """Say in a line for each call site what was found there, then what was counted and what may be unseen."""
        from ce_lint.runtime.watch.summary import summarise

        return summarise(self)

    def plot(self, file: str | Path | None = None) -> Figure:
        """Draw what was seen, and write it to a file (`.png`, `.svg`) where one is named.

        Needs matplotlib, which the extra `ce-lint[runtime]` installs.
        """
        from ce_lint.runtime.pictures.plot import plot

        return plot(self, file)

    def __str__(self) -> str:
        return self.summary()
