"""A finding's way from the activation to the loss, done once more in torch on random logits.

Nothing of the program is imported: a recipe holds names of torch and constants.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec
import torch
from torch import Tensor

from ce_lint.findings import RuntimeCheck
from ce_lint.ir.recipe import Operation, Recipe
from ce_lint.runtime.confirm.judgement import Exact, inconclusive, judged
from ce_lint.runtime.confirm.losses import TorchLoss, build_loss, target_for
from ce_lint.runtime.confirm.operations import keeps_numbers, perform
from ce_lint.runtime.confirm.shapes import Shape, candidates, classes_of
from ce_lint.runtime.confirm.values import MISFITS, CannotRepeatError, Sizes, one_line
from ce_lint.runtime.diagnosis.kernel import diagnose

LOG = logging.getLogger(__name__)

METHOD = "replay"
SEED = 20


class _Trial(NamedTuple):
    """One shape of logits on which everything ran."""

    shape: Shape
    logits: Tensor
    """The leaf."""
    scores: Tensor
    """What the loss received."""
    right_input: Tensor
    """What the loss should have received."""
    target: Tensor


def replay(recipe: Recipe, code: str) -> RuntimeCheck:
    """Repeat a recipe on seeded standard-normal logits and judge what the loss receives; losses are in nats.

    `code` is the rule that the finding breaks. The verdict is inconclusive, with the reason, where an argument of the
    recipe is not known, or no shape of logits fits its operations. The global random state is left as it was.
    """
    if not recipe.loss:
        return inconclusive(METHOD, "the way to the loss is not known")
    try:
        with _quiet(), torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.manual_seed(SEED)
            loss = build_loss(recipe)
            trial = _fitting(recipe, loss)
            check = _measured(trial, loss, code)
    except CannotRepeatError as error:
        return inconclusive(METHOD, str(error))
    notes = [check.reason, *(f"computed without {name}, whose value is not known" for name in loss.left_out)]
    return msgspec.structs.replace(check, reason="; ".join(note for note in notes if note))


@contextmanager
def _quiet() -> Iterator[None]:
    # What torch says of an implicit dim or of an old spelling is the program's matter, not this run's.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _fitting(recipe: Recipe, loss: TorchLoss) -> _Trial:
    """Find the likeliest shape on which every operation runs and the loss finds the classes where it looks for them."""
    misfit = ""
    for shape in candidates(recipe):
        try:
            trial = _tried(recipe, loss, shape)
        except MISFITS as error:
            # The likeliest shape comes first: what it fails on says most.
            misfit = misfit or one_line(error)
            continue
        class_dim = loss.class_dim(trial.scores)
        if class_dim is None or trial.scores.shape[class_dim] == shape.classes:
            return trial
        # It ran by its sizes alone: in the program the loss would have refused its target, or this was not the shape.
        size = trial.scores.shape[class_dim]
        misfit = misfit or f"{loss.name} would take a dimension of {size} for {shape.classes} classes"
    if not misfit:
        raise CannotRepeatError(f"{classes_of(recipe)} classes are too many to be repeated")
    raise CannotRepeatError(f"no shape of logits fits the operations: {misfit}")


def _tried(recipe: Recipe, loss: TorchLoss, shape: Shape) -> _Trial:
    generator = torch.Generator().manual_seed(SEED)
    logits = torch.randn(shape.sizes, generator=generator, requires_grad=True)
    # A copy, because an activation in place cannot be done to a leaf.
    scores, shapes = _done(recipe.operations, logits.clone(), Sizes(shape.samples, {0: shape.sizes}))
    sizes = Sizes(shape.samples, shapes)
    on_logits = tuple(one for one in recipe.operations if keeps_numbers(one))
    right_input = loss.right_input(_done(on_logits, _behind(recipe.operations, logits), sizes)[0])
    target = target_for(loss, scores, generator)
    trial = _Trial(shape, logits, scores, right_input, target)
    for tensor in (scores, right_input):
        _value(loss, tensor, target)
    return trial


def _done(operations: tuple[Operation, ...], scores: Tensor, sizes: Sizes) -> tuple[Tensor, dict[int, tuple[int, ...]]]:
    """The result of operations, and the shapes that they left.

    Shapes that are given are kept: those of the whole way, where only some of its operations are done.
    """
    shapes = dict(sizes.shapes)
    result: object = scores
    for number, operation in enumerate(operations, start=1):
        result = perform(operation, result, Sizes(sizes.samples, shapes))
        if isinstance(result, Tensor):
            shapes.setdefault(number, tuple(result.shape))
    if not isinstance(result, Tensor):
        raise CannotRepeatError(f"the operations leave {type(result).__name__}, which is no tensor")
    return result, shapes


def _behind(operations: tuple[Operation, ...], logits: Tensor) -> Tensor:
    """The logits whose softmax the activation is: softmin is that of the negative."""
    is_softmin = bool(operations) and operations[0].name.rpartition(".")[2].lower() == "softmin"
    return -logits if is_softmin else logits.clone()


def _value(loss: TorchLoss, scores: Tensor, target: Tensor) -> Tensor:
    """The loss as one number; `reduction="none"` leaves several, whose mean it is."""
    return loss.call(scores, target, **loss.call_arguments(scores)).mean()


def _measured(trial: _Trial, loss: TorchLoss, code: str) -> RuntimeCheck:
    if trial.shape.classes > 1 and trial.scores.numel() > 1 and not trial.scores.detach().flatten().diff().any():
        raise CannotRepeatError(f"nothing is left of the activation: {loss.name} would receive one number throughout")
    exact = Exact(
        *(_value(loss, scores, trial.target).item() for scores in (trial.scores, trial.right_input)),
        *(_gradient_norm(trial, loss, scores) for scores in (trial.scores, trial.right_input)),
    )
    try:
        diagnosis = diagnose(trial.scores, trial.target, loss.call, **loss.call_arguments(trial.scores))
    except (TypeError, ValueError) as error:
        raise CannotRepeatError(f"{loss.name} is not diagnosed: {one_line(error)}") from error
    return judged(code, diagnosis, METHOD, exact)


def _gradient_norm(trial: _Trial, loss: TorchLoss, scores: Tensor) -> float | None:
    """The Euclidean norm of the loss's gradient with respect to the logits; None where nothing leads back to them."""
    value = _value(loss, scores, trial.target)
    if not value.requires_grad:
        return None
    try:
        (gradient,) = torch.autograd.grad(value, trial.logits, retain_graph=True)
    except RuntimeError as error:
        # An operation in place on what the activation needs for its gradient: the program could not be trained either.
        LOG.info("no gradient: %s", error)
        return None
    return float(gradient.norm())
