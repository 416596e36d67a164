"""The arguments of a recipe as torch takes them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import torch

from ce_lint.ir.recipe import Batch, Bounds, Built, Calculation, Given, Known, Missing, Name, Size

ARITHMETIC: Mapping[str, Callable[[object, object], object]] = {
    "Add": operator.add,
    "Subtract": operator.sub,
    "Multiply": operator.mul,
    "Divide": operator.truediv,
    "FloorDivide": operator.floordiv,
}
"""What arithmetic is repeated; none of it makes of small numbers one that fills the memory."""

_ELLIPSIS = frozenset({"Ellipsis", "builtins.Ellipsis", "types.EllipsisType"})
_TENSORS = frozenset({
    "tensor", "as_tensor", "ones", "zeros", "full", "empty", "rand", "randn", "arange", "linspace", "eye",
})  # fmt: skip
"""Functions of torch that make a tensor of nothing but numbers."""
_PLAIN = (torch.dtype, torch.memory_format, torch.layout)


class CannotRepeatError(Exception):
    """A recipe that cannot be repeated in torch; its text is the reason, one line."""


MISFITS = (RuntimeError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError, AssertionError)
"""What torch raises of arguments that it cannot use, or that do not fit a shape."""


def one_line(error: BaseException) -> str:
    """The class of an error and the first line of its text."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


class Sizes(NamedTuple):
    """The sizes that a recipe speaks of and does not say."""

    samples: int
    """The number of samples in the batch."""
    shapes: Mapping[int, tuple[int, ...]]
    """The shapes of the scores after so many operations, those that are known."""


NO_SIZES = Sizes(1, {})
"""For arguments that are given once, not for a batch."""


class Arguments(NamedTuple):
    """The arguments of one call."""

    positional: tuple[object, ...]
    keywords: dict[str, object]


def arguments(given: Iterable[Given], sizes: Sizes, callee: str) -> Arguments:
    """Convert the arguments of a call to `callee`; raise CannotRepeatError where one of them is not known."""
    positional = []
    keywords = {}
    for one in given:
        converted = value(one.value, sizes, f"{one.keyword or 'an argument'} of {callee}")
        if one.keyword:
            keywords[one.keyword] = converted
        else:
            positional.append(converted)
    return Arguments(tuple(positional), keywords)


def value(known: Known, sizes: Sizes, what: str) -> object:
    """Convert one value; `what` names the argument in an error.

    Raise CannotRepeatError for a value that is not known, and for an object that only running the program can make.
    """
    match known:
        case Missing(reason=reason):
            raise CannotRepeatError(f"{what} is not known{f': {reason}' if reason else ''}")
        case Batch():
            return sizes.samples
        case Size():
            return _size(known, sizes, what)
        case Calculation(operator=name, left=left, right=right):
            return calculated(name, value(left, sizes, what), value(right, sizes, what), what)
        case Name(name=name):
            return _named(name, what)
        case Bounds(lower=lower, upper=upper, step=step):
            return slice(value(lower, sizes, what), value(upper, sizes, what), value(step, sizes, what))
        case Built():
            return _tensor(known, sizes, what)
        case tuple():
            return tuple(value(item, sizes, what) for item in known)
        case _:
            return known


def calculated(name: str, left: object, right: object, what: str) -> object:
    """Calculate with two numbers; raise CannotRepeatError for anything else."""
    if name not in ARITHMETIC or not isinstance(left, int | float) or not isinstance(right, int | float):
        raise CannotRepeatError(f"{what} is not known: the result of {name}")
    return ARITHMETIC[name](left, right)


def _size(known: Size, sizes: Sizes, what: str) -> int:
    shape = sizes.shapes.get(known.operations)
    if shape is None:
        raise CannotRepeatError(f"{what} is a size of scores inside the model")
    if not -len(shape) <= known.dim < len(shape):
        raise ValueError(f"{what} is the size of dimension {known.dim} of {len(shape)}")
    return shape[known.dim]


def _named(name: str, what: str) -> object:
    if name in _ELLIPSIS:
        return ...
    library, _, rest = name.partition(".")
    found = getattr(torch, rest, None) if library == "torch" and rest.isidentifier() else None
    # A recipe is data: of all that torch holds, only what cannot be called is taken from it by name.
    if isinstance(found, _PLAIN):
        return found
    raise CannotRepeatError(f"{what} is an object of the program: {name}")


def _tensor(built: Built, sizes: Sizes, what: str) -> torch.Tensor:
    library, _, bare = built.name.rpartition(".")
    if library != "torch" or bare not in _TENSORS or built.arguments is None or not built.is_complete:
        raise CannotRepeatError(f"{what} is an object of the program: {built.name}")
    # Where it lies is of no matter: what is repeated runs on the processor.
    given = [one for one in built.arguments if one.keyword != "device"]
    positional, keywords = arguments(given, sizes, f"{built.name}, {what},")
    made = getattr(torch, bare)(*positional, **keywords)
    assert isinstance(made, torch.Tensor)
    return made
