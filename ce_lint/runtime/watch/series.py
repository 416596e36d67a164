"""The losses of one call site over time, in bounded memory."""

from __future__ import annotations

from typing import NamedTuple

import torch

from ce_lint.runtime.sites.records import Observation

LIMIT = 4096
"""How many observations are kept at most."""


class Seen(NamedTuple):
    """An observation whose losses may still be on their device."""

    call: int
    loss: float | torch.Tensor
    loss_on_logits: float | torch.Tensor | None


class Series:
    """Observations, thinned: when they get too many, every other one goes, and from then on every second is added."""

    __slots__ = ("_kept", "_stride")

    def __init__(self) -> None:
        self._kept: list[Seen] = []
        self._stride = 1

    def add(self, seen: Seen) -> None:
        """Add one observation."""
        if (seen.call - 1) % self._stride:
            return
        self._kept.append(seen)
        if len(self._kept) > LIMIT:
            self._stride *= 2
            self._kept = [kept for kept in self._kept if not (kept.call - 1) % self._stride]

    def observations(self) -> tuple[Observation, ...]:
        """Return what was kept, as numbers: reads the device where a loss is still there."""
        return tuple(_observation(seen) for seen in self._kept)


def _observation(seen: Seen) -> Observation:
    on_logits = seen.loss_on_logits
    return Observation(seen.call, number(seen.loss), None if on_logits is None else number(on_logits))


def number(loss: float | torch.Tensor) -> float:
    """Return a loss of any shape as one number, the mean of its elements."""
    if not isinstance(loss, torch.Tensor):
        return loss
    detached = loss.detach()
    return float(detached.item() if detached.numel() == 1 else detached.float().mean().item())
