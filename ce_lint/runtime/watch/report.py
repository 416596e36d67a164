"""What a watch saw: the call sites, and why some may be missing. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint.findings import Finding
from ce_lint.runtime.sites.findings import to_finding
from ce_lint.runtime.sites.records import SiteReport
from ce_lint.runtime.sites.summary import summarise

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
        found = (to_finding(site) for site in self.sites)
        return tuple(finding for finding in found if finding is not None)

    def summary(self) -> str:
        """Say in a line for each call site what was found there, then what was counted and what may be unseen."""
        return summarise(self.sites, self.unseen)

    def plot(self, file: str | Path | None = None) -> Figure:
        """Draw what was seen, and write it to a file (`.png`, `.svg`) where one is named.

        Needs matplotlib, which the extra `ce-lint[runtime]` installs.
        """
        from ce_lint.runtime.pictures.plot import plot

        return plot(self.sites, self.unseen, file)

    def __str__(self) -> str:
        return self.summary()
