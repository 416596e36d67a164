"""Every way to spell a loss, and what is said of one that is none."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

from ce_lint.runtime.diagnosis.contracts import BY_MODULE, CONTRACTS, LEGACY  # noqa: E402
from ce_lint.runtime.diagnosis.kernel import diagnose, diagnose_call  # noqa: E402

pytestmark = pytest.mark.torch

SCORES = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)).softmax(1)
LABELS = torch.tensor([0, 1, 2, 0, 1, 2])
WEIGHT = torch.tensor([1.0, 2.0, 3.0])


class OwnLoss(nn.CrossEntropyLoss):
    """A subclass, as projects write them."""


@pytest.mark.parametrize(
    ("loss", "arguments", "name"),
    [
        (nn.CrossEntropyLoss(weight=WEIGHT, reduction="sum"), {}, "CrossEntropyLoss"),
        (OwnLoss(weight=WEIGHT, reduction="sum"), {}, "OwnLoss"),
        (F.cross_entropy, {"weight": WEIGHT, "reduction": "sum"}, "cross_entropy"),
        (functools.partial(F.cross_entropy, weight=WEIGHT), {"reduction": "sum"}, "cross_entropy"),
        (
            functools.partial(functools.partial(F.cross_entropy, weight=None, reduction="mean"), weight=WEIGHT),
            {"reduction": "sum"},
            "cross_entropy",
        ),
        (functools.partial(nn.CrossEntropyLoss(reduction="sum"), weight=WEIGHT), {}, "CrossEntropyLoss"),
        (F.cross_entropy, {"weight": WEIGHT, "size_average": False}, "cross_entropy"),
    ],
)
def test_all_spellings_are_the_same_call(loss: object, arguments: dict[str, Any], name: str) -> None:
    found = diagnose(SCORES, LABELS, loss, **arguments)

    assert found.loss == pytest.approx(F.cross_entropy(SCORES, LABELS, WEIGHT, reduction="sum").item())
    assert found.loss_name == name


@pytest.mark.parametrize("size_average", [None, True, False])
@pytest.mark.parametrize("reduce", [None, True, False])
def test_the_old_arguments_mean_what_they_meant(size_average: bool | None, reduce: bool | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = F.cross_entropy(SCORES, LABELS, size_average=size_average, reduce=reduce).mean().item()
    found = diagnose(SCORES, LABELS, F.cross_entropy, size_average=size_average, reduce=reduce)

    assert found.loss == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loss", "arguments", "message"),
    [
        (nn.MSELoss(), {}, "MSELoss is no loss that ce-lint knows"),
        (F.mse_loss, {}, "is no loss that ce-lint knows"),
        (len, {}, "is no loss that ce-lint knows"),
        (lambda scores, target: 0, {}, "is no loss that ce-lint knows"),
        (functools.partial(F.cross_entropy, SCORES), {}, "must bind its arguments by keyword"),
        (F.cross_entropy, {"pos_weight": WEIGHT}, "cross_entropy takes no argument 'pos_weight'"),
    ],
)
def test_a_call_that_cannot_be_is_a_type_error_of_one_line(
    loss: object, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message) as caught:
        diagnose(SCORES, LABELS, loss, **arguments)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("scores", "target", "arguments", "message"),
    [
        (SCORES, LABELS[:5], {}, r"a target of shape \(5,\) does not fit scores of shape \(6, 3\)"),
        (SCORES, torch.rand(3, 6), {}, r"a target of shape \(3, 6\) does not fit"),
        (SCORES, LABELS + 1, {}, "2 targets are no class of the scores"),
        (SCORES.to(torch.float8_e5m2), LABELS, {}, "scores must be floating point of 16 bits or more, not float8_e5m2"),
        (LABELS, LABELS, {}, "scores must be floating point of 16 bits or more, not int64"),
        (SCORES, LABELS, {"weight": torch.ones(4)}, "4 class weights do not fit 3 classes"),
        (SCORES, LABELS, {"reduction": "median"}, "'median' is no reduction"),
    ],
)
def test_what_does_not_fit_is_a_value_error_of_one_line(
    scores: torch.Tensor, target: torch.Tensor, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        diagnose(scores, target, F.cross_entropy, **arguments)

    assert "\n" not in str(caught.value)


def test_labels_of_eight_bits_are_not_taken_for_the_ignored_one() -> None:
    scores = torch.randn(6, 200, generator=torch.Generator().manual_seed(0)).softmax(1)
    labels = torch.full((6,), 156, dtype=torch.uint8)  # -100 in 8 bits
    found = diagnose(scores, labels, nn.NLLLoss())

    assert found.rows == 6
    assert found.loss == pytest.approx(F.nll_loss(scores, labels).item())


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        ({}, TypeError, "ctc_loss needs input_lengths and target_lengths"),
        ({"input_lengths": (9,), "target_lengths": (2,)}, ValueError, "ctc_loss: Expected input_lengths to have value"),
    ],
)
def test_lengths_that_do_not_fit_are_an_error_of_one_line(
    lengths: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        diagnose(SCORES.unsqueeze(1), torch.tensor([[1, 2]]), nn.CTCLoss(), **lengths)

    assert "\n" not in str(caught.value)


def test_numbers_that_plain_binary_cross_entropy_refuses_are_a_value_error() -> None:
    with pytest.raises(ValueError, match="BCELoss takes numbers between 0 and 1 only"):
        diagnose(SCORES * 2, SCORES, nn.BCELoss())


def test_scores_that_are_no_tensor_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="cross_entropy needs scores and target as tensors"):
        diagnose([[0.1, 0.9]], LABELS, F.cross_entropy)  # type: ignore[arg-type]


def test_an_unknown_functional_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="mse_loss is no loss that ce-lint knows"):
        diagnose_call("mse_loss", "MSELoss", {"input": SCORES, "target": SCORES}, None)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_names_the_arguments_of_its_functional(name: str) -> None:
    import inspect

    contract = CONTRACTS[name]
    parameters = set(inspect.signature(getattr(F, name)).parameters)

    assert parameters - set(LEGACY) == {contract.scores, contract.target, *contract.options}


@pytest.mark.parametrize("name", BY_MODULE)
def test_a_contract_names_modules_of_torch(name: str) -> None:
    assert issubclass(getattr(nn, name), nn.Module)
