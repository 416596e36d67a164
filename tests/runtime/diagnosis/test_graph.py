"""The kind of scores from their autograd graph: every producer, and every operation that only moves numbers."""

from __future__ import annotations

import timeit
from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from ce_lint.ir.kinds import ScoreKind  # noqa: E402
from ce_lint.runtime.diagnosis.graph import GraphEvidence, evidence  # noqa: E402

pytestmark = pytest.mark.torch

Activation = Callable[[torch.Tensor], torch.Tensor]

PROBABILITIES, LOG_PROBABILITIES = ScoreKind.PROBABILITIES, ScoreKind.LOG_PROBABILITIES
SIGMOID, LOG_SIGMOID, LOGITS = ScoreKind.SIGMOID, ScoreKind.LOG_SIGMOID, ScoreKind.LOGITS


def leaf(*shape: int) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(shape, requires_grad=True)


# What moves numbers: the operation, the shape before it, the dimension that softmax takes, the class dim after it and
# where the softmax dimension must be found.
MOVES: dict[str, tuple[Activation, tuple[int, ...], int, int, int]] = {
    "permute": (lambda p: p.permute(0, 2, 1), (4, 6, 5), 2, 1, 1),
    "permute negative": (lambda p: p.permute(0, -1, 1), (4, 6, 5), -1, 1, 1),
    "movedim": (lambda p: p.movedim(-1, 1), (4, 6, 7, 5), 3, 1, 1),
    "transpose": (lambda p: p.transpose(1, -1), (4, 6, 5), -1, 1, 1),
    "swapaxes": (lambda p: p.swapaxes(1, 2), (4, 6, 5), 2, 1, 1),
    "mT": (lambda p: p.mT, (4, 6, 5), 2, 1, 1),
    "t": (lambda p: p.t(), (5, 4), 0, 1, 1),
    "view of tokens": (lambda p: p.view(-1, 5), (4, 6, 5), -1, 1, 1),
    "permute and reshape": (lambda p: p.permute(0, 2, 3, 1).reshape(-1, 5), (2, 5, 3, 4), 1, 1, 1),
    "flatten": (lambda p: p.flatten(2), (2, 5, 3, 4), 1, 1, 1),
    "view that adds ones": (lambda p: p.view(4, 5, 1, 1), (4, 5), 1, 1, 1),
    "view that drops ones": (lambda p: p.view(4, 5), (4, 5, 1, 1), 1, 1, 1),
    "unflatten of another dim": (lambda p: p.unflatten(0, (2, 2)).flatten(0, 1), (4, 5), 1, 1, 1),
    "unsqueeze": (lambda p: p.unsqueeze(-1), (4, 5), 1, 1, 1),
    "unsqueeze before": (lambda p: p.unsqueeze(0), (5,), 0, 1, 1),
    "squeeze all": (lambda p: p.squeeze(), (1, 4, 5), 2, 1, 1),
    "squeeze one": (lambda p: p.squeeze(0), (1, 4, 5), 2, 1, 1),
    "squeeze two": (lambda p: p.squeeze((0, 3)), (1, 4, 5, 1), 2, 1, 1),
    "expand": (lambda p: p.unsqueeze(0).expand(3, 4, 5).flatten(0, 1), (4, 5), 1, 1, 1),
    "repeat": (lambda p: p.repeat(3, 1), (4, 5), 1, 1, 1),
    "tile": (lambda p: p.tile(2, 1), (4, 5), 1, 1, 1),
    "repeat_interleave": (lambda p: p.repeat_interleave(2, 0), (4, 5), 1, 1, 1),
    "clone": (lambda p: p.clone(), (4, 5), 1, 1, 1),
    "contiguous": (lambda p: p.transpose(0, 1).contiguous(), (5, 4), 0, 1, 1),
    "double": (lambda p: p.double(), (4, 5), 1, 1, 1),
    "half": (lambda p: p.half(), (4, 5), 1, 1, 1),
    "slice of rows": (lambda p: p[1:3], (4, 5), 1, 1, 1),
    "all of it": (lambda p: p[:, :], (4, 5), 1, 1, 1),
    "every second row": (lambda p: p[::2], (4, 5), 1, 1, 1),
    "shifted tokens": (lambda p: p[:, :-1].transpose(1, 2), (4, 6, 5), 2, 1, 1),
    "narrow": (lambda p: p.narrow(0, 1, 2), (4, 5), 1, 1, 1),
    "last token": (lambda p: p[:, -1], (4, 6, 5), 2, 1, 1),
    "one map": (lambda p: p[:, :, 0], (4, 5, 6), 1, 1, 1),
    "rows by number": (lambda p: p[[0, 2, 3]], (4, 5), 1, 1, 1),
    "rows by mask": (lambda p: p[torch.tensor([True, False, True, True])], (4, 5), 1, 1, 1),
    "tokens by mask": (lambda p: p[torch.ones(4, 6, dtype=torch.bool)], (4, 6, 5), 2, 1, 1),
    "pixels by number": (lambda p: p[:, :, [0, 2]], (4, 5, 6), 1, 1, 1),
    "rows and pixels by number": (lambda p: p[[0, 2, 3], :, [1, 1, 5]], (4, 5, 6), 1, 1, 1),
    "rows of a square": (lambda p: p[[0, 2, 3]], (5, 5), 1, 1, 1),
    "index_select": (lambda p: p.index_select(0, torch.tensor([1, 1])), (4, 5), 1, 1, 1),
    "cat": (lambda p: torch.cat([p, p]), (4, 5), 1, 1, 1),
    "cat of views": (lambda p: torch.cat([p.view(-1, 5), p.view(-1, 5)]), (4, 6, 5), 2, 1, 1),
    "stack": (lambda p: torch.stack([p, p], dim=2), (4, 5), 1, 1, 1),
    "stack of steps": (lambda p: torch.stack([p, p], dim=1).view(-1, 5), (4, 5), 1, 1, 1),
    "split": (lambda p: p.split(2)[1], (4, 5), 1, 1, 1),
    "split by sizes": (lambda p: p.split([1, 3])[1], (4, 5), 1, 1, 1),
    "chunk": (lambda p: p.chunk(2)[1], (4, 5), 1, 1, 1),
    "unbind": (lambda p: p.unbind(1)[0], (4, 6, 5), 2, 1, 1),
    "unbind and view": (lambda p: p.unbind(2)[0].reshape(-1, 5), (4, 6, 3, 5), 3, 1, 1),
    "clamp": (lambda p: p.clamp(1e-7, 1 - 1e-7), (4, 5), 1, 1, 1),
    "clamp_min": (lambda p: p.clamp_min(1e-7), (4, 5), 1, 1, 1),
    "nan_to_num": (lambda p: p.nan_to_num(), (4, 5), 1, 1, 1),
    "flip": (lambda p: p.flip(0), (4, 5), 1, 1, 1),
    "copy_": (lambda p: torch.empty(4, 5).copy_(p), (4, 5), 1, 1, 1),
    "Identity": (nn.Identity(), (4, 5), 1, 1, 1),
    "Dropout that does nothing": (nn.Dropout(0.5).eval(), (4, 5), 1, 1, 1),
    "wrong dim": (lambda p: p, (4, 5), 0, 1, 0),
    "wrong dim, permuted": (lambda p: p.permute(0, 2, 1), (4, 6, 5), 1, 1, 2),
    "wrong dim, tokens": (lambda p: p.view(-1, 5), (4, 6, 5), 1, 1, 0),
    "wrong dim, rows by mask": (lambda p: p[torch.ones(4, 6, dtype=torch.bool)], (4, 6, 5), 1, 1, 0),
    "wrong dim of images": (lambda p: p, (2, 5, 3, 4), -1, 1, 3),
}


@pytest.mark.parametrize("name", MOVES)
def test_the_softmax_dimension_is_followed(name: str) -> None:
    move, shape, dim, class_dim, expected = MOVES[name]

    assert evidence(move(leaf(*shape).softmax(dim)), class_dim) == GraphEvidence(PROBABILITIES, expected)
    assert evidence(move(leaf(*shape).log_softmax(dim)), class_dim) == GraphEvidence(LOG_PROBABILITIES, expected)
    assert evidence(move(leaf(*shape).sigmoid()), class_dim) == GraphEvidence(SIGMOID)


OPAQUE: dict[str, tuple[Activation, tuple[int, ...], int]] = {
    "some classes": (lambda p: p[:, 1:], (4, 5), 1),
    "one class": (lambda p: p[:, 1], (4, 5, 6), 1),
    "classes by number": (lambda p: p[:, [0, 1, 1]], (4, 5), 1),
    "classes by index_select": (lambda p: p.index_select(1, torch.tensor([0, 0, 1, 1, 2])), (4, 5), 1),
    "cat of classes": (lambda p: torch.cat([p, p], dim=1), (4, 5), 1),
    "chunk of classes": (lambda p: p.chunk(2, dim=1)[0], (4, 6), 1),
    "repeat of classes": (lambda p: p.repeat(1, 2), (4, 5), 1),
    "expand of one class": (lambda p: p.expand(4, 5), (4, 1), 1),
    "classes split by a view": (lambda p: p.view(4, 2, 3), (4, 6), 1),
    "classes merged by a view": (lambda p: p.view(4, 30), (4, 5, 6), 1),
    "sizes that do not tell": (lambda p: p[torch.eye(5, dtype=torch.bool)], (5, 5, 5), 2),
    "rows and pixels, as many as classes": (lambda p: p[[0, 2, 3], :, [1, 1, 4]], (4, 5, 5), 1),
    "classes by two numbers": (lambda p: p[[0, 1], [2, 3]].unsqueeze(0), (4, 5), 1),
    "arithmetic": (lambda p: p * 2, (4, 5), 1),
    "masked_fill": (lambda p: p.masked_fill(p > 1, 0.0), (4, 5), 1),
    "mean of maps": (lambda p: p.mean(2), (4, 5, 6), 1),
    "cat with a constant": (lambda p: torch.cat([p, torch.zeros(1, 5)]), (4, 5), 1),
    "cat with logits": (lambda p: torch.cat([p, nn.Linear(5, 5)(torch.randn(1, 5))]), (4, 5), 1),
    "log of log_softmax": (lambda p: p.log().log(), (4, 5), 1),
}


@pytest.mark.parametrize("name", OPAQUE)
def test_what_changes_the_classes_is_not_followed(name: str) -> None:
    move, shape, dim = OPAQUE[name]
    found = evidence(move(leaf(*shape).softmax(dim)), 1)

    assert found.kind is None
    assert found.stopped_at != ""


def test_the_logarithm_or_exponential_of_a_layer_is_no_logit() -> None:
    logits = nn.Linear(5, 5)(leaf(4, 5))

    assert evidence(logits, 1).kind is LOGITS
    assert evidence(logits.exp(), 1).kind is None
    assert evidence(logits.log(), 1).kind is None


def test_a_product_is_a_layer_where_one_side_is_a_parameter() -> None:
    weight, one_hot = nn.Parameter(torch.randn(5, 3)), torch.eye(5)

    assert evidence(leaf(4, 5).softmax(1) @ weight, 1).kind is LOGITS
    assert evidence(leaf(4, 5).softmax(1) @ weight.t().t().double().float(), 1).kind is LOGITS
    assert evidence(leaf(4, 5).softmax(1) @ one_hot, 1).kind is None


def test_a_tensor_without_a_graph_has_no_evidence() -> None:
    assert evidence(torch.randn(3, 4), 1) == GraphEvidence(None)


def test_elementwise_losses_take_any_part_of_a_softmax_output() -> None:
    assert evidence(leaf(4, 5).softmax(1)[:, 1], None) == GraphEvidence(PROBABILITIES)
    assert evidence(leaf(4, 5).softmax(1), None) == GraphEvidence(PROBABILITIES, 1)


def test_a_long_chain_is_followed_so_far() -> None:
    def chain(length: int) -> torch.Tensor:
        scores = leaf(4, 5).softmax(1)
        for _ in range(length):
            scores = scores.clone()
        return scores

    assert evidence(chain(500), 1).kind is PROBABILITIES
    assert evidence(chain(600), 1).kind is None


def test_many_steps_are_followed() -> None:
    layer, step = nn.Linear(5, 5), leaf(4, 5)

    assert evidence(torch.stack([layer(step) for _ in range(200)], 1).view(-1, 5), 1).kind is LOGITS
    assert evidence(torch.stack([layer(step).softmax(1) for _ in range(200)], 2), 1) == GraphEvidence(PROBABILITIES, 1)


def test_the_graph_is_read_after_the_backward_pass_too() -> None:
    scores = leaf(4, 5).softmax(1).view(4, 5, 1)
    scores.sum().backward()

    assert evidence(scores, 1) == GraphEvidence(PROBABILITIES, 1)


def test_the_usual_layer_costs_no_more_than_a_few_calls() -> None:
    scores = nn.Linear(6, 5)(leaf(8, 6))
    cost = min(timeit.repeat(lambda: evidence(scores, 1), number=1000, repeat=5))
    yardstick = min(timeit.repeat(lambda: scores.shape, number=1000, repeat=5))

    assert cost < 20 * yardstick


class FakeGather(torch.autograd.Function):
    """What DataParallel's gather leaves in the graph; the real one needs several devices."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, target: str, dim: int, *inputs: torch.Tensor) -> torch.Tensor:
        ctx.dim = dim
        return torch.cat(inputs, dim)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return None, None, *gradient.chunk(2, ctx.dim)


def test_gathered_replicas_are_followed() -> None:
    gather = type("Gather", (FakeGather,), {})
    halves = [leaf(4, 5).softmax(1), leaf(4, 5).softmax(1)]

    assert evidence(gather.apply("cpu", 0, *halves), 1) == GraphEvidence(PROBABILITIES, 1)
    assert evidence(gather.apply("cpu", 1, *halves), 1).kind is None
