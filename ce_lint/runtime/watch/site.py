"""What a watch remembers of one call site while it is on."""

from __future__ import annotations

import msgspec
import torch

from ce_lint.findings import Verdict
from ce_lint.runtime.diagnosis.records import Diagnosis
from ce_lint.runtime.sites.records import CallSite, SiteReport
from ce_lint.runtime.watch.series import Seen, Series, number
from ce_lint.runtime.watch.tally import Tally

_GRAVITY = {Verdict.CONFIRMED: 3, Verdict.INCONCLUSIVE: 2, Verdict.REFUTED: 1}


class Site:
    """One call site. `counted` and `right` are for everybody, the rest is for whoever holds the watch's lock."""

    __slots__ = (
        "_deferred", "_flushed", "_looked", "_series", "counted", "diagnosis", "has_waited", "has_warned", "place",
        "right", "taken",
    )  # fmt: skip

    def __init__(self, place: CallSite) -> None:
        self.place = place
        self.counted = Tally()
        """The calls, but for those in `right`."""
        self.right: list[float] = []
        """The losses of the latest calls, where they were right and nothing else was to be looked at."""
        self.taken: dict[str, int] = {}
        """Looks taken, for each last node of the autograd graph."""
        self.diagnosis: Diagnosis | None = None
        self.has_waited = False
        """Whether numbers were computed here, which makes the host wait for a GPU."""
        self.has_warned = False
        self._looked = 0
        self._flushed = 0
        self._series = Series()
        self._deferred: torch.Tensor | None = None
        """The loss of a right diagnosis while it is still on its device: both losses are that number."""

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return self.counted.value + self._flushed + len(self.right)

    @property
    def is_wrong(self) -> bool:
        """Was the call site proved wrong?"""
        return self.diagnosis is not None and self.diagnosis.verdict is Verdict.CONFIRMED

    def flush(self) -> None:
        """Take the latest losses over into the series: before anything else, so that the order is that of the calls."""
        losses = tuple(self.right)
        first = self.counted.value + self._flushed + 1
        self._flushed += len(losses)
        # Not `clear`, since another thread may have added one meanwhile.
        del self.right[: len(losses)]
        for call, loss in enumerate(losses, first):
            self._series.add(Seen(call, loss, loss))

    def record(self, diagnosis: Diagnosis | None, seen: Seen) -> None:
        """Add what a look found; None where it adds nothing to the diagnosis that there is."""
        self._looked += 1
        self._series.add(seen)
        if diagnosis is not None and _gravity(diagnosis) > _gravity(self.diagnosis):
            self.diagnosis = diagnosis
            self._deferred = seen.loss if isinstance(seen.loss, torch.Tensor) else None

    def report(self) -> SiteReport:
        """Return the state so far; reads the device where losses are still there."""
        self.flush()
        if self.diagnosis is not None and self._deferred is not None:
            loss = number(self._deferred)
            self.diagnosis = msgspec.structs.replace(self.diagnosis, loss=loss, loss_on_logits=loss)
            self._deferred = None
        looked = self._looked + self._flushed
        return SiteReport(self.place, self.calls, looked, self.diagnosis, self._series.observations())


def _gravity(diagnosis: Diagnosis | None) -> tuple[int, bool]:
    """Confirmed before inconclusive before refuted, and of those that broke a rule before those that did not."""
    return (0, False) if diagnosis is None else (_GRAVITY[diagnosis.verdict], diagnosis.code is not None)
