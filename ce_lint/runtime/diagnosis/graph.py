"""The kind of scores, read from the autograd graph: names of nodes and saved integers only.

Saved tensors are never read: under activation checkpointing that would run the model's forward a second time.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from ce_lint.ir.kinds import ScoreKind
from ce_lint.runtime.diagnosis.moves import LOST, MOVES, Node, State, dim_of

MAX_NODES = 512
"""Nodes visited for one tensor: a decoder that stacks some hundred steps is still followed."""


class GraphEvidence(NamedTuple):
    """What the graph says of a tensor."""

    kind: ScoreKind | None
    """None where the graph does not tell."""
    dim: int | None = None
    """The dimension of the tensor over which it is normalised; None where that is not one of them."""
    stopped_at: str = ""
    """The node at which the walk ended, where no kind was found; empty where there is no graph."""


_LOGITS = GraphEvidence(ScoreKind.LOGITS)
_NO_GRAPH = GraphEvidence(None)

LAYERS = frozenset(
    {
        "AddmmBackward0",
        "LinearBackward0",
        "MkldnnLinearBackward0",
        "MpsLinearBackward0",
        "ConvolutionBackward0",
        "ConvolutionOverrideableBackward0",
        "CudnnConvolutionBackward0",
        "MiopenConvolutionBackward0",
        "MkldnnConvolutionBackward0",
        "MpsConvolutionBackward0",
        "EmbeddingBackward0",
        "EmbeddingBagBackward0",
        "NativeLayerNormBackward0",
        "NativeGroupNormBackward0",
        "NativeBatchNormBackward0",
        "CudnnBatchNormBackward0",
        "MiopenBatchNormBackward0",
    }
)
"""Layers whose weights make any number possible: what comes out of them are logits."""
_PRODUCTS = frozenset({"MmBackward0", "BmmBackward0", "MvBackward0"})
"""Layers too, but only where one side is a parameter: attention times one-hot labels is a product as well."""


def evidence(scores: Tensor, class_dim: int | None) -> GraphEvidence:
    """The kind of the scores as their graph tells it; reads no numbers and costs about a microsecond for a layer.

    scores: any tensor; class_dim: the dimension, not negative, that the loss takes for the classes, or None.
    """
    node = scores.grad_fn
    if node is None:
        return _NO_GRAPH
    if type(node).__name__ in LAYERS:
        return _LOGITS
    start = State(node, scores.output_nr, tuple(scores.shape), tuple(range(scores.ndim)), class_dim)
    return _walk(start)


def _walk(start: State) -> GraphEvidence:
    """Follow every way from the scores to what made them: all must lead to the same."""
    found: GraphEvidence | None = None
    pending = [start]
    for _ in range(MAX_NODES):
        if not pending:
            break
        state = pending.pop()
        name = type(state.node).__name__
        try:
            here = _producer(state, name)
            before = None if here is not None else _before(state, name)
        except (AttributeError, RuntimeError, ValueError):
            # A torch that saves the integer under another name, a graph that was freed, sizes that do not fit.
            return _stopped(state)
        if here is None and not before:
            return _stopped(state)
        if here is not None and found is not None and here != found:
            return _stopped(state)
        found = here or found
        pending.extend(before or ())
    return _stopped(start) if pending or found is None else found


def _stopped(state: State) -> GraphEvidence:
    return GraphEvidence(None, stopped_at=state.node.name())


def _producer(state: State, name: str) -> GraphEvidence | None:
    """What a node makes, if it makes a kind: after the logarithms and exponentials that follow it."""
    if name in LAYERS or (name in _PRODUCTS and _has_parameter(state.node)):
        return None if state.maps else _LOGITS
    kind = _PRODUCERS.get(name)
    if kind is None:
        return None
    for made_by in reversed(state.maps):
        kind = _MAPPED.get((kind, made_by))
        if kind is None:
            return None
    if kind in (ScoreKind.SIGMOID, ScoreKind.LOG_SIGMOID):
        return GraphEvidence(kind)
    dim = state.axes[dim_of(state.node._saved_dim, len(state.sizes))] if state.sizes else LOST
    if dim == LOST:
        # Without a class dim, any part of a softmax output is one still.
        return GraphEvidence(kind) if state.class_dim is None else None
    return GraphEvidence(kind, dim)


def _before(state: State, name: str) -> list[State] | None:
    """The inputs of a node that moves numbers without changing them; None for any other node."""
    move = MOVES.get(name)
    return None if move is None else move(state)


def _has_parameter(node: Node) -> bool:
    """Is one of the two sides of a product a leaf, perhaps transposed or cast?"""
    for side, _ in node.next_functions:
        step = side
        for _ in range(6):
            if step is None:
                break
            if type(step).__name__ == "AccumulateGrad":
                return True
            if type(step).__name__ not in _WEIGHT_MOVES:
                break
            step = step.next_functions[0][0]
    return False


_PRODUCERS = {
    "SoftmaxBackward0": ScoreKind.PROBABILITIES,
    "SparseSoftmaxBackward0": ScoreKind.PROBABILITIES,
    "LogSoftmaxBackward0": ScoreKind.LOG_PROBABILITIES,
    "SparseLogSoftmaxBackward0": ScoreKind.LOG_PROBABILITIES,
    "SigmoidBackward0": ScoreKind.SIGMOID,
    "LogSigmoidBackward0": ScoreKind.LOG_SIGMOID,
}
_MAPPED: dict[tuple[ScoreKind, str], ScoreKind] = {
    (ScoreKind.PROBABILITIES, "log"): ScoreKind.LOG_PROBABILITIES,
    (ScoreKind.SIGMOID, "log"): ScoreKind.LOG_SIGMOID,
    (ScoreKind.LOG_PROBABILITIES, "exp"): ScoreKind.PROBABILITIES,
    (ScoreKind.LOG_SIGMOID, "exp"): ScoreKind.SIGMOID,
}
_WEIGHT_MOVES = frozenset(
    {
        "TBackward0",
        "TransposeBackward0",
        "PermuteBackward0",
        "ToCopyBackward0",
        "ViewBackward0",
        "UnsafeViewBackward0",
        "ExpandBackward0",
        "UnsqueezeBackward0",
        "CloneBackward0",
        "AliasBackward0",
    }
)
