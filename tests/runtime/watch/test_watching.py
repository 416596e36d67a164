"""What a watch counts, looks at, tells and leaves alone."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402, N812
from torch import Tensor, nn  # noqa: E402

from ce_lint.findings import Confidence, Severity, Verdict  # noqa: E402
from ce_lint.runtime import DoubleSoftmaxWarning  # noqa: E402
from ce_lint.runtime.sites.records import SiteReport  # noqa: E402
from ce_lint.runtime.watch import series, watching  # noqa: E402
from ce_lint.runtime.watch.report import WatchReport  # noqa: E402
from ce_lint.runtime.watch.watching import watch  # noqa: E402

pytestmark = pytest.mark.torch

LABELS = torch.arange(16) % 5


@pytest.fixture
def logits() -> Tensor:
    torch.manual_seed(0)
    result: Tensor = nn.Linear(8, 5)(torch.randn(16, 8))
    return result


@pytest.fixture
def softmaxed(logits: Tensor) -> Tensor:
    return logits.softmax(1)


def test_an_empty_report_says_nothing_at_all() -> None:
    with watch() as report:
        pass
    assert str(report) == "no loss call was seen: nothing can be said"
    assert report.is_empty
    assert report.report().is_empty
    assert report.findings() == ()
    assert report.calls == 0


def test_three_looks_and_then_it_counts(logits: Tensor, softmaxed: Tensor) -> None:
    with watch(warn=False) as report:
        for _ in range(10):
            F.cross_entropy(logits, LABELS)
            nn.CrossEntropyLoss()(softmaxed, LABELS)
    right, wrong = report.sites
    assert (right.calls, right.looked, [seen.call for seen in right.observations]) == (10, 3, [1, 2, 3])
    assert (wrong.calls, wrong.looked, [seen.call for seen in wrong.observations]) == (10, 3, [1, 2, 3])
    assert (right.site.loss, wrong.site.loss) == ("cross_entropy", "CrossEntropyLoss")
    assert [right.is_confirmed, wrong.is_confirmed] == [False, True]
    assert report.calls == report.report().calls == 20
    assert not report.is_empty


@pytest.mark.parametrize("looks", [0, 1, 5, 12])
def test_the_number_of_looks(looks: int, softmaxed: Tensor) -> None:
    with watch(looks=looks, warn=False) as report:
        for _ in range(8):
            F.cross_entropy(softmaxed, LABELS)
    (site,) = report.sites
    assert (site.calls, site.looked) == (8, min(looks, 8))


def test_a_negative_number_of_looks_is_refused() -> None:
    with pytest.raises(ValueError, match="looks is the number of calls to look at, or None for all: -1"):
        watch(looks=-1)


def test_a_watch_is_entered_once() -> None:
    report = watch()
    with report:
        pass
    with pytest.raises(RuntimeError, match="entered once"), report:
        pass


@pytest.mark.parametrize("softmax", [False, True])
def test_every_call_is_looked_at_on_request(softmax: bool, logits: Tensor) -> None:
    losses = []
    with watch(looks=None, warn=False) as report:
        for scale in range(1, 9):
            scores = F.linear(logits * scale, torch.eye(5), torch.zeros(5))
            losses.append(F.cross_entropy(scores.softmax(1) if softmax else scores, LABELS).item())
    (site,) = report.sites
    assert (site.calls, site.looked) == (8, 8)
    assert [seen.call for seen in site.observations] == list(range(1, 9))
    assert [seen.loss for seen in site.observations] == losses
    assert all((seen.loss_on_logits == seen.loss) is not softmax for seen in site.observations)


def test_scores_of_every_origin_keep_their_order_where_all_are_looked_at(logits: Tensor, softmaxed: Tensor) -> None:
    losses = []
    with watch(looks=None, warn=False) as report:
        for scores in (logits, softmaxed, logits, logits, softmaxed, logits):
            losses.append(F.cross_entropy(scores, LABELS).item())  # noqa: PERF401
    (site,) = report.sites
    assert [(seen.call, seen.loss) for seen in site.observations] == list(enumerate(losses, 1))
    assert (site.calls, site.looked, site.is_confirmed) == (6, 6, True)


def test_a_reduction_that_changes_at_one_site_is_followed(logits: Tensor) -> None:
    with watch(looks=None) as report:
        for reduction in ("mean", "mean", "none", "mean"):
            F.cross_entropy(logits, LABELS, reduction=reduction)
    (site,) = report.sites
    assert (site.calls, site.looked) == (4, 4)
    assert all(seen.loss == pytest.approx(site.observations[0].loss) for seen in site.observations)


def test_observations_are_thinned_and_calls_are_not(logits: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "LIMIT", 50)
    with watch(looks=None) as report:
        for _ in range(60):
            F.cross_entropy(logits, LABELS)
    (site,) = report.sites
    assert site.calls == site.looked == 60
    numbers = [seen.call for seen in site.observations]
    assert numbers == list(range(1, 61, 2))


def test_a_later_head_at_the_same_line_is_looked_at(logits: Tensor, softmaxed: Tensor) -> None:
    with watch(warn=False) as report:
        for _ in range(20):
            F.cross_entropy(logits, LABELS)
        assert report.findings() == ()
        for scores in [logits] * 20 + [softmaxed] * 20:
            F.cross_entropy(scores, LABELS)
        assert [finding.code for finding in report.findings()] == ["CEL001"]
    assert [(site.calls, site.looked) for site in report.sites] == [(20, 3), (40, 6)]


def test_evaluation_without_a_graph_at_the_same_line_is_looked_at(logits: Tensor) -> None:
    def step(net: Callable[[], Tensor]) -> None:
        F.cross_entropy(net(), LABELS)

    with watch(warn=False) as report:
        for _ in range(10):
            step(lambda: logits)
        with torch.no_grad():
            step(lambda: logits.softmax(1))
    (site,) = report.sites
    assert (site.calls, site.looked, site.is_confirmed) == (11, 4, True)


def test_two_calls_on_a_line_are_two_sites(logits: Tensor, softmaxed: Tensor) -> None:
    with watch(warn=False) as report:
        for _ in range(4):
            F.cross_entropy(logits, LABELS) + F.cross_entropy(softmaxed, LABELS)
    assert [(site.calls, site.looked, site.is_confirmed) for site in report.sites] == [(4, 3, False), (4, 3, True)]


def test_code_that_is_made_anew_is_one_site(softmaxed: Tensor) -> None:
    with watch(warn=False) as report:
        for _ in range(5):
            exec(compile("F.cross_entropy(s, y)", "cell.py", "exec"), {"F": F, "s": softmaxed, "y": LABELS})  # noqa: S102
    (site,) = report.sites
    assert (site.calls, site.looked, site.site.path, site.site.function) == (5, 3, "cell.py", "<module>")


class Custom(nn.CrossEntropyLoss):
    """A subclass that inherits its forward."""


def test_a_loss_is_called_by_the_name_of_its_class(softmaxed: Tensor) -> None:
    with watch(warn=False) as report:
        Custom()(softmaxed, LABELS)
    assert [site.site.loss for site in report.sites] == ["Custom"]


class Inside(nn.Module):
    def forward(self, scores: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(scores, labels)


def test_modules_of_the_user_and_of_torch_at_one_line_are_told_apart(logits: Tensor, softmaxed: Tensor) -> None:
    """The user's forward is the call site, torch's is not: also once both are only counted."""
    modules: list[tuple[nn.Module, Tensor]] = [(nn.CrossEntropyLoss(), logits), (Inside(), softmaxed)]
    with watch(warn=False) as report:
        for criterion, scores in modules * 6:
            criterion(scores, LABELS)
    assert {site.site.function: (site.calls, site.looked, site.is_confirmed) for site in report.sites} == {
        "test_modules_of_the_user_and_of_torch_at_one_line_are_told_apart": (6, 3, False),
        "forward": (6, 3, True),
    }


def test_a_criterion_with_hooks_is_counted_at_its_caller(logits: Tensor) -> None:
    criterion = nn.CrossEntropyLoss()
    criterion.register_forward_hook(lambda module, inputs, output: None)
    with watch() as report:
        for _ in range(6):
            criterion(logits, LABELS)
    (site,) = report.sites
    assert (site.calls, site.looked, site.site.path) == (6, 3, __file__)


def test_results_and_gradients_are_the_same_bit_for_bit() -> None:
    def train() -> list[Tensor]:
        torch.manual_seed(3)
        net = nn.Sequential(nn.Linear(8, 16), nn.Dropout(), nn.Linear(16, 5), nn.Softmax(1))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        for _ in range(6):
            optimizer.zero_grad()
            (
                nn.CrossEntropyLoss()(net(torch.randn(16, 8)), LABELS) + F.nll_loss(net(torch.randn(16, 8)), LABELS)
            ).backward()
            optimizer.step()
        return [*net.parameters(), torch.get_rng_state()]

    expected = train()
    for looks in (3, None):
        with watch(looks=looks, warn=False) as report:
            found = train()
        assert all(torch.equal(one, other) for one, other in zip(expected, found, strict=True))
        assert [site.is_confirmed for site in report.sites] == [True, True]


def test_the_errors_of_torch_pass_untouched(logits: Tensor) -> None:
    def error() -> BaseException:
        with pytest.raises(ValueError) as caught:
            F.cross_entropy(logits, LABELS[:3])
        return caught.value

    expected = error()
    with watch() as report:
        found = error()
        with pytest.raises(TypeError):
            F.cross_entropy(logits)  # type: ignore[call-arg]
    assert (type(found), str(found)) == (type(expected), str(expected))
    assert report.is_empty


def test_the_warning_points_to_the_line_once(softmaxed: Tensor) -> None:
    with warnings.catch_warnings(record=True) as caught, watch():
        warnings.simplefilter("always")
        for _ in range(5):
            F.cross_entropy(softmaxed, LABELS)
            nn.CrossEntropyLoss()(softmaxed, LABELS)
    first = test_the_warning_points_to_the_line_once.__code__.co_firstlineno
    assert [(item.category, item.filename, item.lineno - first) for item in caught] == [
        (DoubleSoftmaxWarning, __file__, 4),
        (DoubleSoftmaxWarning, __file__, 5),
    ]
    text = str(caught[0].message)
    assert text.startswith("CEL001 softmax output is the input of cross_entropy, which applies log-softmax itself: ")
    assert "with 5 classes it can never be below 0.905" in text


def test_the_warning_is_filtered_by_the_module_of_the_user(softmaxed: Tensor) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module=__name__.replace(".", r"\."))
        with watch():
            F.cross_entropy(softmaxed, LABELS)
    assert caught == []


def test_no_warning_where_none_is_wanted_or_due(logits: Tensor, softmaxed: Tensor) -> None:
    # Warnings are errors in these tests.
    with watch(warn=False):
        F.cross_entropy(softmaxed, LABELS)
    with watch() as report:
        F.cross_entropy(logits.log_softmax(1), LABELS)
    assert [site.diagnosis.code for site in report.sites if site.diagnosis is not None] == ["CEL002"]


def test_a_warning_that_is_an_error_reaches_the_user(softmaxed: Tensor) -> None:
    with watch() as outer, watch() as report, warnings.catch_warnings():
        warnings.simplefilter("error", DoubleSoftmaxWarning)
        with pytest.raises(DoubleSoftmaxWarning):
            F.cross_entropy(softmaxed, LABELS)
        with pytest.raises(DoubleSoftmaxWarning):
            nn.CrossEntropyLoss()(softmaxed, LABELS)
    assert report.calls == outer.calls == 2
    assert len(report.findings()) == 2


def test_on_call_gets_the_running_number(logits: Tensor, softmaxed: Tensor) -> None:
    numbers: list[int] = []
    with watch(on_call=numbers.append, warn=False) as report:
        for _ in range(5):
            F.cross_entropy(logits, LABELS)
            F.cross_entropy(softmaxed, LABELS)
    assert numbers == list(range(1, 11))
    assert report.calls == 10


class EnoughError(Exception):
    """What a user's callback raises to end a training."""


def test_what_on_call_raises_reaches_the_user(logits: Tensor) -> None:
    def stop(number: int) -> None:
        if number == 7:
            raise EnoughError

    before = F.cross_entropy.__code__
    with pytest.raises(EnoughError), watch(on_call=stop) as report:
        while True:
            F.cross_entropy(logits, LABELS)
    assert report.calls == 7
    assert F.cross_entropy.__code__ is before


def test_on_look_gets_the_state_after_each_look(softmaxed: Tensor) -> None:
    states: list[SiteReport] = []
    with watch(on_look=states.append, warn=False):
        for _ in range(5):
            F.cross_entropy(softmaxed, LABELS)
    assert [(state.calls, state.looked, state.is_confirmed) for state in states] == [
        (1, 1, True), (2, 2, True), (3, 3, True),
    ]  # fmt: skip


def test_a_callback_may_call_losses_itself(logits: Tensor) -> None:
    with watch(on_call=lambda number: F.cross_entropy(logits, LABELS), on_look=lambda site: None) as report:
        F.cross_entropy(logits, LABELS)
    assert report.calls == 1


def test_what_fails_in_looking_is_logged_and_named(
    logits: Tensor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ArithmeticError("no such number")

    monkeypatch.setattr(watching, "examine", broken)
    with caplog.at_level(logging.WARNING, "ce_lint"), watch() as report:
        for _ in range(5):
            F.cross_entropy(logits, LABELS)
    assert len(caplog.records) == 1
    (line,) = report.report().unseen
    assert line.endswith("ArithmeticError: no such number")
    (site,) = report.sites
    assert (site.calls, site.looked, site.diagnosis) == (5, 0, None)
    assert "not looked at" in str(report)


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_a_trace_of_torchscript_records_nothing_of_ours(softmaxed: Tensor) -> None:
    def loss(scores: Tensor) -> Tensor:
        return F.cross_entropy(scores, LABELS)

    expected = torch.jit.trace(loss, softmaxed.detach()).graph
    with watch(warn=False) as report:
        found = torch.jit.trace(loss, softmaxed.detach()).graph
    assert str(found).count("aten::") == str(expected).count("aten::")
    assert "inside torch.jit.trace" in report.report().unseen[0]


def test_a_symbolic_trace_counts_nothing_until_it_runs(softmaxed: Tensor) -> None:
    with watch(warn=False) as report:
        graph = torch.fx.symbolic_trace(Inside())
        assert report.is_empty
        graph(softmaxed, LABELS)
    assert [(site.calls, site.is_confirmed, site.site.path) for site in report.sites] == [(1, True, __file__)]


def test_threads_are_seen_and_no_call_is_lost(logits: Tensor) -> None:
    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with watch() as report:
            threads = [
                threading.Thread(target=lambda: [F.cross_entropy(logits, LABELS) for _ in range(500)]) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(old)
    (site,) = report.sites
    assert (site.calls, site.looked) == (4000, 3)


def test_replicas_in_threads_are_seen_as_those_of_data_parallel(logits: Tensor, softmaxed: Tensor) -> None:
    """What `torch.nn.parallel.parallel_apply` does, which itself refuses to run without an accelerator."""
    with watch(warn=False) as report:
        for scores in (logits, softmaxed):
            thread = threading.Thread(target=Inside(), args=(scores, LABELS))
            thread.start()
            thread.join()
    (site,) = report.sites
    assert (site.calls, site.looked, site.is_confirmed) == (2, 2, True)
    assert site.site.function == "forward"


def test_a_finding_of_a_watch(softmaxed: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent)
    with watch(warn=False) as report:
        F.cross_entropy(softmaxed, LABELS)
    (finding,) = report.findings()
    line = test_a_finding_of_a_watch.__code__.co_firstlineno + 3
    assert (finding.code, finding.severity, finding.confidence) == ("CEL001", Severity.ERROR, Confidence.DEFINITE)
    assert (finding.sink.path, finding.sink.line, finding.sink.column) == (Path(__file__).name, line, 9)
    assert finding.sink == finding.source == finding.argument
    assert finding.sink.text == "F.cross_entropy(softmaxed, LABELS)"
    assert finding.classes == 5
    assert finding.fingerprint
    assert "\n" not in finding.message
    assert finding.runtime is not None
    assert (finding.runtime.verdict, finding.runtime.method) == (Verdict.CONFIRMED, "watch")
    assert finding.runtime.window == pytest.approx((0.90483, 1.90483), abs=1e-5)


def test_the_summary_counts_and_names(logits: Tensor, softmaxed: Tensor) -> None:
    with watch(warn=False) as report:
        for _ in range(4):
            F.cross_entropy(softmaxed, LABELS)
        F.cross_entropy(logits, LABELS)
        with torch.no_grad():
            F.cross_entropy(torch.rand(1, 2), LABELS[:1])
    lines = report.summary().splitlines()
    assert len(lines) == 4
    assert ": CEL001 softmax output is the input of cross_entropy" in lines[0]
    assert lines[0].endswith("(looked at 3 of 4 calls)")
    assert lines[1].endswith(": cross_entropy: right, the autograd graph shows logits (looked at 1 of 1 call)")
    assert ": cross_entropy: inconclusive, " in lines[2]
    assert lines[3] == "6 loss calls at 3 call sites: 1 confirmed, 1 right, 1 inconclusive"


def test_a_snapshot_does_not_change(logits: Tensor) -> None:
    with watch() as report:
        F.cross_entropy(logits, LABELS)
        early = report.report()
        F.cross_entropy(logits, LABELS)
    assert isinstance(early, WatchReport)
    assert (early.calls, report.calls) == (1, 2)


FORK = """
import os, sys, threading, torch
import torch.nn.functional as F
from ce_lint.runtime import watch
scores, labels = torch.randn(8, 5).requires_grad_(), torch.arange(8) % 5
stop = threading.Event()
def busy():
    while not stop.is_set():
        F.cross_entropy(scores, labels, reduction="sum")
with watch(looks=None, warn=False) as report:
    thread = threading.Thread(target=busy)
    thread.start()
    failures = 0
    for _ in range(10):
        child = os.fork()
        if not child:
            for _ in range(5):
                F.cross_entropy(scores.softmax(1), labels)
            os._exit(0 if report.calls >= 5 and report.findings() else 1)
        failures += os.waitpid(child, 0)[1] != 0
    stop.set()
    thread.join()
    F.nll_loss(scores.log_softmax(1), labels)
print(failures, [site.site.loss for site in report.sites], report.findings())
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_goes_on_and_leaves_the_parent_alone() -> None:
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK], capture_output=True, text=True, timeout=120, check=True
    )
    assert result.stdout.strip() == "0 ['cross_entropy', 'nll_loss'] ()"


IMPORTS = """
import json, sys
import ce_lint.runtime.watch.report, ce_lint.runtime.sites.findings, ce_lint.runtime.sites.summary
import ce_lint.runtime
from ce_lint.runtime import Diagnosis, DoubleSoftmaxWarning, Verdict, WatchReport
print(json.dumps(["torch" in sys.modules, WatchReport().summary()]))
"""

NO_TORCH = """
import sys
sys.modules["torch"] = None
import ce_lint.runtime
for name in ("watch", "diagnose"):
    try:
        getattr(ce_lint.runtime, name)
    except ImportError as error:
        print(error)
"""


@pytest.mark.slow
def test_records_are_had_without_torch() -> None:
    result = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert json.loads(result.stdout) == [False, "no loss call was seen: nothing can be said"]


@pytest.mark.slow
def test_without_torch_one_line_says_how_to_install_it() -> None:
    result = subprocess.run([sys.executable, "-c", NO_TORCH], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ['ce_lint.runtime needs torch: python -m pip install "ce-lint[runtime]"'] * 2


def test_the_public_names_are_functions_whatever_was_imported_before() -> None:
    import ce_lint.runtime
    from ce_lint.runtime.watch.watching import watch as function

    assert ce_lint.runtime.watch is function
    assert callable(ce_lint.runtime.diagnose)
    with pytest.raises(AttributeError):
        ce_lint.runtime.nothing  # noqa: B018
