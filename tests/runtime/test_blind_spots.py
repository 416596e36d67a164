"""What a watch does not see: each blind spot of docs/runtime.md, shown.

Every program here feeds softmax, or sigmoid, output to a loss that takes logits, and nothing is proved; where the same
mistake in plain sight is needed to make that telling, it stands beside it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402, N812
from torch import Tensor, nn  # noqa: E402

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.runtime.watch.report import WatchReport  # noqa: E402
from ce_lint.runtime.watch.watching import watch  # noqa: E402

pytestmark = pytest.mark.torch

PAGE = Path(__file__).parents[2] / "docs" / "runtime.md"
LABELS = torch.arange(32) % 5


@pytest.fixture
def probabilities() -> Tensor:
    torch.manual_seed(0)
    result: Tensor = nn.Linear(8, 5)(torch.randn(32, 8)).softmax(1)
    return result


def watched(program: Callable[[], object], times: int = 1) -> WatchReport:
    with watch(warn=False) as report:
        for _ in range(times):
            program()
    return report.report()


def test_in_plain_sight(probabilities: Tensor) -> None:
    assert watched(lambda: F.cross_entropy(probabilities, LABELS)).findings()


def test_a_loss_written_by_hand(probabilities: Tensor) -> None:
    report = watched(lambda: -probabilities.log_softmax(1).gather(1, LABELS[:, None]).mean())
    assert report.is_empty


def test_the_operator_below_the_function(probabilities: Tensor) -> None:
    assert watched(lambda: torch.ops.aten.cross_entropy_loss(probabilities, LABELS)).is_empty
    assert watched(lambda: torch._C._nn.cross_entropy_loss(probabilities, LABELS)).is_empty


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_a_loss_inside_torchscript(probabilities: Tensor) -> None:
    def loss(scores: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(scores, labels)

    scripted = torch.jit.script(loss)
    assert watched(lambda: scripted(probabilities, LABELS)).is_empty
    assert watched(lambda: loss(probabilities, LABELS)).findings()


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_a_trace_of_torchscript(probabilities: Tensor) -> None:
    def loss(scores: Tensor) -> Tensor:
        return F.cross_entropy(scores, LABELS)

    report = watched(lambda: torch.jit.trace(loss, probabilities.detach(), check_trace=False))
    assert not report.findings()
    assert "inside torch.jit.trace" in report.unseen[0]


def test_a_sigmoid_without_a_graph(probabilities: Tensor) -> None:
    scores = torch.randn(32, 5, requires_grad=True)
    assert [found.code for found in watched(lambda: F.cross_entropy(scores.sigmoid(), LABELS)).findings()] == ["CEL003"]
    with torch.no_grad():
        (site,) = watched(lambda: F.cross_entropy(scores.sigmoid(), LABELS)).sites
    assert site.diagnosis is not None
    assert site.diagnosis.verdict is Verdict.INCONCLUSIVE


def test_probabilities_that_were_scaled(probabilities: Tensor) -> None:
    assert not watched(lambda: F.cross_entropy(2 * probabilities, LABELS)).findings()


def test_one_hot_rows(probabilities: Tensor) -> None:
    (site,) = watched(lambda: F.cross_entropy(F.one_hot(LABELS, 5).float(), LABELS)).sites
    assert site.diagnosis is not None
    assert site.diagnosis.verdict is Verdict.INCONCLUSIVE


def test_few_rows_without_a_graph(probabilities: Tensor) -> None:
    with torch.no_grad():
        (site,) = watched(lambda: F.cross_entropy(probabilities[:1].detach(), LABELS[:1])).sites
    assert site.diagnosis is not None
    assert site.diagnosis.verdict is Verdict.INCONCLUSIVE


def test_a_fault_that_comes_after_the_looks_in_the_same_shape(probabilities: Tensor) -> None:
    logits = nn.Linear(8, 5)(torch.randn(32, 8))

    def step(scores: Tensor) -> None:
        F.cross_entropy(scores.view(-1, 5), LABELS)

    with watch(warn=False) as report:
        for scores in [logits] * 3 + [probabilities] * 5:
            step(scores)
    assert not report.findings()
    # Looked at for as long as it runs, it is found.
    with watch(looks=None, warn=False) as report:
        for scores in [logits] * 3 + [probabilities] * 5:
            step(scores)
    assert report.findings()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(torch.compiler, "set_stance"), reason="this torch cannot run compiled code eagerly")
def test_a_compiled_step_that_first_runs_after_the_looks(probabilities: Tensor) -> None:
    torch._dynamo.reset()
    validate = torch.compile(lambda scores: F.cross_entropy(scores, LABELS), backend="aot_eager")
    scores = probabilities.detach()
    with watch(warn=False) as report:
        for _ in range(3):
            F.nll_loss(scores.log(), LABELS)
        validate(scores)
    assert not report.findings()
    with watch(warn=False) as report:
        validate(scores)
    assert report.findings()
    torch._dynamo.reset()


def test_inside_vmap(probabilities: Tensor) -> None:
    def loss(scores: Tensor, label: Tensor) -> Tensor:
        return F.cross_entropy(scores, label)

    report = watched(lambda: torch.vmap(loss)(probabilities.detach(), LABELS))
    assert not report.findings()
    assert "cannot be read" in report.unseen[0]


class Wrapper(torch.Tensor):
    """A tensor that holds another and answers for it, as DTensor does."""

    inner: Tensor

    @staticmethod
    def __new__(cls: type[Wrapper], inner: Tensor) -> Wrapper:
        made: Wrapper = torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)
        made.inner = inner
        return made

    def __init__(self, inner: Tensor) -> None:
        pass

    @classmethod
    def __torch_dispatch__(
        cls,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        plain = [arg.inner if isinstance(arg, Wrapper) else arg for arg in args]
        return func(*plain, **(kwargs or {}))


def test_a_tensor_that_answers_for_another(probabilities: Tensor) -> None:
    report = watched(lambda: F.cross_entropy(Wrapper(probabilities.detach()), LABELS))
    assert (report.calls, report.findings()) == (1, ())
    assert "cannot be read" in report.unseen[0]


CHILD = """
import torch, torch.multiprocessing as processes
import torch.nn.functional as F
from ce_lint.runtime import watch
def train(scores):
    F.cross_entropy(scores.softmax(1), torch.arange(8) % 5)
if __name__ == "__main__":
    with watch() as report:
        worker = processes.get_context("spawn").Process(target=train, args=(torch.randn(8, 5),))
        worker.start()
        worker.join()
    print(worker.exitcode, report)
"""


@pytest.mark.slow
def test_a_child_process(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(CHILD)
    result = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=120)
    assert result.stdout.strip() == "0 no loss call was seen: nothing can be said"


def test_the_page_names_every_blind_spot_and_each_is_shown() -> None:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition("## What it does not see\n")
    named = set(re.findall(r"`(test_\w+)`", rest.partition("\n## ")[0]))
    shown = {name for name in globals() if name.startswith("test_")}
    assert named == shown - {
        "test_in_plain_sight", "test_the_page_names_every_blind_spot_and_each_is_shown",
    }  # fmt: skip
