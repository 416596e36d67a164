"""Both losses and both gradients of cross-entropy, against torch's own and against autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.ir.kinds import ScoreKind  # noqa: E402
from ce_lint.runtime.diagnosis.kernel import diagnose  # noqa: E402
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence  # noqa: E402

pytestmark = pytest.mark.torch

Activation = Callable[[torch.Tensor], torch.Tensor]

NOTEBOOK = torch.tensor(
    [
        [-0.7055, 2.2556, 0.4626, -0.1980, 1.0355],
        [-0.7134, -1.1858, 0.6833, 0.3093, -1.6893],
        [-0.8832, 0.5251, 1.1047, 1.4685, -0.9776],
    ]
)
LABELS = torch.tensor([1, 2, 3])
ACTIVATIONS = {
    ScoreKind.PROBABILITIES: lambda z, dim: z.softmax(dim),
    ScoreKind.SIGMOID: lambda z, dim: z.sigmoid(),
    ScoreKind.LOG_PROBABILITIES: lambda z, dim: z.log_softmax(dim),
}


def test_the_notebooks_tensor_without_a_graph_is_confirmed() -> None:
    found = diagnose(NOTEBOOK.softmax(dim=1), LABELS, nn.CrossEntropyLoss())

    assert (found.verdict, found.code, found.evidence) == (Verdict.CONFIRMED, "CEL001", Evidence.VALUES)
    assert (round(found.loss_on_logits or 0, 4), round(found.loss, 4)) == (0.6895, 1.3185)
    assert found.window is not None
    assert (round(found.window.low, 4), round(found.window.high, 4)) == (0.9048, 1.9048)
    assert (found.kind, found.dim, found.classes, found.rows) == (ScoreKind.PROBABILITIES, 1, 5, 3)
    assert found.reason == ""


@pytest.mark.parametrize("has_graph", [False, True])
def test_the_notebooks_tensor_after_log_softmax_is_refuted(has_graph: bool) -> None:
    scores = NOTEBOOK.clone().requires_grad_(has_graph).log_softmax(dim=1)
    found = diagnose(scores, LABELS, nn.CrossEntropyLoss())

    assert (found.verdict, found.code, found.reason) == (Verdict.REFUTED, "CEL002", "the losses agree")
    assert found.loss == pytest.approx(found.loss_on_logits, abs=1e-6)
    assert found.loss == pytest.approx(F.cross_entropy(NOTEBOOK, LABELS).item(), abs=1e-6)
    assert found.gradient_ratio == pytest.approx(1)


def test_the_notebooks_logits_are_right() -> None:
    found = diagnose(NOTEBOOK, LABELS, nn.CrossEntropyLoss())

    assert (found.verdict, found.code, found.reason) == (Verdict.REFUTED, None, "the input is logits")
    assert (found.loss, found.loss_on_logits) == pytest.approx((0.6895, 0.6895), abs=1e-4)


@st.composite
def calls(draw: st.DrawFn) -> tuple[torch.Tensor, torch.Tensor, dict[str, Any]]:
    """Random logits in float64, a target and the loss's arguments."""
    classes = draw(st.integers(2, 7))
    batch = draw(st.sampled_from([(), (6,)]))
    rest = draw(st.sampled_from([(), (3,), (2, 2)])) if batch else ()
    torch.manual_seed(draw(st.integers(0, 2**16)))
    shape = (*batch, classes, *rest)
    logits = torch.randn(shape, dtype=torch.float64) * draw(st.sampled_from([0.1, 1.0, 5.0]))
    arguments: dict[str, Any] = {"reduction": draw(st.sampled_from(["mean", "sum", "none"]))}
    if draw(st.booleans()):
        arguments["weight"] = torch.rand(classes, dtype=torch.float64) + 0.1
    if draw(st.booleans()):
        arguments["label_smoothing"] = draw(st.sampled_from([0.1, 0.5]))
    dim = 1 if batch else 0
    if draw(st.booleans()):
        target = torch.randn(shape, dtype=torch.float64).softmax(dim)
    else:
        target = torch.randint(classes, (*batch, *rest))
        if batch and draw(st.booleans()):
            arguments["ignore_index"] = ignored = draw(st.sampled_from([-100, 1]))
            target[0] = ignored
            target[1] = 0
    return logits, target, arguments


def reduced(loss: torch.Tensor, target: torch.Tensor, arguments: dict[str, Any]) -> torch.Tensor:
    """A loss as a diagnosis reports it: for `none`, the mean of the rows that count."""
    if arguments["reduction"] != "none" or loss.ndim == 0:
        return loss
    if target.is_floating_point():
        return loss.mean()
    return loss.sum() / (target != arguments.get("ignore_index", -100)).sum()


def norm_by_autograd(
    activation: Activation, logits: torch.Tensor, target: torch.Tensor, arguments: dict[str, Any]
) -> float:
    leaf = logits.clone().requires_grad_()
    loss = reduced(F.cross_entropy(activation(leaf), target, **arguments), target, arguments)
    (gradient,) = torch.autograd.grad(loss, leaf)
    return float(gradient.norm().detach())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ACTIVATIONS)
@settings(max_examples=25, deadline=None)
@given(call=calls())
def test_both_losses_and_gradients_are_those_of_torch(
    kind: ScoreKind, call: tuple[torch.Tensor, torch.Tensor, dict[str, Any]]
) -> None:
    logits, target, arguments = call
    dim = 1 if logits.ndim > 1 else 0
    scores = ACTIVATIONS[kind](logits.clone().requires_grad_(), dim)
    found = diagnose(scores, target, F.cross_entropy, **arguments)

    assert (found.kind, found.evidence) == (kind, Evidence.GRAPH)
    loss = reduced(F.cross_entropy(scores, target, **arguments), target, arguments).item()
    right = reduced(F.cross_entropy(logits, target, **arguments), target, arguments).item()
    assert (found.loss, found.loss_on_logits) == pytest.approx((loss, right), rel=1e-9)
    assert found.gradient_norm == pytest.approx(
        norm_by_autograd(lambda z: ACTIVATIONS[kind](z, dim), logits, target, arguments), rel=1e-7, abs=1e-12
    )
    assert found.gradient_norm_on_logits == pytest.approx(
        norm_by_autograd(lambda z: z, logits, target, arguments), rel=1e-7, abs=1e-12
    )


@pytest.mark.parametrize("kind", [ScoreKind.PROBABILITIES, ScoreKind.SIGMOID])
@settings(max_examples=25, deadline=None)
@given(call=calls())
def test_the_loss_lies_in_the_window(kind: ScoreKind, call: tuple[torch.Tensor, torch.Tensor, dict[str, Any]]) -> None:
    logits, target, arguments = call
    dim = 1 if logits.ndim > 1 else 0
    found = diagnose(ACTIVATIONS[kind](logits.requires_grad_(), dim), target, F.cross_entropy, **arguments)

    has_window = not (target.is_floating_point() or ("weight" in arguments and "label_smoothing" in arguments))
    assert (found.window is not None) == has_window
    if found.window is not None:
        assert found.window.low - 1e-9 <= found.loss <= found.window.high + 1e-9
        assert found.verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float64, 1e-9), (torch.float32, 1e-5), (torch.float16, 1e-2), (torch.bfloat16, 3e-2)],
)
@pytest.mark.parametrize("has_graph", [True, False])
def test_the_logits_are_recovered_in_every_dtype(dtype: torch.dtype, tolerance: float, has_graph: bool) -> None:
    torch.manual_seed(0)
    logits = torch.randn(64, 10, dtype=dtype)
    labels = torch.randint(10, (64,))
    scores = logits.clone().requires_grad_(has_graph).softmax(1)
    found = diagnose(scores, labels, nn.CrossEntropyLoss())

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL001")
    right = F.cross_entropy(logits.double(), labels).item()
    assert found.loss_on_logits == pytest.approx(right, abs=tolerance)


def test_probabilities_rounded_to_zero_count_as_the_smallest_of_their_dtype() -> None:
    logits = torch.tensor([[0.0, 20.0], [0.0, 10.0]])
    labels = torch.tensor([0, 0])
    found = diagnose(logits.half().requires_grad_().softmax(1), labels, nn.CrossEntropyLoss(reduction="sum"))

    smallest = 2.0**-24
    assert found.loss_on_logits == pytest.approx(10 - torch.tensor(smallest).log().item(), abs=0.01)
    assert found.loss_on_logits < F.cross_entropy(logits, labels, reduction="sum").item()


def test_the_gradient_is_one_cth_at_uniform_logits_and_the_losses_agree() -> None:
    scores = torch.zeros(8, 10, requires_grad=True).softmax(1)
    found = diagnose(scores, torch.arange(8), nn.CrossEntropyLoss())

    assert found.verdict is Verdict.CONFIRMED
    assert found.loss == pytest.approx(found.loss_on_logits)
    assert found.gradient_ratio == pytest.approx(0.1)


def test_ignored_rows_may_hold_anything() -> None:
    logits = torch.randn(6, 4)
    scores = logits.softmax(1)
    scores[4:] = torch.tensor([float("nan"), float("inf"), 0.0, 7.0])
    labels = torch.tensor([0, 1, 2, 3, -100, -100])
    found = diagnose(scores, labels, nn.CrossEntropyLoss())

    assert (found.verdict, found.rows) == (Verdict.CONFIRMED, 4)
    assert found.loss_on_logits == pytest.approx(F.cross_entropy(logits[:4], labels[:4]).item(), abs=1e-5)


def test_masked_logits_of_minus_infinity_are_logits() -> None:
    logits = torch.randn(6, 4).index_fill(1, torch.tensor([3]), -float("inf"))
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    found = diagnose(logits, labels, nn.CrossEntropyLoss())

    assert (found.verdict, found.code, found.kind) == (Verdict.REFUTED, None, ScoreKind.LOGITS)
    assert found.loss_on_logits == pytest.approx(F.cross_entropy(logits, labels).item())


def test_very_many_scores_are_measured_by_some_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ce_lint.runtime.diagnosis.canonical.MAX_ELEMENTS", 5 * 40)
    torch.manual_seed(0)
    logits = torch.randn(3, 5, 9, 7)
    labels = torch.randint(5, (3, 9, 7))
    found = diagnose(logits.clone().requires_grad_().softmax(1), labels, nn.CrossEntropyLoss())

    assert (found.verdict, found.reason, found.rows) == (Verdict.CONFIRMED, "measured on 40 of 189 rows", 40)
    taken = [i * 189 // 40 for i in range(40)]
    rows, row_labels = logits.movedim(1, -1).reshape(-1, 5)[taken], labels.reshape(-1)[taken]
    assert found.loss_on_logits == pytest.approx(F.cross_entropy(rows, row_labels).item(), abs=1e-5)
    assert found.loss == pytest.approx(F.cross_entropy(rows.softmax(1), row_labels).item(), abs=1e-5)


def test_the_loss_that_was_computed_already_is_taken() -> None:
    from ce_lint.runtime.diagnosis.kernel import diagnose_call

    scores = NOTEBOOK.softmax(1)

    def seen(result: torch.Tensor | None, **arguments: object) -> Diagnosis:
        given = {"input": scores, "target": LABELS, "weight": None, "ignore_index": -100, **arguments}
        return diagnose_call("cross_entropy", "MyLoss", given, result)

    plain = seen(torch.tensor(7.0), reduction="mean", size_average=None, reduce=None, label_smoothing=0.0)
    assert (plain.loss, plain.loss_name) == (7.0, "MyLoss")
    assert seen(torch.full((3,), 7.0), reduction="none").loss == pytest.approx(1.3185, abs=1e-4)
    assert seen(None, reduction="sum").loss == pytest.approx(3 * 1.3185, abs=1e-3)
