"""torch.compile under a watch: what is seen, and that compiled code is what it was afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.compiler, "set_stance"):
    pytest.skip("this torch cannot run compiled code eagerly", allow_module_level=True)

import torch._dynamo  # noqa: E402
import torch.nn.functional as F  # noqa: E402, N812
from torch import Tensor, nn  # noqa: E402

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.runtime.diagnosis.records import Evidence  # noqa: E402
from ce_lint.runtime.watch.watching import watch  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning"),
]

LABELS = torch.arange(32) % 5
CPP_COMPILER = shutil.which("g++") or shutil.which("clang++")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    yield
    assert stance() == "default"
    torch._dynamo.reset()


INDUCTOR = """
import torch
import torch._dynamo
import torch.nn.functional as F
from ce_lint.runtime.watch.watching import watch

torch.manual_seed(0)
net, batch, labels = torch.nn.Linear(8, 5), torch.randn(32, 8), torch.arange(32) % 5
step = torch.compile(lambda inputs: F.cross_entropy(net(inputs).softmax(1), labels))
before = step(batch)
with watch(warn=False) as report:
    during = torch.stack([step(batch) for _ in range(3)])
torch.testing.assert_close(during, before.detach().expand(3))
torch.testing.assert_close(step(batch), before)
graphs = torch._dynamo.utils.counters["stats"]["unique_graphs"]
print(f"{graphs} compilation, {len(report.findings())} finding")
"""


def stance() -> str:
    current: str = torch._dynamo.eval_frame._stance.stance
    return current


def compilations() -> int:
    return int(torch._dynamo.utils.counters["stats"]["unique_graphs"])


@pytest.fixture
def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(8, 5)


@pytest.fixture
def batch() -> Tensor:
    return torch.randn(32, 8, generator=torch.Generator().manual_seed(1))


def make_step(net: nn.Module) -> Callable[[Tensor], Tensor]:
    def step(inputs: Tensor) -> Tensor:
        return F.cross_entropy(net(inputs).softmax(1), LABELS)

    return step


@pytest.mark.parametrize("fullgraph", [False, True])
@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_a_compiled_step_is_seen_and_not_compiled_for_it(
    net: nn.Module, batch: Tensor, backend: str, fullgraph: bool
) -> None:
    step = torch.compile(make_step(net), backend=backend, fullgraph=fullgraph)
    before = step(batch)
    assert compilations() == 1
    with watch(warn=False) as report:
        during = [step(batch) for _ in range(3)]
    after = step(batch)
    assert compilations() == 1
    torch.testing.assert_close(torch.stack([*during, after]), before.detach().expand(4))
    (site,) = report.sites
    assert site.is_confirmed
    assert site.looked == 3
    assert site.diagnosis is not None
    assert site.diagnosis.evidence is Evidence.GRAPH


def test_a_step_that_is_first_compiled_under_a_watch_works_after_it(net: nn.Module, batch: Tensor) -> None:
    plain = make_step(net)
    with watch(warn=False) as report:
        step = torch.compile(plain, backend="aot_eager")
        for _ in range(6):
            during = step(batch)
    assert compilations() == 1
    torch.testing.assert_close(step(batch), plain(batch))
    torch.testing.assert_close(during, plain(batch))
    step(batch).backward()
    # Three looks; after that the compiled code runs, which nobody sees. Tracing it is no call.
    assert report.calls == 3


def test_many_watches_do_not_make_many_compilations(net: nn.Module, batch: Tensor) -> None:
    step = torch.compile(make_step(net), backend="aot_eager")
    for _ in range(12):
        step(batch)
        with watch(warn=False) as report:
            for _ in range(5):
                step(batch)
        assert report.calls == 3
    # One with the code of the losses as it is, one with the code that calls the watch.
    assert compilations() == 2


def test_a_whole_graph_is_compiled_after_the_next_step_of_the_optimizer(net: nn.Module, batch: Tensor) -> None:
    step = torch.compile(make_step(net), backend="aot_eager", fullgraph=True)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    stances = []
    with watch(warn=False) as report:
        for _ in range(6):
            optimizer.zero_grad()
            step(batch).backward()
            stances.append(stance())
            optimizer.step()
    assert stances == ["force_eager"] * 3 + ["default"] * 3
    assert (report.calls, compilations()) == (3, 1)


def test_a_whole_graph_without_an_optimizer_stays_eager_until_the_watch_ends(net: nn.Module, batch: Tensor) -> None:
    step = torch.compile(make_step(net), backend="aot_eager", fullgraph=True)
    with watch(warn=False) as report:
        for _ in range(6):
            step(batch)
        assert stance() == "force_eager"
    assert (report.calls, compilations()) == (6, 0)
    step(batch)
    assert compilations() == 1


def test_compiled_code_runs_eagerly_until_the_looks_are_taken(net: nn.Module, batch: Tensor) -> None:
    seen = []
    with watch(warn=False, on_look=lambda site: seen.append(stance())):
        assert stance() == "force_eager"
        for _ in range(4):
            make_step(net)(batch)
        assert stance() == "default"
    assert seen == ["force_eager", "force_eager", "default"]


def test_it_goes_on_while_every_call_is_looked_at(net: nn.Module, batch: Tensor) -> None:
    with watch(looks=None, warn=False):
        for _ in range(5):
            make_step(net)(batch)
        assert stance() == "force_eager"


def test_no_look_no_stance() -> None:
    with watch(looks=0):
        assert stance() == "default"


def test_an_exception_takes_the_stance_back() -> None:
    with pytest.raises(KeyError), watch():
        raise KeyError
    assert stance() == "default"


def test_the_stance_of_the_user_is_taken_back_to() -> None:
    with torch.compiler.set_stance("eager_on_recompile"):
        with watch():
            assert stance() == "force_eager"
        assert stance() == "eager_on_recompile"


def test_what_the_user_sets_meanwhile_stays() -> None:
    torch.compiler.set_stance("default")
    with watch():
        torch.compiler.set_stance("fail_on_recompile")
    assert stance() == "fail_on_recompile"
    torch.compiler.set_stance("default")


def test_one_watch_that_is_done_does_not_end_anothers_stance(net: nn.Module, batch: Tensor) -> None:
    with watch(looks=5, warn=False) as outer:
        with watch(warn=False):
            for _ in range(3):
                make_step(net)(batch)
            assert stance() == "force_eager"
        assert stance() == "force_eager"
        make_step(net)(batch)
    assert outer.calls == 4


def test_the_model_alone_compiled_is_diagnosed_by_its_values(net: nn.Module, batch: Tensor) -> None:
    """Where the user has compiled code run all the same: the graph is opaque, the numbers are not."""
    for layer, expected in ((nn.Softmax(1), "CEL001"), (nn.LogSoftmax(1), "CEL002"), (nn.Identity(), None)):
        model = torch.compile(nn.Sequential(net, layer), backend="aot_eager")
        with watch(warn=False) as report:
            torch.compiler.set_stance("default")
            F.cross_entropy(model(batch), LABELS).backward()
        (site,) = report.sites
        assert site.diagnosis is not None
        assert (site.diagnosis.code, site.diagnosis.evidence) == (expected, Evidence.VALUES)
        assert site.diagnosis.verdict is (Verdict.CONFIRMED if expected == "CEL001" else Verdict.REFUTED)


@pytest.mark.filterwarnings("ignore:The .grad attribute")
def test_a_graph_break_before_the_loss(net: nn.Module, batch: Tensor) -> None:
    def step(inputs: Tensor) -> Tensor:
        scores = net(inputs).softmax(1)
        torch._dynamo.graph_break()
        return F.cross_entropy(scores, LABELS)

    compiled = torch.compile(step, backend="aot_eager")
    compiled(batch)
    with watch(warn=False) as report:
        compiled(batch)
    assert [site.site.function for site in report.sites] == ["step"]
    assert report.findings()


def test_a_watch_within_a_compiled_function_says_what_it_does_not_see(net: nn.Module, batch: Tensor) -> None:
    plain = make_step(net)
    reports = []

    def outer(inputs: Tensor) -> Tensor:
        with watch(warn=False) as report:
            loss = plain(inputs)
        reports.append(report)
        return loss

    loss = torch.compile(outer, backend="aot_eager")(batch)
    torch.testing.assert_close(loss, plain(batch))
    assert reports[0].report().unseen == ("the losses of the compiled function in which the watch was entered",)


def test_an_export_under_a_watch(net: nn.Module, batch: Tensor) -> None:
    class WithLoss(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, inputs: Tensor) -> Tensor:
            return F.cross_entropy(self.net(inputs), LABELS)

    with watch() as report:
        program = torch.export.export(WithLoss(), (batch,))
    assert report.is_empty
    torch.testing.assert_close(program.module()(batch), WithLoss()(batch))


def test_threads_that_run_compiled_steps(net: nn.Module, batch: Tensor) -> None:
    step = torch.compile(make_step(net), backend="aot_eager")
    step(batch)
    with watch(warn=False) as report:
        threads = [threading.Thread(target=step, args=(batch,)) for _ in range(3)]
        for thread in threads:
            thread.start()
            thread.join()
    assert report.findings()


@pytest.mark.skipif(CPP_COMPILER is None, reason="inductor needs a C++ compiler")
def test_inductor(tmp_path: Path) -> None:
    # In a process of its own, with nothing compiled before: it leaves a pool of threads and open files behind.
    environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    program = [sys.executable, "-c", INDUCTOR]
    result = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert result.stdout == "1 compilation, 1 finding\n", result.stderr
