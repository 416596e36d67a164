"""The other losses: both numbers against torch's own, gradients against autograd's, and the rule that is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.ir.kinds import ScoreKind  # noqa: E402
from ce_lint.runtime.diagnosis import verdict  # noqa: E402
from ce_lint.runtime.diagnosis.kernel import diagnose  # noqa: E402
from ce_lint.runtime.diagnosis.records import Diagnosis  # noqa: E402

pytestmark = pytest.mark.torch

Activation = Callable[[torch.Tensor], torch.Tensor]

REDUCTIONS = ["mean", "sum", "none"]
LABELS = torch.tensor([0, 1, 2, 3, 4, 0, 1, 2])


def logits(dtype: torch.dtype = torch.float64) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(8, 5, dtype=dtype)


def gradient_norm(loss: Activation) -> float:
    leaf = logits().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(leaf).mean(), leaf)
    return float(gradient.norm())


def assert_figures(found: Diagnosis, wrong: Activation, right: Activation) -> None:
    """wrong, right: the loss as it is computed and as it should be, as functions of the logits."""
    assert found.loss == pytest.approx(float(wrong(logits()).mean()))
    assert found.loss_on_logits == pytest.approx(float(right(logits()).mean()))
    assert found.gradient_norm == pytest.approx(gradient_norm(wrong))
    assert found.gradient_norm_on_logits == pytest.approx(gradient_norm(right))


def assert_in_window(found: Diagnosis) -> None:
    assert found.window is not None
    assert found.window.low - 1e-9 <= found.loss <= found.window.high + 1e-9


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight", [None, torch.tensor([1.0, 2.0, 0.5, 1.0, 3.0], dtype=torch.float64)])
def test_nll_of_probabilities(reduction: str, weight: torch.Tensor | None) -> None:
    arguments = {"reduction": reduction, "weight": weight, "ignore_index": 4}
    scores = logits().requires_grad_().softmax(1)
    found = diagnose(scores, LABELS, F.nll_loss, **arguments)

    def counted(loss: torch.Tensor) -> torch.Tensor:
        return loss[LABELS != 4] if loss.ndim else loss

    assert (found.verdict, found.code, found.kind) == (Verdict.CONFIRMED, "CEL101", ScoreKind.PROBABILITIES)
    assert_figures(
        found,
        lambda z: counted(F.nll_loss(z.softmax(1), LABELS, **arguments)),
        lambda z: counted(F.nll_loss(z.log_softmax(1), LABELS, **arguments)),
    )
    assert_in_window(found)
    assert found.loss < 0


def test_nll_of_logits() -> None:
    scores = nn.Linear(5, 5).double()(logits())
    found = diagnose(scores, LABELS, nn.NLLLoss())

    assert (found.verdict, found.code, found.kind) == (Verdict.CONFIRMED, "CEL102", ScoreKind.LOGITS)
    assert found.loss == pytest.approx(F.nll_loss(scores, LABELS).item())
    assert found.loss_on_logits == pytest.approx(F.cross_entropy(scores, LABELS).item())
    assert found.window is None
    for norm, loss in ((found.gradient_norm, F.nll_loss), (found.gradient_norm_on_logits, F.cross_entropy)):
        leaf = scores.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(leaf, LABELS), leaf)
        assert norm == pytest.approx(gradient.norm().item())


def test_nll_of_positive_numbers_without_a_graph() -> None:
    found = diagnose(logits(), LABELS, nn.NLLLoss())

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL102")


def test_nll_of_what_arithmetic_made_of_log_probabilities_is_left_open() -> None:
    advantage = torch.tensor([[-1.0], [2.0]], dtype=torch.float64).repeat(4, 1)
    found = diagnose(logits().requires_grad_().log_softmax(1) * advantage, LABELS, nn.NLLLoss())

    assert (found.verdict, found.code, found.reason) == (Verdict.INCONCLUSIVE, "CEL102", verdict.ARITHMETIC)


@pytest.mark.parametrize("has_graph", [True, False])
def test_nll_of_log_probabilities_is_right(has_graph: bool) -> None:
    scores = logits().requires_grad_(has_graph).log_softmax(1)
    found = diagnose(scores, LABELS, nn.NLLLoss())

    assert (found.verdict, found.code, found.reason) == (Verdict.REFUTED, None, "the input is log-probabilities")
    assert_figures(found, lambda z: F.cross_entropy(z, LABELS), lambda z: F.cross_entropy(z, LABELS))


def test_nll_of_unnormalised_negative_numbers_is_left_open() -> None:
    found = diagnose(-logits().abs(), LABELS, nn.NLLLoss())

    assert (found.verdict, found.code, found.kind) == (Verdict.INCONCLUSIVE, None, None)


TARGET = (torch.arange(40).reshape(8, 5) % 3 == 0).double()
BINARY: dict[str, dict[str, Any]] = {
    "plain": {},
    "pos_weight": {"pos_weight": torch.tensor([1.0, 3.0, 2.0, 1.0, 0.5], dtype=torch.float64)},
    "weight": {"weight": torch.rand(8, 1, dtype=torch.float64)},
    "both": {"weight": torch.rand(5).double(), "pos_weight": torch.tensor(2.0, dtype=torch.float64)},
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", BINARY)
def test_binary_cross_entropy_of_sigmoid_outputs(reduction: str, name: str) -> None:
    arguments = {"reduction": reduction, **BINARY[name]}
    found = diagnose(logits().requires_grad_().sigmoid(), TARGET, nn.BCEWithLogitsLoss(**arguments))

    def loss(scores: torch.Tensor) -> torch.Tensor:
        return F.binary_cross_entropy_with_logits(scores, TARGET, **arguments)

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL201")
    assert_figures(found, lambda z: loss(z.sigmoid()), loss)
    assert_in_window(found)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("has_graph", [True, False])
def test_binary_cross_entropy_of_softmax_outputs(reduction: str, has_graph: bool) -> None:
    loss = nn.BCEWithLogitsLoss(reduction=reduction)
    found = diagnose(logits().requires_grad_(has_graph).softmax(1), TARGET, loss)

    assert (found.verdict, found.code, found.dim) == (Verdict.CONFIRMED, "CEL202", 1)
    assert_figures(found, lambda z: loss(z.softmax(1), TARGET), lambda z: loss(z.softmax(1).logit(), TARGET))
    assert_in_window(found)


def test_one_column_of_a_softmax_output_has_no_gradient_through_it() -> None:
    scores = logits().requires_grad_().softmax(1)[:, 1]
    found = diagnose(scores, TARGET[:, 1], nn.BCEWithLogitsLoss())

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL202")
    assert (found.gradient_norm, found.gradient_norm_on_logits) == (None, None)
    right = F.binary_cross_entropy(scores, TARGET[:, 1]).item()
    assert found.loss_on_logits == pytest.approx(right)


@pytest.mark.parametrize("has_graph", [True, False])
def test_the_logits_behind_log_probabilities_are_lost_to_binary_cross_entropy(has_graph: bool) -> None:
    found = diagnose(logits().requires_grad_(has_graph).log_softmax(1), TARGET, nn.BCEWithLogitsLoss())

    assert (found.verdict, found.code, found.kind) == (Verdict.INCONCLUSIVE, None, ScoreKind.LOG_PROBABILITIES)
    assert (found.loss_on_logits, found.gradient_ratio) == (None, None)


def test_some_columns_of_a_softmax_output_are_probabilities() -> None:
    found = diagnose(logits().requires_grad_().softmax(1)[:, 1:], TARGET[:, 1:], nn.BCEWithLogitsLoss())

    assert (found.verdict, found.code, found.reason) == (Verdict.CONFIRMED, "CEL202", "")
    assert_in_window(found)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_multilabel_soft_margin_is_binary_cross_entropy(reduction: str) -> None:
    loss = nn.MultiLabelSoftMarginLoss(reduction=reduction, weight=torch.rand(5).double())
    found = diagnose(logits().requires_grad_().sigmoid(), TARGET, loss)

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL201")
    assert_figures(found, lambda z: loss(z.sigmoid(), TARGET), lambda z: loss(z, TARGET))
    assert_in_window(found)


@pytest.mark.parametrize("shape", [(8, 5), (8, 1), (8,), ()])
def test_sigmoid_outputs_without_a_graph_are_left_open_and_logits_are_right(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    raw = torch.randn(shape) - 2
    target = torch.ones(shape)
    unknown = diagnose(raw.sigmoid(), target, nn.BCEWithLogitsLoss())
    right = diagnose(raw, target, nn.BCEWithLogitsLoss())

    assert (unknown.verdict, unknown.code) == (Verdict.INCONCLUSIVE, None)
    assert "sigmoid" in unknown.reason
    assert (right.verdict, right.code, right.kind) == (Verdict.REFUTED, None, ScoreKind.LOGITS)
    assert right.loss == pytest.approx(F.binary_cross_entropy_with_logits(raw, target).item())


@pytest.mark.parametrize("has_graph", [True, False])
def test_plain_binary_cross_entropy_is_right(has_graph: bool) -> None:
    scores = logits().requires_grad_(has_graph).sigmoid()
    found = diagnose(scores, TARGET, nn.BCELoss())

    assert (found.verdict, found.code) == (Verdict.REFUTED, None)
    assert found.loss == pytest.approx(F.binary_cross_entropy(scores, TARGET).item())
    assert found.loss == found.loss_on_logits


QUANTITY = torch.rand(8, 5, dtype=torch.float64).softmax(1)


@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.parametrize("has_graph", [True, False])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
def test_divergence_of_probabilities(reduction: str, log_target: bool, has_graph: bool) -> None:
    loss = nn.KLDivLoss(reduction=reduction, log_target=log_target)
    target = QUANTITY.log() if log_target else QUANTITY
    found = diagnose(logits().requires_grad_(has_graph).softmax(1), target, loss)

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL301")
    assert_figures(found, lambda z: loss(z.softmax(1), target), lambda z: loss(z.log_softmax(1), target))
    assert_in_window(found)


def test_divergence_of_logits() -> None:
    scores = nn.Linear(5, 5).double()(logits())
    found = diagnose(scores, QUANTITY, nn.KLDivLoss(reduction="batchmean"))

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL301")
    right = F.kl_div(scores.log_softmax(1), QUANTITY, reduction="batchmean").item()
    assert found.loss_on_logits == pytest.approx(right)


def test_divergence_over_another_dimension_than_the_last() -> None:
    torch.manual_seed(0)
    scores = torch.randn(2, 5, 4, requires_grad=True).softmax(1)
    target = torch.rand(2, 5, 4).softmax(1)
    found = diagnose(scores, target, nn.KLDivLoss(reduction="sum"))

    assert (found.verdict, found.code, found.dim, found.rows) == (Verdict.CONFIRMED, "CEL301", 1, 8)
    assert found.loss_on_logits == pytest.approx(F.kl_div(scores.log(), target, reduction="sum").item(), abs=1e-5)


@pytest.mark.parametrize("part", [(slice(None), 0), (slice(None), slice(2))])
def test_divergence_of_some_classes_is_that_of_no_logits(part: tuple[slice, int | slice]) -> None:
    scores = logits().requires_grad_().softmax(1)[part]
    found = diagnose(scores, QUANTITY[part], nn.KLDivLoss(reduction="sum"))

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL301")
    assert found.loss == pytest.approx(F.kl_div(scores, QUANTITY[part], reduction="sum").item())
    assert (found.loss_on_logits, found.window, found.gradient_ratio) == (None, None, None)


def test_divergence_of_logits_whose_classes_are_elsewhere_has_no_right_one() -> None:
    maps = nn.Conv2d(3, 5, 1)(torch.randn(2, 3, 4, 4))
    found = diagnose(maps, torch.randn(2, 5, 4, 4).softmax(1), nn.KLDivLoss(reduction="sum"))

    assert (found.verdict, found.code) == (Verdict.CONFIRMED, "CEL301")
    assert (found.loss_on_logits, found.gradient_ratio) == (None, None)


def test_divergence_of_amounts_that_are_no_distributions_is_left_open() -> None:
    amounts = QUANTITY * 9
    found = diagnose((amounts + 1).log(), amounts, nn.KLDivLoss(reduction="sum"))

    assert (found.verdict, found.code, found.reason) == (
        Verdict.INCONCLUSIVE,
        "CEL301",
        verdict.TARGET_UNNORMALISED,
    )


def test_divergence_from_the_logarithm_of_zero_is_what_torch_says() -> None:
    target = F.one_hot(LABELS, 5).double()
    scores = logits().softmax(1)

    assert diagnose(scores, target, F.kl_div, reduction="sum").loss == pytest.approx(
        F.kl_div(scores, target, reduction="sum").item()
    )
    found = diagnose(scores, target.log(), F.kl_div, reduction="sum", log_target=True)
    assert (str(found.loss), found.reason) == ("nan", verdict.LOSS_NOT_FINITE)


@pytest.mark.parametrize("reduction", ["mean", "batchmean", "none"])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
def test_divergence_of_some_rows_is_that_of_those_rows(reduction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ce_lint.runtime.diagnosis.canonical.MAX_ELEMENTS", 20)
    loss = nn.KLDivLoss(reduction=reduction)
    found = diagnose(logits().requires_grad_().softmax(1), QUANTITY, loss)

    assert (found.verdict, found.rows) == (Verdict.CONFIRMED, 4)
    assert found.loss == pytest.approx(loss(logits()[::2].softmax(1), QUANTITY[::2]).mean().item())


@pytest.mark.parametrize("has_graph", [True, False])
def test_divergence_of_log_probabilities_is_right(has_graph: bool) -> None:
    found = diagnose(logits().requires_grad_(has_graph).log_softmax(1), QUANTITY, nn.KLDivLoss())

    assert (found.verdict, found.code) == (Verdict.REFUTED, None)
    assert found.loss >= 0


def frames() -> tuple[torch.Tensor, dict[str, Any]]:
    torch.manual_seed(0)
    lengths = {"input_lengths": torch.tensor([12, 10]), "target_lengths": torch.tensor([3, 2])}
    return torch.randn(12, 2, 5, dtype=torch.float64, requires_grad=True), lengths


CTC_TARGET = torch.tensor([[1, 2, 3], [4, 1, 0]])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("has_graph", [True, False])
def test_ctc_of_probabilities_and_of_logits(reduction: str, has_graph: bool) -> None:
    raw, lengths = frames()
    raw = raw if has_graph else raw.detach()
    loss = nn.CTCLoss(reduction=reduction)
    right = loss(raw.log_softmax(2), CTC_TARGET, **lengths).mean().item()
    of_probabilities = diagnose(raw.softmax(2), CTC_TARGET, loss, **lengths)
    of_logits = diagnose(nn.Linear(5, 5).double()(raw) if has_graph else raw, CTC_TARGET, loss, **lengths)
    of_logs = diagnose(raw.log_softmax(2), CTC_TARGET, loss, **lengths)

    assert (of_probabilities.verdict, of_probabilities.code) == (Verdict.CONFIRMED, "CEL101")
    assert of_probabilities.loss == pytest.approx(loss(raw.softmax(2), CTC_TARGET, **lengths).mean().item())
    assert of_probabilities.loss_on_logits == pytest.approx(right)
    assert (of_probabilities.window, of_probabilities.gradient_norm) == (None, None)
    assert (of_logits.verdict, of_logits.code) == (Verdict.CONFIRMED, "CEL102")
    assert (of_logs.verdict, of_logs.code, of_logs.class_dim) == (Verdict.REFUTED, None, 2)
    assert of_logs.loss == pytest.approx(right)


def test_ctc_of_a_target_longer_than_its_frames_proves_nothing() -> None:
    raw, lengths = frames()
    found = diagnose(raw.softmax(2), CTC_TARGET, nn.CTCLoss(), **{**lengths, "input_lengths": torch.tensor([2, 1])})

    assert (found.verdict, found.code, found.reason) == (Verdict.INCONCLUSIVE, "CEL101", verdict.LOSS_NOT_FINITE)
