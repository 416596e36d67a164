"""What the callbacks of training frameworks have in common: a watch from the beginning to the end of a training."""

from __future__ import annotations

import atexit
import sys

from ce_lint.findings import Severity
from ce_lint.runtime import watch
from ce_lint.runtime.sites.records import SiteReport
from ce_lint.runtime.watch.report import WatchReport
from ce_lint.runtime.watch.watching import DEFAULT_LOOKS, Watch


class WrongLossError(RuntimeError):
    """A loss received scores of the wrong kind, proved by computing both losses."""


class Training:
    """Watches one training after the other. A mixin: the frameworks' callbacks say when one begins and ends."""

    def __init__(self, *, raise_on_finding: bool = False, looks: int | None = DEFAULT_LOOKS) -> None:
        """`raise_on_finding`: end the training, by WrongLossError, after the first step that is proved wrong.

        `looks`: how many calls of each call site are looked at; None for every one.
        """
        super().__init__()
        self.raise_on_finding = raise_on_finding
        self.report: WatchReport | None = None
        """What was seen of the last training that has ended; None before."""
        self._looks = looks
        self._live: Watch | None = None
        self._has_new = False

    def begin(self) -> None:
        """Begin to watch; where a training is watched already, go on."""
        if self._live is None:
            self._has_new = False
            self._live = watch(looks=self._looks, on_look=self._on_look)
            self._live.__enter__()
            # A framework may not tell that a training has failed.
            atexit.register(self.end)

    def end(self, *, tells: bool = True) -> None:
        """Leave the watch, and print what it saw to standard error if `tells`; nothing where none is on."""
        if self._live is None:
            return
        live, self._live = self._live, None
        atexit.unregister(self.end)
        live.__exit__(None, None, None)
        self.report = live.report()
        if tells:
            sys.stderr.write("".join(f"ce-lint: {line}\n" for line in self.report.summary().splitlines()))

    def check(self) -> None:
        """Raise WrongLossError if that is asked for and a loss was proved wrong since the last check."""
        if self._has_new and self.raise_on_finding and self._live is not None:
            self._has_new = False
            found = [finding for finding in self._live.findings() if finding.severity is not Severity.NOTE]
            if found:
                raise WrongLossError(f"{found[0].sink.label()}: {found[0].code} {found[0].message}")

    def __getstate__(self) -> dict[str, object]:
        """Without the watch: it belongs to this process."""
        return {**self.__dict__, "_live": None}

    def _on_look(self, site: SiteReport) -> None:
        self._has_new |= site.is_confirmed
