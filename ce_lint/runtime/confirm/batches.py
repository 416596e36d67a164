"""Batches for a model: made from its first layer, from a shape, or by a function of the user's."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from ce_lint.runtime.confirm.values import CannotRepeatError

SAMPLES = 8
_LENGTHS = (16, 8, 32, 64, 128)
_IMAGES = (32, 28, 64, 224, 96, 16, 8, 128, 256)
_VOLUMES = (16, 32, 8, 64)
_LAZY_FEATURES = 16
_LAZY_CHANNELS = 3


class Batch(NamedTuple):
    """What a model is called with, and the target where it is known."""

    inputs: tuple[object, ...]
    keywords: Mapping[str, object] = {}
    target: Tensor | None = None


def batches(model: nn.Module, input_shape: Sequence[int], function: str, generator: torch.Generator) -> Iterator[Batch]:
    """Yield the batches that a model may take, the likeliest first; one of them alone where the user says which.

    Raise CannotRepeatError where nothing says what the model takes, or the user's function cannot be had.
    """
    if function:
        yield _from_function(function)
    elif input_shape:
        yield Batch((torch.randn((SAMPLES, *input_shape), generator=generator),))
    else:
        yield from (Batch((tensor,)) for tensor in _for_first_layer(model, generator))


def _from_function(name: str) -> Batch:
    module_name, _, attribute = name.partition(":")
    function = getattr(importlib.import_module(module_name), attribute, None)
    if not callable(function):
        raise CannotRepeatError(f"{module_name} has no function {attribute}")
    made = function()
    if isinstance(made, Tensor):
        return Batch((made,))
    if isinstance(made, tuple | list) and len(made) == 2 and isinstance(made[1], Tensor):
        inputs, target = made
        if isinstance(inputs, Mapping):
            return Batch((), dict(inputs), target)
        return Batch(tuple(inputs) if isinstance(inputs, tuple | list) else (inputs,), target=target)
    if isinstance(made, Mapping):
        return Batch((), dict(made))
    raise CannotRepeatError(f"{name} returned {type(made).__name__}: neither a tensor nor (inputs, target)")


def _for_first_layer(model: nn.Module, generator: torch.Generator) -> Iterator[Tensor]:
    """Random inputs for the first layer that says what it takes, in the order in which layers were registered."""
    for layer in model.modules():
        made = [shape for kind, shapes in _SHAPES if isinstance(layer, kind) for shape in shapes(layer)]
        if isinstance(layer, nn.Embedding | nn.EmbeddingBag):
            for shape in ((SAMPLES, _LENGTHS[0]), (SAMPLES, _LENGTHS[1]), (SAMPLES,)):
                yield torch.randint(0, layer.num_embeddings, shape, generator=generator)
            return
        if made:
            yield from (torch.randn(shape, generator=generator) for shape in made)
            return
    raise CannotRepeatError("no layer says what the model takes: give --input-shape or --batch")


_Shapes = Iterator["tuple[int, ...]"]


def _features_last(size: int) -> _Shapes:
    yield (SAMPLES, size)
    yield (SAMPLES, _LENGTHS[0], size)
    yield (size,)


def _linear(layer: nn.Module) -> _Shapes:
    assert isinstance(layer, nn.Linear | nn.Bilinear)
    size = layer.in_features if isinstance(layer, nn.Linear) else layer.in1_features
    # A lazy layer does not know yet.
    return _features_last(size or _LAZY_FEATURES)


def _spatial(channels: int, rank: int) -> _Shapes:
    sizes = {1: _LENGTHS, 2: _IMAGES, 3: _VOLUMES}[rank]
    yield from ((SAMPLES, channels, *(size,) * rank) for size in sizes)


def _convolution(layer: nn.Module) -> _Shapes:
    assert isinstance(layer, _ConvNd)
    return _spatial(layer.in_channels or _LAZY_CHANNELS, len(layer.kernel_size))


def _norm(layer: nn.Module) -> _Shapes:
    assert isinstance(layer, _BatchNorm)
    channels = layer.num_features or _LAZY_FEATURES
    if isinstance(layer, nn.BatchNorm1d):
        yield (SAMPLES, channels)
    rank = 3 if isinstance(layer, nn.BatchNorm3d) else 2 if isinstance(layer, nn.BatchNorm2d) else 1
    yield from _spatial(channels, rank)


def _layer_norm(layer: nn.Module) -> _Shapes:
    assert isinstance(layer, nn.LayerNorm)
    yield (SAMPLES, *layer.normalized_shape)
    yield (SAMPLES, _LENGTHS[0], *layer.normalized_shape)


def _recurrent(layer: nn.Module) -> _Shapes:
    assert isinstance(layer, nn.RNNBase)
    length = _LENGTHS[0]
    yield (SAMPLES, length, layer.input_size) if layer.batch_first else (length, SAMPLES, layer.input_size)


def _cell(layer: nn.Module) -> _Shapes:
    assert isinstance(layer, nn.RNNCellBase)
    yield (SAMPLES, layer.input_size)


def _attention(layer: nn.Module) -> _Shapes:
    assert isinstance(layer, nn.MultiheadAttention)
    yield (SAMPLES, _LENGTHS[0], layer.embed_dim)
    yield (SAMPLES, layer.embed_dim)


_SHAPES: tuple[tuple[type[nn.Module], Callable[[nn.Module], _Shapes]], ...] = (
    (nn.Linear, _linear),
    (nn.Bilinear, _linear),
    (_ConvNd, _convolution),
    (_BatchNorm, _norm),
    (nn.LayerNorm, _layer_norm),
    (nn.RNNBase, _recurrent),
    (nn.RNNCellBase, _cell),
    (nn.MultiheadAttention, _attention),
)
"""The layers that say what they take, each with the shapes that it may have been given."""
