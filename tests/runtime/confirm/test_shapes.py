from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.ir.recipe import Operation, Recipe
from ce_lint.runtime.confirm.shapes import candidates

Do = Callable[..., Operation]
MakeRecipe = Callable[..., Recipe]


@pytest.mark.parametrize(
    ("layer", "activation", "dim", "first"),
    [
        ("", "method softmax", 1, (16, 10)),
        ("", "method softmax", -1, (16, 10)),
        ("", "method softmax", 2, (16, 6, 10)),
        ("", "method softmax", -2, (16, 10, 6)),
        ("", "method softmax", -3, (16, 10, 5, 7)),
        ("", "method softmax", 3, (16, 5, 7, 10)),
        ("", "function torch.softmax", 2, (16, 6, 10)),
        ("", "layer torch.nn.Softmax", 2, (16, 6, 10)),
        ("torch.nn.Linear", "method softmax", 1, (16, 10)),
        ("torch.nn.Conv1d", "method softmax", 1, (16, 10, 6)),
        ("torch.nn.Conv2d", "method softmax", 1, (16, 10, 5, 7)),
        ("torch.nn.ConvTranspose3d", "method softmax", 1, (16, 10, 3, 5, 7)),
        # A layer whose channels were moved last before the activation.
        ("torch.nn.Conv2d", "method softmax", -1, (16, 5, 7, 10)),
    ],
)
def test_the_likeliest_shape(
    do: Do, recipe: MakeRecipe, layer: str, activation: str, dim: int, first: tuple[int, ...]
) -> None:
    shape = next(candidates(recipe(do(activation, dim), layer=layer)))

    assert shape.sizes == first
    assert shape.classes == 10


def test_softmax2d_is_over_the_channels_of_images(do: Do, recipe: MakeRecipe) -> None:
    assert next(candidates(recipe(do("layer torch.nn.Softmax2d")))).sizes == (16, 10, 5, 7)


@pytest.mark.parametrize("classes", [1, 2, 3, 5, 6, 7, 10, 16, 1000])
def test_no_size_is_the_number_of_classes_by_accident(do: Do, recipe: MakeRecipe, classes: int) -> None:
    for shape in candidates(recipe(do("method softmax", 1), classes=classes)):
        assert shape.sizes[shape.axis] == classes
        others = [size for dim, size in enumerate(shape.sizes) if dim != shape.axis]
        assert classes not in others
        assert len(set(others)) == len(others)


def test_a_single_sample_is_the_last_resort(do: Do, recipe: MakeRecipe) -> None:
    *_, last = candidates(recipe(do("method softmax", 0)))

    assert (last.sizes, last.axis, last.samples) == ((10,), 0, 1)
