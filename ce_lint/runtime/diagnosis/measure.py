"""Every number that a diagnosis needs, computed on the device of the scores and read with one synchronisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import torch
from torch import Tensor

from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.runtime.diagnosis import canonical, formulas, graph, values
from ce_lint.runtime.diagnosis.calls import LossCall
from ce_lint.runtime.diagnosis.canonical import Sample
from ce_lint.runtime.diagnosis.graph import GraphEvidence

Readings = dict[str, Tensor]
"""0-dimensional tensors on one device, by name."""

_BY_VALUE = (ScoreKind.PROBABILITIES, ScoreKind.LOG_PROBABILITIES, ScoreKind.LOGITS)
"""The kinds that values can tell."""


class Measured(NamedTuple):
    """What was read of one call."""

    seen: GraphEvidence
    dim: int | None
    """The dimension along which the rows were laid; None where there is none."""
    sample: Sample
    numbers: Mapping[str, float]
    """By name: those of the value test, and for each kind that the scores may be, `KIND.loss_on_logits` and so on."""

    def of(self, kind: ScoreKind, name: str) -> float | None:
        """A number that was computed for scores of this kind; None where it was not."""
        return self.numbers.get(f"{kind.name}.{name}")


@contextmanager
def undisturbed() -> Iterator[None]:
    """No graph is recorded, and no mode or subclass of the user sees or changes what is computed inside.

    A profiler does see it. Autocast needs no guard: it casts none of the operations used here to a narrower dtype.
    """
    with ExitStack() as stack:
        # First of all, because even `no_grad` is a function that modes see.
        for name in ("DisableTorchFunction", "_DisableTorchDispatch"):
            guard = getattr(torch._C, name, None)
            if guard is not None:
                stack.enter_context(guard())
        stack.enter_context(torch.no_grad())
        yield


def measure(call: LossCall, result: Tensor | None) -> Measured:
    """Read everything that is needed of a call; result: what the loss returned, where it was called already."""
    class_dim = call.class_dim
    seen = graph.evidence(call.scores, class_dim)
    dim = _layout(call, seen)
    sample = canonical.sample_of(call.scores, dim)
    if call.contract.functional == "ctc_loss":
        sample = Sample(sample.total, sample.total, None)  # frames of one sequence belong together
    readings = _readings(call, seen, dim, sample) if sample.total and call.scores.numel() else {}
    if result is not None and result.ndim == 0 and call.reduction != "none" and sample.positions is None:
        readings["result"] = result.detach()
    return Measured(seen, dim, sample, _read(readings, canonical.computing_type(call.scores)))


def _read(readings: Readings, dtype: torch.dtype) -> dict[str, float]:
    """All numbers at once: the only place where the host waits for the device."""
    if not readings:
        return {}
    numbers = torch.stack([reading.to(dtype) for reading in readings.values()]).tolist()
    return dict(zip(readings, numbers, strict=True))


def _layout(call: LossCall, seen: GraphEvidence) -> int | None:
    """The dimension that makes rows: the loss's class dim; else the one that the graph tells or custom."""
    ndim = call.scores.ndim
    if call.class_dim is not None:
        return call.class_dim
    if seen.dim is not None:
        return seen.dim
    if call.contract.family is Family.KL_DIV:
        return ndim - 1 if ndim else None
    return 1 if ndim >= 2 else None


def _readings(call: LossCall, seen: GraphEvidence, dim: int | None, sample: Sample) -> Readings:
    """The numbers of the value test, and both losses for each kind that the scores may be."""
    kinds = (seen.kind,) if seen.kind is not None else _BY_VALUE
    if call.contract.functional == "ctc_loss":
        scores, readings = _sequences(call, kinds)
    elif call.contract.family in (Family.BCE, Family.BCE_WITH_LOGITS):
        scores, readings = _elements(call, kinds, dim, sample)
    else:
        return _rows(call, kinds, dim, sample)
    counts = torch.ones(scores.shape[0], dtype=torch.bool, device=scores.device)
    return {**readings, **_of_values(scores, counts, call, kinds)}


def _of_values(scores: Tensor, counts: Tensor, call: LossCall, kinds: tuple[ScoreKind, ...]) -> Readings:
    """The checks, and the value test where the graph has not told the kind."""
    checks = values.checks_of_rows(scores, counts)
    if kinds is not _BY_VALUE and call.contract.family is not Family.BCE:
        return checks
    return {**checks, **values.readings_of_rows(scores, counts, call.scores.dtype)}


def _rows(call: LossCall, kinds: tuple[ScoreKind, ...], dim: int | None, sample: Sample) -> Readings:
    family = call.contract.family
    if family is Family.KL_DIV or dim is None:
        rows = canonical.divergence_rows(call, dim, sample)
    else:
        rows = canonical.label_rows(call, dim, sample)
    readings = {**_of_values(rows.scores, rows.counts, call, kinds), **rows.facts}
    found = formulas.of_rows(rows, kinds, normalises=family is Family.CROSS_ENTROPY)
    for kind, numbers in found.items():
        _add(readings, kind, numbers)
    return readings


def _add(readings: Readings, kind: ScoreKind, numbers: formulas.Numbers) -> None:
    readings["loss"] = numbers.loss
    for name in ("loss_on_logits", "gradient_norm", "gradient_norm_on_logits"):
        readings[f"{kind.name}.{name}"] = getattr(numbers, name)


def _elements(call: LossCall, kinds: tuple[ScoreKind, ...], dim: int | None, sample: Sample) -> tuple[Tensor, Readings]:
    parts = canonical.elements(call, dim, sample)
    if call.contract.family is Family.BCE:
        return parts.scores, {"loss": formulas.of_probabilities(parts)}
    readings = {
        "positive": parts.positive.sum() / parts.normaliser,
        "negative": parts.negative.sum() / parts.normaliser,
    }
    for kind in kinds:
        _add(readings, kind, formulas.of_elements(parts, kind))
    return parts.scores, readings


def _sequences(call: LossCall, kinds: tuple[ScoreKind, ...]) -> tuple[Tensor, Readings]:
    """CTC: its recursion is torch's own; gradients are not computed."""
    scores = call.scores.detach().to(canonical.computing_type(call.scores))
    readings = {"loss": _ctc(call, scores)}
    for kind in kinds:
        if kind is ScoreKind.PROBABILITIES:
            right = formulas.log_of(scores, call.scores.dtype)
        else:
            right = torch.log_softmax(scores, -1)
        readings[f"{kind.name}.loss_on_logits"] = _ctc(call, right)
    return scores.reshape(-1, scores.shape[-1]), readings


def _ctc(call: LossCall, log_probabilities: Tensor) -> Tensor:
    """`torch.ctc_loss` in its numbers: 0 none, 1 mean, 2 sum; reading the lengths is part of it.

    ValueError where they do not fit.
    """
    try:
        loss: Tensor = torch.ctc_loss(
            log_probabilities,
            call.target.detach(),
            call.input_lengths,  # type: ignore[call-overload]
            call.target_lengths,
            call.blank,
            {"none": 0, "mean": 1, "sum": 2}[call.reduction],
            call.zero_infinity,
        )
    except RuntimeError as error:
        raise ValueError(f"ctc_loss: {str(error).splitlines()[0]}") from error
    return loss.mean() if call.reduction == "none" else loss
