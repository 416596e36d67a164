"""Every reason for which a call is not confirmed, and what is said of it nevertheless."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.ir.kinds import ScoreKind  # noqa: E402
from ce_lint.runtime.diagnosis import verdict  # noqa: E402
from ce_lint.runtime.diagnosis.kernel import diagnose  # noqa: E402

pytestmark = pytest.mark.torch

LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


def logits(rows: int = 6, classes: int = 3) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(rows, classes, requires_grad=True)


CASES: dict[str, tuple[torch.Tensor, torch.Tensor, dict[str, Any], str | None, str]] = {
    # scores, target, arguments of cross-entropy, code, reason
    "one class": (logits(6, 1).softmax(1), torch.zeros(6, dtype=torch.long), {}, "CEL001", verdict.ONE_CLASS),
    "soft targets": (logits().softmax(1), torch.rand(6, 3).softmax(1), {}, "CEL001", verdict.SOFT_TARGETS),
    "weights and smoothing": (
        logits().softmax(1),
        LABELS,
        {"weight": torch.tensor([1.0, 2.0, 3.0]), "label_smoothing": 0.1},
        "CEL001",
        verdict.WEIGHTS_AND_SMOOTHING,
    ),
    "all ignored": (logits().softmax(1), torch.full((6,), -100), {}, "CEL001", verdict.ALL_IGNORED),
    "empty batch": (logits()[:0].softmax(1), LABELS[:0], {}, "CEL001", verdict.EMPTY),
    "not finite": ((logits() * float("nan")).softmax(1), LABELS, {}, "CEL001", verdict.NOT_FINITE),
    "loss not finite": (
        logits().softmax(1),
        LABELS,
        {"weight": torch.tensor([1.0, float("nan"), 1.0])},
        "CEL001",
        verdict.LOSS_NOT_FINITE,
    ),
    "no weight": (
        logits().softmax(1),
        LABELS,
        {"weight": torch.zeros(3), "reduction": "sum"},
        "CEL001",
        verdict.NO_WEIGHT,
    ),
    "log-softmax over the batch": (logits().log_softmax(0), LABELS, {}, "CEL401", verdict.RENORMALISED),
    "not normalised": (logits().softmax(1).clamp(min=0.4), LABELS, {}, "CEL001", verdict.UNNORMALISED),
    "log of what was clamped": (
        logits().softmax(1).clamp(min=0.4).log(),
        LABELS,
        {},
        "CEL002",
        verdict.LOG_UNNORMALISED,
    ),
    "one-hot": ((logits() * 1e6).softmax(1), LABELS, {}, "CEL001", "all rows are one-hot"),
    "log-sigmoid": (F.logsigmoid(logits()), LABELS, {}, None, "no rule speaks of log-sigmoid before cross_entropy"),
    "all ignored, no graph": (logits().softmax(1).detach(), torch.full((6,), -100), {}, None, verdict.ALL_IGNORED),
    "empty batch, no graph": (torch.zeros(0, 3), LABELS[:0], {}, None, verdict.EMPTY),
    "not finite, no graph": (torch.full((6, 3), float("nan")), LABELS, {}, None, verdict.NOT_FINITE),
    "one class, no graph": (torch.ones(6, 1), torch.zeros(6, dtype=torch.long), {}, None, verdict.ONE_CLASS),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_proved_is_inconclusive_with_the_reason(name: str) -> None:
    scores, target, arguments, code, reason = CASES[name]
    found = diagnose(scores, target, F.cross_entropy, **arguments)

    assert (found.verdict, found.code, found.reason) == (Verdict.INCONCLUSIVE, code, reason)


def test_soft_targets_leave_both_losses_and_gradients_known() -> None:
    raw, target = logits(), torch.rand(6, 3).softmax(1)
    found = diagnose(raw.softmax(1), target, nn.CrossEntropyLoss())

    assert found.loss_on_logits == pytest.approx(F.cross_entropy(raw, target).item(), abs=1e-5)
    assert found.gradient_ratio is not None
    assert found.window is None


def test_targets_that_are_one_hot_are_hard_labels() -> None:
    found = diagnose(logits().softmax(1), F.one_hot(LABELS, 3).float(), nn.CrossEntropyLoss())

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL001")
    assert found.window is not None
    assert (found.window.low, found.window.high) == pytest.approx((0.5514447, 1.5514447))


@pytest.mark.parametrize(
    ("arguments", "scale"),
    [
        ({"weight": torch.tensor([1.0, 2.0, 4.0])}, 1.0),
        ({"weight": torch.tensor([1.0, 2.0, 4.0]), "reduction": "sum"}, 14.0),
        ({"weight": torch.tensor([1.0, 2.0, 4.0]), "reduction": "none"}, 14 / 6),
        ({"reduction": "sum"}, 6.0),
        ({"reduction": "none"}, 1.0),
        ({"reduction": "sum", "ignore_index": 2}, 4.0),
    ],
)
def test_the_window_is_scaled_as_the_loss_is_reduced(arguments: dict[str, Any], scale: float) -> None:
    found = diagnose(logits().softmax(1), LABELS, F.cross_entropy, **arguments)

    assert found.verdict is Verdict.CONFIRMED
    assert found.window is not None
    assert (found.window.low, found.window.high) == pytest.approx((0.5514447 * scale, 1.5514447 * scale))


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), nn.NLLLoss()])
def test_softmax_over_the_batch_is_confirmed_by_the_graph(loss: nn.Module) -> None:
    found = diagnose(logits().softmax(0), LABELS, loss)

    assert (found.verdict, found.code, found.dim, found.class_dim) == (Verdict.CONFIRMED, "CEL401", 0, 1)
    assert found.loss == pytest.approx(loss(logits().softmax(0), LABELS).item())
    assert (found.loss_on_logits, found.window, found.gradient_ratio) == (None, None, None)


def test_log_softmax_over_the_batch_before_nll_is_confirmed() -> None:
    found = diagnose(logits().log_softmax(0), LABELS, nn.NLLLoss())

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL401")


def test_frames_picked_out_of_as_many_frames_as_classes_are_no_other_dimension() -> None:
    scores = torch.randn(8, 6, 6, requires_grad=True).log_softmax(1)
    frames = torch.arange(24)
    found = diagnose(scores[frames % 8, :, frames % 6], frames % 6, nn.NLLLoss())

    assert (found.verdict, found.code, found.dim) == (Verdict.REFUTED, None, 1)


@pytest.mark.parametrize(("reduction", "scale"), [("mean", 14 / 6), ("sum", 14.0), ("none", 14 / 6)])
def test_weights_of_targets_that_are_one_hot_scale_the_window(reduction: str, scale: float) -> None:
    """Torch divides by the number of rows then, not by their weights."""
    arguments: dict[str, Any] = {"weight": torch.tensor([1.0, 2.0, 4.0]), "reduction": reduction}
    target = F.one_hot(LABELS, 3).float()
    found = diagnose(logits().softmax(1), target, F.cross_entropy, **arguments)

    assert found.verdict is Verdict.CONFIRMED
    assert found.window is not None
    assert (found.window.low, found.window.high) == pytest.approx((0.5514447 * scale, 1.5514447 * scale))
    assert found.window.low < found.loss < found.window.high


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_network_that_was_not_trained_yet_is_confirmed_by_its_gradient(dtype: torch.dtype) -> None:
    """Its losses agree as far as the dtype tells, and of a large batch's mean both gradients are small."""
    torch.manual_seed(0)
    raw = (torch.randn(4096, 10) * 0.01).to(dtype).requires_grad_()
    found = diagnose(raw.softmax(1), torch.arange(4096) % 10, nn.CrossEntropyLoss())

    assert found.loss == pytest.approx(found.loss_on_logits, abs=1e-2)
    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL001")
    assert found.gradient_ratio == pytest.approx(0.1, rel=0.05)


def test_clamping_a_little_changes_nothing() -> None:
    found = diagnose(logits().softmax(1).clamp(1e-7, 1 - 1e-7), LABELS, nn.CrossEntropyLoss())

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL001")


def test_a_single_sample_without_batch_dimension_is_confirmed_by_its_graph() -> None:
    found = diagnose(logits()[0].softmax(0), torch.tensor(1), nn.CrossEntropyLoss())

    assert (found.verdict, found.code, found.class_dim, found.rows) == (Verdict.CONFIRMED, "CEL001", 0, 1)


@pytest.mark.parametrize("has_graph", [True, False])
def test_images_and_tokens_are_rows(has_graph: bool) -> None:
    torch.manual_seed(0)
    maps = torch.randn(2, 5, 4, 3, requires_grad=has_graph)
    target = torch.randint(5, (2, 4, 3))
    found = diagnose(maps.softmax(1), target, nn.CrossEntropyLoss())

    assert (found.verdict, found.code, found.rows, found.classes) == (Verdict.CONFIRMED, "CEL001", 24, 5)
    assert found.loss_on_logits == pytest.approx(F.cross_entropy(maps, target).item(), abs=1e-5)


def test_the_kind_of_a_right_call_is_said() -> None:
    found = diagnose(nn.Linear(3, 3)(logits()), LABELS, nn.CrossEntropyLoss())

    assert (found.verdict, found.code, found.kind) == (Verdict.REFUTED, None, ScoreKind.LOGITS)
    assert found.reason == "the input is logits"
    assert found.loss == found.loss_on_logits
