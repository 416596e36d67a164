"""The loss of a recipe, built in torch, and targets that it accepts."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ce_lint.ir.kinds import Family
from ce_lint.ir.recipe import Given, Recipe
from ce_lint.knowledge.loader import load
from ce_lint.knowledge.schema import Form
from ce_lint.runtime.confirm.values import MISFITS, NO_SIZES, CannotRepeatError, one_line, value

_DISPENSABLE = frozenset({"weight", "pos_weight", "ignore_index"})
"""Arguments without which a wrong input is as wrong: they weigh samples and leave some out."""
_LENGTHS = frozenset({"input_lengths", "target_lengths"})
"""What CTC is told of one batch: that of a repetition has lengths of its own."""


@dataclass(frozen=True, slots=True)
class TorchLoss:
    """A loss of torch, ready to be called."""

    name: str
    """`CrossEntropyLoss`, `cross_entropy`."""
    family: Family
    call: Callable[..., Tensor]
    """A module, or a function with its arguments bound."""
    left_out: tuple[str, ...] = ()
    """Arguments whose values are not known, and without which it is called."""
    log_target: bool = False
    blank: int = 0

    @property
    def is_ctc(self) -> bool:
        """Whether this is CTC, whose classes are the last dimension."""
        return self.name in {"CTCLoss", "ctc_loss"}

    def class_dim(self, scores: Tensor) -> int | None:
        """The dimension of `scores` that the loss takes for the classes; None where each number is judged alone."""
        if self.family not in {Family.CROSS_ENTROPY, Family.NLL}:
            return None
        if self.is_ctc:
            return scores.dim() - 1
        return 1 if scores.dim() > 1 else 0

    def right_input(self, logits: Tensor) -> Tensor:
        """What the loss should have received: the logits, or their log-softmax where the loss takes no log itself."""
        if self.family is Family.NLL:
            return functional.log_softmax(logits, self.class_dim(logits) or 0)
        if self.family is Family.KL_DIV:
            return functional.log_softmax(logits, _last_or_first(logits))
        return torch.sigmoid(logits) if self.family is Family.BCE else logits

    def call_arguments(self, scores: Tensor) -> dict[str, Tensor]:
        """The other arguments of one call: CTC's lengths, for scores of shape (T, N, C) or (T, C)."""
        if not self.is_ctc:
            return {}
        shape = scores.shape[1:-1]
        return {
            "input_lengths": torch.full(shape, scores.shape[0]),
            "target_lengths": torch.full(shape, _target_length(scores)),
        }


def build_loss(recipe: Recipe) -> TorchLoss:
    """Build the loss of a recipe with its own arguments.

    Raise CannotRepeatError for a loss that is not torch's, for an argument that changes the loss and is not known, and
    for arguments that torch refuses.
    """
    known = load().loss(recipe.loss)
    bare = recipe.loss.rpartition(".")[2]
    if known is None or not recipe.loss.startswith("torch."):
        raise CannotRepeatError(f"the loss of a library is not repeated: {recipe.loss or 'no name'}")
    is_class = known.form is Form.CLASS
    # Only names that the knowledge lists get here.
    made = getattr(nn if is_class else functional, bare)
    try:
        given, left_out = _keywords(recipe.loss_arguments, _parameters(made, is_class=is_class), bare)
        call = made(**given) if is_class else functools.partial(made, **given)
    except MISFITS as error:
        raise CannotRepeatError(f"{bare} cannot be built: {one_line(error)}") from error
    blank = given.get("blank", 0)
    return TorchLoss(
        name=bare,
        family=known.family,
        call=call,
        left_out=left_out,
        log_target=bool(given.get("log_target", False)),
        blank=blank if isinstance(blank, int) else 0,
    )


def target_for(loss: TorchLoss, scores: Tensor, generator: torch.Generator) -> Tensor:
    """Make a random target that a loss accepts for scores of this shape, on their device.

    Class indices (int64, the shape without the class dimension) for cross-entropy and NLL, sequences of indices without
    the blank (N, S) for CTC, zeros and ones of the scores' shape for binary losses, probabilities for KL divergence.
    Raise CannotRepeatError for whole numbers, and ValueError for a shape that has no such target.
    """
    if not scores.is_floating_point():
        raise CannotRepeatError(f"{loss.name} would receive numbers of type {scores.dtype}")
    target = _target_on_cpu(loss, scores, generator)
    return target.to(scores.device)


def _target_on_cpu(loss: TorchLoss, scores: Tensor, generator: torch.Generator) -> Tensor:
    shape = tuple(scores.shape)
    class_dim = loss.class_dim(scores)
    if loss.family in {Family.BCE, Family.BCE_WITH_LOGITS}:
        return torch.randint(0, 2, shape, generator=generator).to(scores.dtype)
    if class_dim is None:
        target = functional.softmax(torch.randn(shape, generator=generator), _last_or_first(scores)).to(scores.dtype)
        return target.log() if loss.log_target else target
    if not shape:
        raise ValueError(f"{loss.name} would receive a single number")
    if loss.is_ctc:
        sequence = torch.randint(0, shape[-1] - 1, (*shape[1:-1], _target_length(scores)), generator=generator)
        return sequence + (sequence >= loss.blank)
    return torch.randint(0, shape[class_dim], (*shape[:class_dim], *shape[class_dim + 1 :]), generator=generator)


def _target_length(scores: Tensor) -> int:
    # A blank may have to stand between two labels, so that half the length always fits.
    return max(1, scores.shape[0] // 2)


def _last_or_first(scores: Tensor) -> int:
    return 1 if scores.dim() > 1 else 0


def _parameters(made: Callable[..., object], *, is_class: bool) -> list[str]:
    """The names of the arguments that can stand by position; a function's without input and target."""
    names = list(inspect.signature(made).parameters)
    return names if is_class else names[2:]


def _keywords(given: Iterable[Given], parameters: list[str], callee: str) -> tuple[dict[str, object], tuple[str, ...]]:
    """The arguments by name, and the names of those that are left out."""
    keywords: dict[str, object] = {}
    left_out: list[str] = []
    for position, one in enumerate(given):
        name = one.keyword or (parameters[position] if position < len(parameters) else "an argument")
        if name in _LENGTHS:
            continue
        try:
            keywords[name] = value(one.value, NO_SIZES, f"{name} of {callee}")
        except CannotRepeatError:
            if name not in _DISPENSABLE:
                raise
            left_out.append(name)
    if "weight" in left_out and keywords.get("label_smoothing"):
        raise CannotRepeatError(f"weight of {callee} is not known, and with label smoothing it decides the window")
    return keywords, tuple(left_out)
