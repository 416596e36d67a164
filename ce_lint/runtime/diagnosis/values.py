"""The kind of scores, read from their numbers: where there is no autograd graph, or an opaque one.

A row of a softmax output is not negative and sums to one; a row of a log-softmax output is not positive and its
`logsumexp` is zero. That a row of other numbers does so to a tolerance t by chance has odds of about 2 t, so a row is
worth `-log2(2 t)` bits. Rows that are one-hot or constant are worth none: they look the same whatever made them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from ce_lint.ir.kinds import Family, ScoreKind

BITS_NEEDED = 30
TOLERANCES: Mapping[str, float] = {"float64": 1e-9, "float32": 1e-5, "float16": 2e-3, "bfloat16": 1e-2}
"""How far a row of softmax output may be from summing to one, by the coarsest dtype that its numbers went through."""
_NARROWER = {
    torch.float64: (torch.float32, torch.float16, torch.bfloat16),
    torch.float32: (torch.float16, torch.bfloat16),
}
SURELY_POSITIVE = 0.1
"""No log-probability is larger, not even one to which a small constant was added before the logarithm."""

NO_GRAPH = "and no autograd graph tells"
TOO_FEW_ROWS = "too few rows to tell by their values"
ONE_HOT = "all rows are one-hot"
CONSTANT = "all rows are constant"
LIKE_SIGMOID = f"all values lie in [0, 1], as sigmoid outputs do, {NO_GRAPH}"
NOT_NORMALISED = f"the values are negative and not normalised, {NO_GRAPH}"


class ValueEvidence(NamedTuple):
    """What the numbers say of the scores."""

    kind: ScoreKind | None
    reason: str = ""
    """Why no kind was found."""


def checks_of_rows(scores: Tensor, counts: Tensor) -> dict[str, Tensor]:
    """What is asked of scores whatever their kind, each a 0-dimensional tensor on the device of the scores.

    scores: (rows, classes), zero in the rows that do not count; counts: (rows,), which rows the loss looks at.
    """
    highest = scores.amax(1)
    sums = scores.sum(1)
    is_vertex = (highest == 1) & ((scores == 0).sum(1) == scores.shape[1] - 1)
    # Minus infinity is a logit, or the logarithm of a zero.
    is_bad = highest.isnan() | (highest == math.inf)
    return {
        "off_one": ((sums - 1).abs() * counts).amax(),
        **_numbers_of_rows({"rows": counts, "bad": is_bad, "exactly_one_hot": is_vertex}, counts, scores.dtype),
    }


def readings_of_rows(scores: Tensor, counts: Tensor, received: torch.dtype) -> dict[str, Tensor]:
    """What the test needs beside those checks; received: the dtype that the loss got.

    The zeros in rows that do not count change none of the decisions on the smallest and the largest score.
    """
    lowest, highest = scores.amin(1), scores.amax(1)
    flags, tolerance = _precision(scores, received)
    # Of 50,000 classes the likeliest may have a probability of 0.001.
    is_varied = highest - lowest > tolerance * highest.abs().clamp_max(1)
    is_one_hot, is_log_one_hot = highest >= 1 - tolerance, highest >= -tolerance
    kinds_of_rows = {
        "varied": is_varied,
        "one_hot": is_one_hot,
        "telling": is_varied & ~is_one_hot,
        "log_one_hot": is_log_one_hot,
        "log_telling": is_varied & ~is_log_one_hot,
    }
    return {
        **flags,
        "smallest": lowest.amin(),
        "largest": highest.amax(),
        "off_zero": (scores.logsumexp(1).abs() * counts).amax(),
        **_numbers_of_rows(kinds_of_rows, counts, scores.dtype),
    }


def _numbers_of_rows(marks: Mapping[str, Tensor], counts: Tensor, dtype: torch.dtype) -> dict[str, Tensor]:
    """How many of the rows that count bear each mark, in few operations."""
    numbers = (torch.stack(tuple(marks.values())) & counts).sum(1, dtype=dtype)
    return dict(zip(marks, numbers.unbind(), strict=True))


def _precision(scores: Tensor, received: torch.dtype) -> tuple[dict[str, Tensor], Tensor]:
    """Whether all numbers are those of a narrower dtype, and the tolerance that this means."""
    tolerance = scores.new_full((), TOLERANCES[_name(received)])
    flags = {}
    for narrow in _NARROWER.get(received, ()):
        fits = (scores.to(narrow).to(scores.dtype) == scores).all()
        flags[_name(narrow)] = fits
        tolerance = torch.where(fits, TOLERANCES[_name(narrow)], tolerance)
    return flags, tolerance


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def tolerance_of(numbers: Mapping[str, float], received: torch.dtype) -> float:
    """The tolerance of the coarsest dtype that the numbers fit."""
    names = [_name(received), *(name for name in TOLERANCES if numbers.get(name))]
    return max(TOLERANCES[name] for name in names)


def rows_needed(tolerance: float) -> int:
    """How many rows make chance out of the question; at least two."""
    return max(2, math.ceil(BITS_NEEDED / -math.log2(2 * tolerance)))


def judge(numbers: Mapping[str, float], tolerance: float, family: Family) -> ValueEvidence:
    """The kind of rows from what was read of them; family: that of the loss that received them."""
    needed = rows_needed(tolerance)
    if numbers["smallest"] >= 0 and numbers["off_one"] <= tolerance:
        return _normalised(ScoreKind.PROBABILITIES, numbers, "", needed)
    if numbers["largest"] <= tolerance and numbers["off_zero"] <= tolerance:
        found = _normalised(ScoreKind.LOG_PROBABILITIES, numbers, "log_", needed)
        if found.kind is None and family is Family.CROSS_ENTROPY:
            return ValueEvidence(ScoreKind.LOGITS)  # log-probabilities are logits
        return found
    return _unnormalised(numbers, family)


def _normalised(kind: ScoreKind, numbers: Mapping[str, float], prefix: str, needed: int) -> ValueEvidence:
    """Rows that all look like outputs of softmax: enough of them, or why not."""
    if numbers[f"{prefix}telling"] >= needed:
        return ValueEvidence(kind)
    if numbers[f"{prefix}one_hot"] >= numbers["rows"]:
        return ValueEvidence(None, ONE_HOT)
    if not numbers["varied"]:
        return ValueEvidence(None, CONSTANT)
    return ValueEvidence(None, TOO_FEW_ROWS)


def _unnormalised(numbers: Mapping[str, float], family: Family) -> ValueEvidence:
    """Rows that softmax did not make, at least not over this dimension."""
    if numbers["smallest"] >= 0 and numbers["largest"] <= 1:
        return ValueEvidence(None, LIKE_SIGMOID)
    if family in (Family.NLL, Family.KL_DIV) and numbers["largest"] <= SURELY_POSITIVE:
        return ValueEvidence(None, NOT_NORMALISED)
    return ValueEvidence(ScoreKind.LOGITS)
