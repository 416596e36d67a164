"""Scores and targets of every loss in one of two forms: rows x classes with an amount for each class, or elements.

Nothing here reads a number: everything stays on the device of the scores. Rows whose target is `ignore_index` are kept
with weight zero, because leaving them out would need their number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from ce_lint.runtime.diagnosis.calls import LossCall
from ce_lint.runtime.diagnosis.values import TOLERANCES

MAX_ELEMENTS = 2**22
"""Above this number of scores, evenly spaced rows stand for all: a diagnosis must not need the memory that a language
model's step has left. A dozen tensors of this size exist at a time, 200 MB in float32."""


class Rows(NamedTuple):
    """A loss that is linear in log-probabilities y: `constant - sum(amounts * y) / normaliser`."""

    scores: Tensor
    """(rows, classes), float32 or float64; ignored rows are zero."""
    counts: Tensor
    """(rows,), bool: the rows that are not ignored."""
    amounts: Tensor
    """(rows, classes): class weight times target probability."""
    normaliser: Tensor
    """0-dimensional: what `reduction` divides by; for `none`, the number of rows that count."""
    received: torch.dtype
    """The dtype that the scores had."""
    facts: Mapping[str, Tensor]
    """What a verdict asks of call and target, 0-dimensional, by name. Of all losses `scale`: how many samples of weight
    one the loss is worth, its label not smoothed. Of class indices `outside`: how many are no class. Of target
    probabilities `soft`: how many are neither 0 nor 1. Of KL divergence `low` and `high`: the smallest and the largest
    loss of any probabilities; `target_off_one`: how far a row of the target is from summing to one."""
    constant: Tensor | None = None
    """0-dimensional: the part of the loss that does not depend on the scores, already divided."""


class Elements(NamedTuple):
    """Binary cross-entropy of p: `-sum(positive * log(p) + negative * log(1 - p)) / normaliser`."""

    scores: Tensor
    """(rows, classes), float32 or float64."""
    positive: Tensor
    """(rows, classes): weight times target."""
    negative: Tensor
    """(rows, classes): weight times one minus target."""
    normaliser: float
    received: torch.dtype
    """The dtype that the scores had."""


class Sample(NamedTuple):
    """Which rows stand for all."""

    taken: int
    total: int
    positions: Tensor | None
    """Their numbers; None for all of them."""


def computing_type(scores: Tensor) -> torch.dtype:
    """The dtype of every computation: float64 for float64, else float32."""
    return torch.float64 if scores.dtype == torch.float64 else torch.float32


def sample_of(scores: Tensor, dim: int | None) -> Sample:
    """Evenly spaced rows of scores along their class dim, where there are too many to look at all."""
    classes = scores.shape[dim] if dim is not None and scores.ndim else 1
    total = scores.numel() // max(classes, 1)
    most = max(MAX_ELEMENTS // max(classes, 1), 1)
    if total <= most:
        return Sample(total, total, None)
    positions = torch.arange(most, device=scores.device) * total // most
    return Sample(most, total, positions)


def to_rows(tensor: Tensor, dim: int | None, sample: Sample) -> Tensor:
    """(rows, classes) of a tensor whose classes lie along `dim`; one class where there is no such dim."""
    moved = tensor.movedim(dim, -1) if dim is not None and tensor.ndim else tensor.unsqueeze(-1)
    if sample.positions is None:
        return moved.reshape(sample.total, moved.shape[-1])
    return moved[_unravelled(sample.positions, moved.shape[:-1])]


def _unravelled(positions: Tensor, shape: torch.Size) -> tuple[Tensor, ...]:
    """Numbers of rows as one index a dimension, so that nothing but the taken rows is copied."""
    indices: list[Tensor] = []
    for size in reversed(shape):
        indices.append(positions % size)
        positions = torch.div(positions, size, rounding_mode="floor")
    return tuple(reversed(indices))


def label_rows(call: LossCall, dim: int, sample: Sample) -> Rows:
    """Rows of cross-entropy or NLL, with the meaning that torch gives to weight, smoothing and mean together.

    Index targets, mean: both the label's part and the smoothing's part are divided by the labels' weights. Probability
    targets, mean: by the number of rows, whatever the weights (`aten/src/ATen/native/LossNLL.cpp`).
    """
    dtype = computing_type(call.scores)
    scores = to_rows(call.scores, dim, sample).to(dtype)
    classes = scores.shape[1]
    weight = None if call.weight is None else call.weight.detach().to(dtype)
    smoothing = call.label_smoothing
    if call.target.is_floating_point():
        return _soft_rows(call, scores, weight, to_rows(call.target, dim, sample).to(dtype))
    labels = call.target.detach().reshape(-1)
    # As 64-bit numbers, because in 8 bits -100, the usual `ignore_index`, is 156.
    labels = (labels if sample.positions is None else labels[sample.positions]).long()
    counts = labels != call.ignore_index
    hot = (torch.arange(classes, device=scores.device) == labels.unsqueeze(1)) & counts.unsqueeze(1)
    amounts = hot.to(dtype) if weight is None else hot * weight
    total = amounts.sum()
    number = counts.sum().to(dtype)
    if smoothing > 0:
        spread = counts.unsqueeze(1).to(dtype) * (smoothing / classes)
        amounts = amounts * (1 - smoothing) + (spread if weight is None else spread * weight)
    normaliser = {"mean": total, "none": number}.get(call.reduction, torch.ones_like(total))
    return Rows(
        scores=torch.where(counts.unsqueeze(1), scores, 0),
        counts=counts,
        amounts=amounts,
        normaliser=normaliser,
        received=call.scores.dtype,
        facts={"scale": total / normaliser, "outside": number - hot.sum()},
    )


def _soft_rows(call: LossCall, scores: Tensor, weight: Tensor | None, target: Tensor) -> Rows:
    """Rows of cross-entropy whose target is a distribution for each row."""
    number, classes = scores.shape
    soft = ((target != 0) & (target != 1)).sum() + (target.sum(1) != 1).sum()
    smoothed = target * (1 - call.label_smoothing) + call.label_smoothing / classes
    normaliser = torch.full((), 1 if call.reduction == "sum" else number, dtype=scores.dtype, device=scores.device)
    weighted = target if weight is None else target * weight
    return Rows(
        scores=scores,
        counts=torch.ones(number, dtype=torch.bool, device=scores.device),
        amounts=smoothed if weight is None else smoothed * weight,
        normaliser=normaliser,
        received=call.scores.dtype,
        facts={"scale": weighted.sum() / normaliser, "soft": soft},
    )


def divergence_rows(call: LossCall, dim: int | None, sample: Sample) -> Rows:
    """Rows of KL divergence: `sum(t * (log t - x))` over the elements."""
    dtype = computing_type(call.scores)
    scores = to_rows(call.scores, dim, sample).to(dtype)
    target = to_rows(call.target.detach().expand(call.scores.shape), dim, sample).to(dtype)
    amounts = target.exp() if call.log_target else target
    negative_entropy = (amounts * target if call.log_target else torch.xlogy(target, target)).sum(1)
    divisor: float = scores.numel()
    if call.reduction == "sum":
        divisor = 1
    elif call.reduction == "batchmean":
        divisor = (call.scores.shape[0] if call.scores.ndim else 1) * sample.taken / max(sample.total, 1)
    normaliser = torch.full((), divisor, dtype=dtype, device=scores.device)
    return Rows(
        scores=scores,
        counts=torch.ones(scores.shape[0], dtype=torch.bool, device=scores.device),
        amounts=amounts,
        normaliser=normaliser,
        received=call.scores.dtype,
        facts={
            "scale": amounts.sum() / normaliser,
            "low": (negative_entropy - amounts.amax(1)).sum() / normaliser,
            "high": (negative_entropy - amounts.amin(1)).sum() / normaliser,
            "target_off_one": (amounts.sum(1) - 1).abs().amax(),
        },
        constant=negative_entropy.sum() / normaliser,
    )


def elements(call: LossCall, dim: int | None, sample: Sample) -> Elements:
    """The elements of binary cross-entropy, laid out as rows along `dim`.

    `multilabel_soft_margin_loss` is binary cross-entropy that takes the mean over its last dimension first.
    """
    dtype = computing_type(call.scores)
    shape = call.scores.shape

    def laid_out(tensor: Tensor) -> Tensor:
        return to_rows(tensor.detach().expand(shape), dim, sample).to(dtype)

    scores, target = laid_out(call.scores), laid_out(call.target)
    positive, negative = target, 1 - target
    if call.pos_weight is not None:
        positive = positive * laid_out(call.pos_weight)
    if call.weight is not None:
        weight = laid_out(call.weight)
        positive, negative = positive * weight, negative * weight
    divisor = 1.0 if call.reduction == "sum" else float(scores.numel())
    if call.contract.functional == "multilabel_soft_margin_loss" and call.reduction == "sum":
        divisor = float(shape[-1]) if shape else 1.0
    return Elements(scores, positive, negative, divisor, call.scores.dtype)


def check_shapes(call: LossCall) -> None:
    """ValueError where the target cannot belong to the scores, TypeError where CTC's lengths are missing."""
    scores, target, dim = call.scores, call.target, call.class_dim
    dtype = str(scores.dtype).removeprefix("torch.")
    if dtype not in TOLERANCES:
        raise ValueError(f"scores must be floating point of 16 bits or more, not {dtype}")
    if call.reduction not in ("mean", "sum", "none", "batchmean"):
        raise ValueError(f"{call.reduction!r} is no reduction")
    if call.contract.functional == "ctc_loss":
        if call.input_lengths is None or call.target_lengths is None:
            raise TypeError("ctc_loss needs input_lengths and target_lengths")
        return
    if dim is None:
        fits = math.prod(scores.shape) == 0 or _broadcasts(target.shape, scores.shape)
    elif target.is_floating_point():
        fits = target.shape == scores.shape
    else:
        fits = scores.ndim > 0 and target.shape == (*scores.shape[:dim], *scores.shape[dim + 1 :])
    if not fits:
        raise ValueError(f"a target of shape {tuple(target.shape)} does not fit scores of shape {tuple(scores.shape)}")
    classes = scores.shape[dim] if dim is not None else None
    if classes is not None and call.weight is not None and call.weight.shape != (classes,):
        raise ValueError(f"{call.weight.numel()} class weights do not fit {classes} classes")


def _broadcasts(shape: torch.Size, to: torch.Size) -> bool:
    return len(shape) <= len(to) and all(a in (1, b) for a, b in zip(reversed(shape), reversed(to), strict=False))
