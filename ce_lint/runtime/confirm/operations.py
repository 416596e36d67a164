"""One operation of a recipe, done in torch. Nothing can be called but what ce-lint knows of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn

from ce_lint.ir.recipe import Act, Name, Operation
from ce_lint.knowledge.loader import load
from ce_lint.knowledge.schema import Effect, Form
from ce_lint.runtime.confirm.values import ARITHMETIC, NO_SIZES, CannotRepeatError, Sizes, arguments, value

_JOINED = 3
"""How many tensors a join is given: the number is in no recipe, and changes no verdict."""

_MOVES = frozenset({"to", "type", "type_as", "cuda", "cpu", "xpu", "pin_memory", "share_memory_"})
"""Methods that move a tensor: a recipe is repeated where torch is, so that only a type among their arguments counts."""

_VALUE_CHANGES = frozenset({
    "clamp", "clamp_", "clamp_min", "clamp_min_", "clamp_max", "clamp_max_", "clip", "clip_", "nan_to_num",
    "nan_to_num_", "dropout", "dropout1d", "dropout2d", "dropout3d", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d",
})  # fmt: skip
"""Operations that are done to probabilities because they are probabilities, or at random; the rest of those that keep
the kind move the numbers only."""


def perform(operation: Operation, scores: object, sizes: Sizes) -> object:
    """Do an operation to scores, a tensor or a sequence of tensors, and return what it returns.

    Raise CannotRepeatError where an argument is not known, or the operation is not one that ce-lint knows of torch;
    what torch raises of a wrong shape is passed on.
    """
    match operation.act:
        case Act.MODEL:
            return scores
        case Act.PICK:
            return scores if isinstance(scores, torch.Tensor) else pick(scores, operation)
        case Act.ITEM:
            return scores[value(operation.arguments[0].value, sizes, "an index")]  # type: ignore[index]
        case Act.ARITHMETIC:
            return _calculated(operation, scores, sizes)
        case Act.ASSIGNMENT:
            return _assigned(operation, scores, sizes)
        case Act.METHOD:
            return _by_method(operation, scores, sizes)
        case Act.LAYER:
            return _layer(operation, sizes)(scores)
        case Act.FUNCTION:
            return _by_function(operation, scores, sizes)


def pick(output: object, operation: Operation) -> object:
    """Take the scores out of what a model returned: by key, by index, or by attribute.

    Raise CannotRepeatError where there is nothing of that name.
    """
    key = value(operation.arguments[0].value, NO_SIZES, "what is picked from the model's output")
    if isinstance(output, Mapping) and key in output:
        return output[key]
    if isinstance(output, Sequence) and isinstance(key, int) and -len(output) <= key < len(output):
        return output[key]
    if isinstance(key, str) and hasattr(output, key):
        return getattr(output, key)
    raise CannotRepeatError(f"the model returned {type(output).__name__}, which has no {key!r}")


def keeps_numbers(operation: Operation) -> bool:
    """Whether an operation only moves numbers about: what can be done to logits as to probabilities."""
    if operation.act in {Act.ARITHMETIC, Act.ASSIGNMENT} or operation.name.rpartition(".")[2] in _VALUE_CHANGES:
        return False
    knowledge = load()
    if operation.act is Act.METHOD:
        if knowledge.method_activation(operation.name) is not None:
            return False
        known = knowledge.method_operation(operation.name)
    else:
        if knowledge.activation(operation.name) is not None:
            return False
        known = knowledge.operation(operation.name)
    return known is None or known.effect not in {Effect.LOG, Effect.EXP}


def _calculated(operation: Operation, scores: object, sizes: Sizes) -> object:
    calculate = ARITHMETIC.get(operation.name)
    if calculate is None:
        raise CannotRepeatError(f"{operation.name} is not repeated")
    other = value(operation.arguments[0].value, sizes, f"the other side of {operation.name}")
    return calculate(other, scores) if operation.position == 1 else calculate(scores, other)


def _assigned(operation: Operation, scores: object, sizes: Sizes) -> object:
    key, replacement = (
        value(given.value, sizes, what)
        for given, what in zip(operation.arguments, ("an index", "what is assigned"), strict=True)
    )
    # A copy, because the scores that they come from may be needed for the gradient.
    changed = scores.clone()  # type: ignore[attr-defined]
    changed[key] = replacement
    return changed


def _by_method(operation: Operation, scores: object, sizes: Sizes) -> object:
    name = operation.name
    knowledge = load()
    known = knowledge.method_activation(name) or knowledge.method_operation(name)
    if known is None or not hasattr(torch.Tensor, name):
        raise CannotRepeatError(f"the method {name} is not repeated")
    if name in _MOVES:
        dtype = _type_in(operation)
        return scores.to(dtype) if dtype is not None and isinstance(scores, torch.Tensor) else scores
    positional, keywords = arguments(operation.arguments, sizes, name)
    return getattr(scores, name)(*positional, **keywords)


def _type_in(operation: Operation) -> torch.dtype | None:
    """The type among the arguments of a move."""
    for given in operation.arguments:
        if isinstance(given.value, Name):
            found = value(given.value, NO_SIZES, operation.name)
            if isinstance(found, torch.dtype):
                return found
    return None


def _by_function(operation: Operation, scores: object, sizes: Sizes) -> object:
    function = _object(operation.name, Form.FUNCTION)
    positional, keywords = arguments(operation.arguments, sizes, operation.name.rpartition(".")[2])
    known = load().operation(operation.name)
    if known is not None and known.effect is Effect.JOIN and isinstance(scores, torch.Tensor):
        scores = [scores] * _JOINED
    if operation.keyword:
        return function(*positional, **{operation.keyword: scores}, **keywords)
    return function(*positional[: operation.position], scores, *positional[operation.position :], **keywords)


def _layer(operation: Operation, sizes: Sizes) -> nn.Module:
    bare = operation.name.rpartition(".")[2]
    positional, keywords = arguments(operation.arguments, sizes, bare)
    layer = _object(operation.name, Form.CLASS)(*positional, **keywords)
    assert isinstance(layer, nn.Module)
    return layer


def _object(name: str, form: Form) -> Callable[..., object]:
    """What torch has under a full name; a recipe is data, so that only names that the knowledge lists are looked up."""
    knowledge = load()
    activation, operation = knowledge.activation(name), knowledge.operation(name)
    form_known = activation.form if activation else operation.form if operation else None
    if not name.startswith("torch.") or form_known is not form:
        raise CannotRepeatError(f"{name} is not repeated")
    found: object = torch
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    if not callable(found):
        raise CannotRepeatError(f"torch {torch.__version__} has no {name}")
    return found
