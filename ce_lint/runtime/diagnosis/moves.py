"""Nodes of the autograd graph that move numbers without changing them, and what becomes of each dimension.

Only saved integers and sizes are read, never saved tensors: under activation checkpointing that would run the model's
forward a second time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

LOST = -1
"""No single dimension of the scores stands for this one, or not all of it."""
UNKNOWN_SIZE = -1

Node = Any
"""A node of the autograd graph; torch has no public type for the generated ones."""


class State(NamedTuple):
    """A place in the graph: one output of a node, in the terms of the scores."""

    node: Node
    output: int
    sizes: tuple[int, ...]
    """The shape of that output."""
    axes: tuple[int, ...]
    """For each of its dimensions, the dimension of the scores that it became."""
    class_dim: int | None
    maps: tuple[str, ...] = ()
    """`log` and `exp` between here and the scores, the last one first."""


Move = Callable[[State], "list[State] | None"]
"""From a node's output to its inputs; None where it cannot be followed."""


def dim_of(saved: int, ndim: int) -> int:
    """A saved dimension as an index: autograd keeps some as unsigned 64-bit numbers, -1 as 2**64 - 1."""
    signed = saved - 2**64 if saved >= 2**63 else saved
    return signed % ndim


def _one(state: State, sizes: Sequence[int], axes: Sequence[int], index: int = 0) -> list[State] | None:
    """The input of a node, with its shape and what its dimensions became."""
    node, output = state.node.next_functions[index]
    if node is None:
        return None
    return [state._replace(node=node, output=output, sizes=tuple(sizes), axes=tuple(axes))]


def _same(state: State) -> list[State] | None:
    return _one(state, state.sizes, state.axes)


def _copied(state: State) -> list[State] | None:
    """`a.copy_(b)`: the numbers are those of b, the second input."""
    return _one(state, state.sizes, state.axes, index=1)


def _sink(state: State) -> list[State] | None:
    """DDP's sink passes each of its inputs on as the output of the same number."""
    return _one(state, state.sizes, state.axes, index=state.output)


def _mapped_by(name: str) -> Move:
    """A logarithm or an exponential: remembered, and applied to the kind that is found."""

    def move(state: State) -> list[State] | None:
        return _same(state._replace(maps=(*state.maps, name)))

    return move


def _permute(state: State) -> list[State] | None:
    order = [dim_of(dim, len(state.sizes)) for dim in state.node._saved_dims]
    return _reordered(state, order)


def _transpose(state: State) -> list[State] | None:
    order = list(range(len(state.sizes)))
    first, second = (dim_of(dim, len(order)) for dim in (state.node._saved_dim0, state.node._saved_dim1))
    order[first], order[second] = order[second], order[first]
    return _reordered(state, order)


def _t(state: State) -> list[State] | None:
    return _reordered(state, list(reversed(range(len(state.sizes)))))


def _reordered(state: State, order: Sequence[int]) -> list[State] | None:
    """Output dimension i is input dimension order[i]."""
    sizes, axes = list(state.sizes), list(state.axes)
    for position, dim in enumerate(order):
        sizes[dim], axes[dim] = state.sizes[position], state.axes[position]
    return _one(state, sizes, axes)


def _unsqueeze(state: State) -> list[State] | None:
    dim = dim_of(state.node._saved_dim, len(state.sizes))
    return _one(state, _without(state.sizes, dim), _without(state.axes, dim))


def _without(values: Sequence[int], dim: int) -> tuple[int, ...]:
    return (*values[:dim], *values[dim + 1 :])


def _with(values: Sequence[int], dim: int, value: int) -> tuple[int, ...]:
    return (*values[:dim], value, *values[dim + 1 :])


def _view(state: State) -> list[State] | None:
    """A view, a reshape or a squeeze: dimensions correspond where both shapes split into the same factors."""
    before = tuple(state.node._saved_self_sym_sizes)
    after = _with_known_sizes(state.sizes, math.prod(before))
    if after is None or 0 in before:
        return None
    axes = [LOST] * len(before)
    for inside, outside in _factors(before, after):
        big_in = [dim for dim in inside if before[dim] > 1]
        big_out = [dim for dim in outside if after[dim] > 1]
        made = [state.axes[dim] for dim in big_out]
        if len(big_in) == len(big_out) == 1:
            axes[big_in[0]] = made[0]
        elif made and state.class_dim not in made:
            # Merged or split, but none of them is the class dim: any of their names will do.
            for dim in big_in:
                axes[dim] = made[0]
    return _one(state, before, axes)


def _with_known_sizes(sizes: tuple[int, ...], total: int) -> tuple[int, ...] | None:
    """The sizes with the unknown one found from the number of elements; None where that is not possible."""
    unknown = sizes.count(UNKNOWN_SIZE)
    if unknown == 0:
        return sizes if math.prod(sizes) == total else None
    known = math.prod(size for size in sizes if size != UNKNOWN_SIZE)
    if unknown > 1 or known == 0 or total % known:
        return None
    return tuple(total // known if size == UNKNOWN_SIZE else size for size in sizes)


def _factors(before: Sequence[int], after: Sequence[int]) -> list[tuple[list[int], list[int]]]:
    """Groups of dimensions, left to right, whose sizes have the same product on both sides."""
    groups = []
    i = j = 0
    while i < len(before) or j < len(after):
        inside, outside, left, right = [], [], 1, 1
        while True:
            if left <= right and i < len(before):
                left *= before[i]
                inside.append(i)
                i += 1
            elif j < len(after):
                right *= after[j]
                outside.append(j)
                j += 1
            if (left == right and (inside and outside)) or (i == len(before) and j == len(after)):
                break
        groups.append((inside, outside))
    return groups


def _expand(state: State) -> list[State] | None:
    before = tuple(state.node._saved_self_sym_sizes)
    offset = len(state.sizes) - len(before)
    axes = [
        state.axes[offset + dim] if state.sizes[offset + dim] in (size, UNKNOWN_SIZE) else LOST
        for dim, size in enumerate(before)
    ]
    return _one(state, before, axes)


def _repeat(state: State) -> list[State] | None:
    before, repeats = tuple(state.node._saved_self_sym_sizes), tuple(state.node._saved_repeats)
    offset = len(repeats) - len(before)
    axes = [
        LOST if repeats[offset + dim] != 1 and state.axes[offset + dim] == state.class_dim else state.axes[offset + dim]
        for dim in range(len(before))
    ]
    return _one(state, before, axes)


def _part(state: State) -> list[State] | None:
    """A slice, a chunk or rows by index: of another dim than the classes, or of all classes."""
    before = tuple(state.node._saved_self_sym_sizes)
    dim = dim_of(state.node._saved_dim, len(before))
    return _one(state, before, _cut(state, dim, whole=state.sizes[dim] == before[dim]))


def _cut(state: State, dim: int, *, whole: bool) -> tuple[int, ...]:
    """The axes where only a part of one dimension is left: part of the classes is not normalised any more."""
    if whole or state.axes[dim] != state.class_dim:
        return state.axes
    return _with(state.axes, dim, LOST)


def _index_select(state: State) -> list[State] | None:
    """Rows by index: on the class dim they may repeat classes, whatever their number."""
    before = tuple(state.node._saved_self_sym_sizes)
    return _one(state, before, _cut(state, dim_of(state.node._saved_dim, len(before)), whole=False))


def _select(state: State) -> list[State] | None:
    before = tuple(state.node._saved_self_sym_sizes)
    dim = dim_of(state.node._saved_dim, len(before))
    return _one(state, before, (*state.axes[:dim], LOST, *state.axes[dim:]))


def _unbind(state: State) -> list[State] | None:
    dim = dim_of(state.node._saved_dim, len(state.sizes) + 1)
    sizes = (*state.sizes[:dim], UNKNOWN_SIZE, *state.sizes[dim:])
    return _one(state, sizes, (*state.axes[:dim], LOST, *state.axes[dim:]))


def _index(state: State) -> list[State] | None:
    """`p[mask]`, `p[rows]`: the indices are tensors and are not read, so the class dim is found from the sizes."""
    before = tuple(state.node._saved_self_sym_sizes)
    if state.class_dim not in state.axes:
        return _one(state, before, [LOST] * len(before))
    dim = state.axes.index(state.class_dim)
    places = [place for place in range(len(before)) if _may_come_from(place, before, dim, state.sizes)]
    if not places:
        return _one(state, before, [LOST] * len(before))
    found = state.axes[dim] if len(places) == 1 else LOST
    # The others are no class dims; which of them is which does not matter.
    other = next((axis for axis in state.axes if axis != state.class_dim), LOST)
    return _one(state, before, [found if i in places else other for i in range(len(before))])


def _may_come_from(place: int, before: Sequence[int], dim: int, after: Sequence[int]) -> bool:
    """Can dimension `dim` of an indexed tensor be the whole of dimension `place` of what it was taken from?

    The dimensions of the indices come in one block, the others stay in their order. The block is in front of `dim`
    where a dimension before `place` was indexed, or two that do not lie beside each other (`p[rows, :, columns]`).
    """
    if before[place] != after[dim]:
        return False
    if place == dim and tuple(before[:place]) == tuple(after[:dim]):
        return True
    rest = iter(before[place + 1 :])
    return (place > 0 or len(before) > 3) and all(size in rest for size in after[dim + 1 :])


def _cat(state: State) -> list[State] | None:
    return _cat_along(state, dim_of(state.node._saved_dim, len(state.sizes)))


def _gather_replicas(state: State) -> list[State] | None:
    """DataParallel's gather: a concatenation of what the replicas returned."""
    return _cat_along(state, dim_of(state.node.dim, len(state.sizes)))


def _cat_along(state: State, dim: int) -> list[State] | None:
    joined = state._replace(
        sizes=_with(state.sizes, dim, UNKNOWN_SIZE),
        axes=_cut(state, dim, whole=False),
    )
    return _all_inputs(joined)


def _stack(state: State) -> list[State] | None:
    dim = dim_of(state.node._saved_dim, len(state.sizes))
    return _all_inputs(state._replace(sizes=_without(state.sizes, dim), axes=_without(state.axes, dim)))


def _all_inputs(state: State) -> list[State] | None:
    """Every input of a node that joins tensors of one shape; None where one of them has no graph."""
    inputs = state.node.next_functions
    if any(node is None for node, _ in inputs):
        return None
    return [state._replace(node=node, output=output) for node, output in inputs]


MOVES: Mapping[str, Move] = {
    **dict.fromkeys(
        (
            "CloneBackward0",
            "ToCopyBackward0",
            "AliasBackward0",
            "ClampBackward0",
            "ClampBackward1",
            "ClampMinBackward0",
            "ClampMinBackward1",
            "ClampMaxBackward0",
            "ClampMaxBackward1",
            "NanToNumBackward0",
            "FlipBackward0",
            "RollBackward0",
            "ToDenseBackward0",
        ),
        _same,
    ),
    **dict.fromkeys(("ViewBackward0", "UnsafeViewBackward0", "ReshapeAliasBackward0"), _view),
    **{f"SqueezeBackward{overload}": _view for overload in range(6)},
    **dict.fromkeys(("SliceBackward0", "SplitBackward0", "SplitWithSizesBackward0"), _part),
    "CopyBackwards": _copied,
    "_DDPSinkBackward": _sink,
    "GatherBackward": _gather_replicas,
    "LogBackward0": _mapped_by("log"),
    "ExpBackward0": _mapped_by("exp"),
    "PermuteBackward0": _permute,
    "TransposeBackward0": _transpose,
    "TransposeBackward1": _transpose,
    "TBackward0": _t,
    "UnsqueezeBackward0": _unsqueeze,
    "ExpandBackward0": _expand,
    "RepeatBackward0": _repeat,
    "IndexSelectBackward0": _index_select,
    "SelectBackward0": _select,
    "UnbindBackward0": _unbind,
    "IndexBackward0": _index,
    "CatBackward0": _cat,
    "StackBackward0": _stack,
}
"""By the name of the node."""
