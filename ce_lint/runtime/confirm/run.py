"""What the subprocess of `confirm --execute` does: model, batch, forward, and the loss under watch."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from ce_lint.findings import RuntimeCheck, Verdict
from ce_lint.ir.recipe import Act, Recipe
from ce_lint.rules.registry import rule
from ce_lint.runtime.confirm.batches import Batch, batches
from ce_lint.runtime.confirm.construct import build, parameters, required_parameters
from ce_lint.runtime.confirm.execute import METHOD, model_of
from ce_lint.runtime.confirm.judgement import inconclusive, judged
from ce_lint.runtime.confirm.losses import TorchLoss, build_loss, target_for
from ce_lint.runtime.confirm.modules import extend_path
from ce_lint.runtime.confirm.operations import perform
from ce_lint.runtime.confirm.values import CannotRepeatError, Sizes, one_line
from ce_lint.runtime.confirm.wire import Request
from ce_lint.runtime.diagnosis.records import Diagnosis
from ce_lint.runtime.watch.watching import watch

LOG = logging.getLogger(__name__)

SEED = 20


def run(request: Request) -> RuntimeCheck:
    """Carry out a request in this process, project's code and all."""
    try:
        return _run(request)
    except CannotRepeatError as error:
        return inconclusive(METHOD, str(error))


def _run(request: Request) -> RuntimeCheck:
    built = model_of(request.recipe)
    if built is None:
        raise CannotRepeatError("no model is on the way")
    root = Path(request.root)
    extend_path(root, Path(built.path) if built.path else root / "model.py")
    loss = build_loss(request.recipe)
    torch.manual_seed(SEED)
    with _step(f"building {built.name}"):
        model = build(built, root)
    if not request.batch:
        _check_forward(model, built.name)
    check = inconclusive(METHOD, f"{request.code} is no rule")
    for training in _modes(request.code):
        model.train(training)
        check = _checked(request, model, built.name, loss)
        if check.verdict is Verdict.CONFIRMED:
            break
    return check


def _modes(code: str) -> tuple[bool, ...]:
    """In which modes a model is run, by whether that is training: both where the rule speaks of either."""
    known = rule(code)
    if known is None or known.in_evaluation_only is None:
        return (True, False)
    return (not known.in_evaluation_only,)


def _checked(request: Request, model: nn.Module, name: str, loss: TorchLoss) -> RuntimeCheck:
    """The verdict on the first batch that the model takes."""
    generator = torch.Generator().manual_seed(SEED)
    failed: CannotRepeatError | None = None
    with _step("making a batch"):
        for batch in batches(model, request.input_shape, request.batch, generator):
            try:
                with _step(f"running {name}"):
                    diagnosis = _watched(model, batch, request.recipe, loss, generator)
            except CannotRepeatError as error:
                # The likeliest input comes first: what it fails on says most.
                failed = failed or error
                continue
            check = judged(request.code, diagnosis, METHOD)
            others = parameters(model.forward)[1:]
            if check.verdict is Verdict.REFUTED and diagnosis.code is None and others and not request.batch:
                raise CannotRepeatError(
                    f"the model returned logits, but its forward takes {', '.join(others)} as well: give --batch"
                )
            return check
    raise failed or CannotRepeatError("no batch fits the model")


def _check_forward(model: nn.Module, name: str) -> None:
    needed = required_parameters(model.forward)
    if len(needed) > 1:
        raise CannotRepeatError(f"forward of {name} takes {', '.join(needed)}: give --batch")


def _watched(model: nn.Module, batch: Batch, recipe: Recipe, loss: TorchLoss, generator: torch.Generator) -> Diagnosis:
    """Run model, operations and loss on one batch, and return what the watch saw at the loss."""
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    inputs = [_moved(one, device) for one in batch.inputs]
    keywords = {name: _moved(one, device) for name, one in batch.keywords.items()}
    output = model(*inputs, **keywords)
    scores = _after_model(recipe, output, _samples([*inputs, *keywords.values()]))
    target = _moved(batch.target, scores.device)
    if target is None:
        target = target_for(loss, scores, generator)
    with watch(looks=None, warn=False) as seen:
        loss.call(scores, target, **loss.call_arguments(scores))
    diagnoses = [site.diagnosis for site in seen.report().sites if site.diagnosis is not None]
    if not diagnoses:
        raise CannotRepeatError(f"the watch saw no call of {loss.name}")
    return diagnoses[0]


def _after_model(recipe: Recipe, output: object, samples: int) -> Tensor:
    """Do to a model's output what the recipe does to it on the way to the loss."""
    operations = (*recipe.before, *recipe.operations)
    last = max(number for number, operation in enumerate(operations) if operation.act is Act.MODEL)
    shapes: dict[int, tuple[int, ...]] = {}
    scores = output
    for number, operation in enumerate(operations[last:], start=last - len(recipe.before)):
        if isinstance(scores, Tensor):
            shapes[number] = tuple(scores.shape)
        scores = perform(operation, scores, Sizes(samples, shapes))
    if not isinstance(scores, Tensor):
        raise CannotRepeatError(f"the model returned {type(scores).__name__}, which is no tensor")
    return scores


def _moved(given: object, device: torch.device) -> object:
    return given.to(device) if isinstance(given, Tensor) else given


def _samples(inputs: list[object]) -> int:
    sizes = [one.shape[0] for one in inputs if isinstance(one, Tensor) and one.dim()]
    return sizes[0] if sizes else 1


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Turn whatever the project's code raises in a step into the reason, one line."""
    try:
        yield
    except CannotRepeatError:
        raise
    except BaseException as error:
        # The code is not ours: it may raise anything, and call sys.exit.
        LOG.warning("%s", what, exc_info=True)
        raise CannotRepeatError(f"{what}: {one_line(error)}") from error
