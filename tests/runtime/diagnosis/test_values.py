"""The value test: how far softmax output is from summing to one, and how many rows it takes."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.ir.kinds import ScoreKind  # noqa: E402
from ce_lint.runtime.diagnosis import values  # noqa: E402
from ce_lint.runtime.diagnosis.kernel import diagnose  # noqa: E402
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence  # noqa: E402

pytestmark = pytest.mark.torch

DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16]


def tolerance(dtype: torch.dtype) -> float:
    return values.TOLERANCES[str(dtype).removeprefix("torch.")]


def cross_entropy(scores: torch.Tensor) -> Diagnosis:
    return diagnose(scores, torch.arange(len(scores)) % scores.shape[1], nn.CrossEntropyLoss())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [2, 10, 1000, 50_000])
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_the_error_of_softmax_stays_within_half_the_tolerance(dtype: torch.dtype, classes: int, scale: float) -> None:
    torch.manual_seed(0)
    rows = 200_000 // classes
    logits = (torch.randn(rows, classes) * scale).to(dtype)
    summing = torch.float64 if dtype == torch.float64 else torch.float32
    off_one = (logits.softmax(1).to(summing).sum(1) - 1).abs().max()
    off_zero = logits.log_softmax(1).to(summing).logsumexp(1).abs().max()

    assert float(off_one) <= tolerance(dtype) / 2
    if dtype not in (torch.float16, torch.bfloat16):  # half log-probabilities are coarse where they are large
        assert float(off_zero) <= tolerance(dtype) / 2


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [2, 10, 50_000])
def test_softmax_output_of_every_size_is_known(dtype: torch.dtype, classes: int) -> None:
    torch.manual_seed(0)
    found = cross_entropy(torch.randn(16, classes).to(dtype).softmax(1))

    assert (found.verdict, found.code, found.evidence) == (Verdict.CONFIRMED, "CEL001", Evidence.VALUES)


@pytest.mark.parametrize(
    ("dtype", "rows"), [(torch.float64, 2), (torch.float32, 2), (torch.float16, 4), (torch.bfloat16, 6)]
)
def test_it_takes_so_many_rows(dtype: torch.dtype, rows: int) -> None:
    assert values.rows_needed(tolerance(dtype)) == rows
    torch.manual_seed(0)
    probabilities = torch.randn(rows, 5).to(dtype).softmax(1)
    enough, too_few = cross_entropy(probabilities), cross_entropy(probabilities[1:])

    assert enough.verdict is Verdict.CONFIRMED
    assert (too_few.verdict, too_few.kind, too_few.reason) == (Verdict.INCONCLUSIVE, None, values.TOO_FEW_ROWS)


def test_numbers_that_went_through_a_narrower_dtype_are_judged_by_it() -> None:
    torch.manual_seed(0)
    widened = torch.randn(16, 10).bfloat16().softmax(1).float()

    assert float((widened.sum(1) - 1).abs().max()) > tolerance(torch.float32)
    assert cross_entropy(widened).verdict is Verdict.CONFIRMED
    assert cross_entropy(widened[:5]).reason == values.TOO_FEW_ROWS
    assert cross_entropy(torch.randn(4, 10).softmax(1).double()).verdict is Verdict.CONFIRMED


def test_one_row_that_does_not_sum_to_one_is_enough_to_tell() -> None:
    scores = torch.randn(16, 5).softmax(1)
    scores[3, 0] += 0.5
    found = cross_entropy(scores)

    assert (found.verdict, found.kind) == (Verdict.INCONCLUSIVE, None)
    assert found.reason == values.LIKE_SIGMOID
    scores[3, 0] += 1
    assert (cross_entropy(scores).verdict, cross_entropy(scores).kind) == (Verdict.REFUTED, ScoreKind.LOGITS)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        (torch.eye(5)[[0, 1, 2, 1]], values.ONE_HOT),
        (torch.full((8, 5), 0.2), values.CONSTANT),
        (torch.rand(8, 5), values.LIKE_SIGMOID),
        (torch.zeros(8, 5), values.LIKE_SIGMOID),
        (torch.tensor([[0.2, 0.8], [1.0, 0.0], [0.5, 0.5]]), values.TOO_FEW_ROWS),
    ],
)
def test_what_values_do_not_tell(scores: torch.Tensor, reason: str) -> None:
    found = cross_entropy(scores)

    assert (found.verdict, found.code, found.kind, found.reason) == (Verdict.INCONCLUSIVE, None, None, reason)
    assert found.evidence is Evidence.NONE
    assert found.loss > 0


def test_log_probabilities_of_few_rows_are_logits_for_cross_entropy_only() -> None:
    row = torch.randn(1, 5).log_softmax(1)
    right = cross_entropy(row)
    unknown = diagnose(row, torch.zeros(1, dtype=torch.long), nn.NLLLoss())

    assert (right.verdict, right.code) == (Verdict.REFUTED, None)
    assert (unknown.verdict, unknown.reason) == (Verdict.INCONCLUSIVE, values.TOO_FEW_ROWS)


@pytest.mark.slow
def test_random_logits_are_hardly_ever_taken_for_probabilities() -> None:
    torch.manual_seed(0)
    kinds = {cross_entropy(torch.randn(4, 3)).kind for _ in range(100)}

    assert kinds == {ScoreKind.LOGITS}
