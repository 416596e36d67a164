"""Which shapes the logits of a recipe may have had, the likeliest first. No torch here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from ce_lint.ir.recipe import Act, Built, Operation, Recipe
from ce_lint.knowledge.loader import load

DEFAULT_CLASSES = 10
"""The number of classes where nothing says it."""

MAX_SCORES = 2**25
"""How many numbers the logits may be: a language model's vocabulary over a batch of sequences, no more."""

_SIZES = (16, 6, 5, 7, 3, 11, 13, 17)
"""Samples, positions, height, width, depth; and what replaces the one that equals the number of classes, so that a
shape never fits by accident."""
_SPATIAL_LAYERS = {"1d": 3, "2d": 4, "3d": 5}
"""How many dimensions a layer's output has, by the end of the layer's name."""


class Shape(NamedTuple):
    """A shape for the logits."""

    sizes: tuple[int, ...]
    axis: int
    """The dimension of the classes."""
    samples: int
    """The number of samples."""

    @property
    def classes(self) -> int:
        """The number of classes."""
        return self.sizes[self.axis]


def classes_of(recipe: Recipe) -> int:
    """Say for how many classes a recipe is repeated: as many as it says, or its reshapes, or ten."""
    if recipe.classes is not None:
        return recipe.classes
    for operation in reversed(recipe.operations):
        name = operation.name.rpartition(".")[2]
        if name in {"view", "reshape"} and operation.arguments:
            sizes = operation.arguments[-1].value
            last = sizes[-1] if isinstance(sizes, tuple) and sizes else sizes
            if isinstance(last, int) and not isinstance(last, bool) and last > 1:
                return last
    for given in recipe.loss_arguments:
        numbers = given.value.arguments if isinstance(given.value, Built) else None
        if numbers and isinstance(numbers[0].value, tuple) and len(numbers[0].value) > 1:
            return len(numbers[0].value)
    return DEFAULT_CLASSES


def candidates(recipe: Recipe) -> Iterator[Shape]:
    """Yield every shape that the logits may have had, of at most MAX_SCORES numbers.

    Those over whose classes the activation normalises come first, then those that the layer makes; a single sample
    without a batch is the last resort.
    """
    classes = classes_of(recipe)
    samples, positions, height, width, depth, *_ = (size for size in _SIZES if size != classes)
    channels_last = [
        Shape((samples, classes), 1, samples),
        Shape((samples, positions, classes), 2, samples),
        Shape((samples, height, width, classes), 3, samples),
        Shape((samples, depth, height, width, classes), 4, samples),
    ]
    channels_first = [
        Shape((samples, classes, positions), 1, samples),
        Shape((samples, classes, height, width), 1, samples),
        Shape((samples, classes, depth, height, width), 1, samples),
    ]
    rank = _SPATIAL_LAYERS.get(recipe.layer[-2:])
    ordered = [*channels_first, *channels_last] if rank else [*channels_last[:2], *channels_first, *channels_last[2:]]
    ordered.sort(key=lambda shape: (not _normalises(recipe, shape), rank not in (None, len(shape.sizes))))
    ordered.append(Shape((classes,), 0, 1))
    yield from (shape for shape in ordered if math.prod(shape.sizes) <= MAX_SCORES)


def _normalises(recipe: Recipe, shape: Shape) -> bool:
    """Whether the activation's dimension is that of the classes, as far as it is known."""
    if not recipe.operations:
        return True
    activation = recipe.operations[0]
    rank = len(shape.sizes)
    dim = _dim(activation, rank)
    return dim is None or (-rank <= dim < rank and dim % rank == shape.axis)


def _dim(activation: Operation, rank: int) -> int | None:
    """The dimension over which an activation normalises; None where it has none, or it is not known."""
    knowledge = load()
    bare = activation.name.rpartition(".")[2]
    if bare == "Softmax2d":
        return -3
    is_method = activation.act is Act.METHOD
    known = knowledge.method_activation(activation.name) if is_method else knowledge.activation(activation.name)
    if known is None or known.dim is None:
        return None
    positional = [given.value for given in activation.arguments if not given.keyword]
    named = {given.keyword: given.value for given in activation.arguments}
    # The scores themselves are not among a function's arguments in a recipe.
    position = (known.dim.position or 0) - (activation.act is Act.FUNCTION)
    dim = named.get(known.dim.keyword, positional[position] if 0 <= position < len(positional) else None)
    if dim is None:
        # What torch takes where no dim is given (`torch.nn.functional._get_softmax_dim`).
        return 0 if rank in {0, 1, 3} else 1
    return dim if isinstance(dim, int) and not isinstance(dim, bool) else None
