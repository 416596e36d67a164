"""Both losses and both gradients, written out: no autograd, so nothing of the user's graph, modes or hooks is touched.

With `y = log_softmax(x)`, amounts A (class weight times target) and normaliser Z, cross-entropy is `-sum(A y) / Z` and
its gradient `(softmax(x) * rowsum(A) - A) / Z`; NLL and KL divergence take their input for y, with gradient `-A / Z`.
Through softmax, `p = softmax(z)`, a gradient g becomes `p * (g - <g, p>)`; through sigmoid, `g * s * (1 - s)`.
Checked against autograd by tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from ce_lint.ir.kinds import ScoreKind
from ce_lint.runtime.diagnosis.canonical import Elements, Rows


class Numbers(NamedTuple):
    """Two losses, in nats, and the Euclidean norms of their gradients; each 0-dimensional."""

    loss: Tensor
    loss_on_logits: Tensor
    gradient_norm: Tensor
    """With respect to the logits, through the activation."""
    gradient_norm_on_logits: Tensor


def of_rows(rows: Rows, kinds: Sequence[ScoreKind], *, normalises: bool) -> dict[ScoreKind, Numbers]:
    """Both losses of rows, for each kind that their scores may be.

    normalises: does the loss apply log-softmax itself (cross-entropy), or take its input for log-probabilities (NLL,
    KL divergence)?
    """
    x, amounts, total = rows.scores, rows.amounts, rows.amounts.sum(1, keepdim=True)
    absent = amounts == 0
    normalised = torch.log_softmax(x, 1)
    of_logits = normalised.exp() * total - amounts
    seen, before = (normalised, of_logits) if normalises else (x, -amounts)
    loss = _linear(rows, seen, absent)
    norm = _norm(of_logits, rows.normaliser)
    found = {}
    for kind in kinds:
        if kind in _RECOVERED:
            right = torch.log_softmax(_RECOVERED[kind](x, rows.received), 1)
            right_norm = _norm(right.exp() * total - amounts, rows.normaliser)
        else:
            right, right_norm = x if kind is ScoreKind.LOG_PROBABILITIES else normalised, norm
        # The gradient of cross-entropy sums to zero over a row, and passes log-softmax as it is.
        is_the_same = normalises and kind not in _RECOVERED
        found[kind] = Numbers(
            loss,
            loss if right is seen else _linear(rows, right, absent),
            norm if is_the_same else _norm(_through(x, kind, before), rows.normaliser),
            right_norm,
        )
    return found


def log_of(p: Tensor, received: torch.dtype) -> Tensor:
    """The logits behind probabilities, up to a number a row; one that was rounded to zero counts as the smallest.

    received: the dtype that the loss got, in which it was rounded.
    """
    return p.clamp_min(_smallest(p.dtype, received)).log()


def _logit(s: Tensor, received: torch.dtype) -> Tensor:
    """The logits behind sigmoid outputs; one that was rounded to 0 or 1 counts as the nearest number inside."""
    inside = s.clamp(_smallest(s.dtype, received), 1 - torch.finfo(received).eps / 2)
    return inside.log() - torch.log1p(-inside)


def _smallest(dtype: torch.dtype, received: torch.dtype) -> float:
    """The smallest positive number of a dtype that computations in another one can hold for sure.

    Subnormal numbers count for the narrower one only: of the other one's, a processor may make zeros.
    """
    limits = torch.finfo(received)
    return max(torch.finfo(dtype).tiny, limits.tiny * limits.eps)


_RECOVERED: Mapping[ScoreKind, Callable[[Tensor, torch.dtype], Tensor]] = {
    ScoreKind.PROBABILITIES: log_of,
    ScoreKind.SIGMOID: _logit,
}
"""How logits are recovered from what an activation made of them."""


def _linear(rows: Rows, y: Tensor, absent: Tensor) -> Tensor:
    """`constant - sum(A y) / Z`; a class without amount counts for nothing, be its logarithm minus infinity."""
    loss = (rows.amounts * y.masked_fill(absent, 0)).sum() / -rows.normaliser
    return loss if rows.constant is None else loss + rows.constant


def _through(x: Tensor, kind: ScoreKind, gradient: Tensor) -> Tensor:
    """The gradient with respect to the logits behind scores x, from that with respect to x."""
    if kind is ScoreKind.PROBABILITIES:
        return x * (gradient - (gradient * x).sum(1, keepdim=True))
    if kind is ScoreKind.SIGMOID:
        return gradient * x * (1 - x)
    if kind is ScoreKind.LOG_PROBABILITIES:
        return gradient - x.exp() * gradient.sum(1, keepdim=True)
    return gradient


def _norm(gradient: Tensor, normaliser: Tensor | float) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(gradient)
    return norm / normaliser


def of_elements(parts: Elements, kind: ScoreKind) -> Numbers:
    """Both losses of binary cross-entropy with logits, for scores of this kind.

    For probabilities the loss on the logits is that of `logit(p)`: the loss that would have judged each class by the
    probability that the model gave it. Gradients are with respect to the logits before the softmax then.
    """
    x = parts.scores
    is_probability = kind in (ScoreKind.PROBABILITIES, ScoreKind.SIGMOID)
    logits = _logit(x, parts.received) if is_probability else x
    seen = torch.sigmoid(x)
    before = parts.negative * seen - parts.positive * (1 - seen)
    p = torch.sigmoid(logits)
    right = parts.negative * p - parts.positive * (1 - p)
    if kind is ScoreKind.PROBABILITIES:
        by_p = right / (1 - p).clamp_min(torch.finfo(x.dtype).tiny)
        right = by_p - p * by_p.sum(1, keepdim=True)
    return Numbers(
        _binary(parts, x),
        _binary(parts, logits),
        _norm(_through(x, kind, before), parts.normaliser),
        _norm(right, parts.normaliser),
    )


def _binary(parts: Elements, logits: Tensor) -> Tensor:
    present, absent = parts.positive * logsigmoid(logits), parts.negative * logsigmoid(-logits)
    return -(present + absent).sum() / parts.normaliser


def of_probabilities(parts: Elements) -> Tensor:
    """Plain binary cross-entropy, whose scores are the probabilities; logarithms stop at -100, as in torch."""
    present = parts.positive * parts.scores.log().clamp_min(-100)
    absent = parts.negative * torch.log1p(-parts.scores).clamp_min(-100)
    return -(present + absent).sum() / parts.normaliser
