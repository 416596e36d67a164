"""The pytest plugin in real runs of pytest."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = [pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed"), pytest.mark.torch, pytest.mark.slow]

TESTS = """\
import pytest, unittest
import torch
from torch.nn import functional as F

Y = torch.arange(8) % 5


def wrong():
    return F.cross_entropy(torch.randn(8, 5, requires_grad=True).softmax(1), Y)


@pytest.fixture
def at_first():
    return wrong()

@pytest.fixture
def at_last():
    yield
    wrong()

def test_wrong(): wrong()
def test_wrong_and_failing():
    wrong()
    assert not "its own reason"
def test_wrong_in_a_fixture(at_first): pass
def test_wrong_at_the_end_of_a_fixture(at_last): pass
def test_right(): F.cross_entropy(torch.randn(8, 5, requires_grad=True), Y)
def test_no_loss(): pass
def test_log_softmax_only(): F.cross_entropy(torch.randn(8, 5, requires_grad=True).log_softmax(1), Y)

@pytest.mark.xfail(strict=True)
def test_expected_to_fail(): wrong()

@pytest.mark.ce_lint
def test_marked(): wrong()
@pytest.mark.ce_lint(ignore=["CEL001"])
def test_ignored(): wrong()
@pytest.mark.ce_lint(False)
def test_off(): wrong()

def test_fixture(ce_lint):
    wrong()
    assert ce_lint.calls == 1 and [finding.code for finding in ce_lint.findings()] == ["CEL001"]
@pytest.mark.ce_lint(False)
def test_fixture_alone_judges(ce_lint):
    wrong()
    assert [finding.code for finding in ce_lint.findings()] == ["CEL001"]

@pytest.mark.filterwarnings("error::ce_lint.runtime.DoubleSoftmaxWarning")
def test_own_filter(): wrong()

class TestOld(unittest.TestCase):
    def test_wrong_in_unittest(self): wrong()
"""
LINE = "test_it.py:9:5: CEL001 softmax output is the input of cross_entropy"

FAIL_ALWAYS = {"test_wrong_and_failing", "test_marked", "test_fixture", "test_own_filter"}
ERROR = {"test_wrong_at_the_end_of_a_fixture"}


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str
    bad: dict[str, str]
    """The text of each test that failed, by name."""

    @property
    def told(self) -> list[str]:
        return [line.removeprefix("ce-lint: ") for line in self.out.splitlines() if line.startswith("ce-lint: ")]


def run_pytest(folder: Path, *arguments: str, tests: str = TESTS, before: str = "") -> Run:
    """Run pytest on the tests in a process; `before` is run in it first."""
    (folder / "test_it.py").write_text(tests)
    (folder / "pytest.ini").touch()
    code = f"import sys\n{before}\nimport pytest\nsys.exit(pytest.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "-q", "-p", "no:cacheprovider", "--junitxml=result.xml", *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    result = folder / "result.xml"
    cases = ElementTree.parse(result).iter("testcase") if result.exists() else ()  # noqa: S314 - our own file
    bad = {
        case.attrib["name"]: str(problem.text)
        for case in cases
        for problem in case
        if problem.tag in ("failure", "error")
    }
    return Run(done.returncode, done.stdout, done.stderr, bad)


class TestWatchingAll:
    pytestmark = needs_torch

    @pytest.fixture(scope="class")
    @staticmethod
    def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
        return run_pytest(tmp_path_factory.mktemp("all"), "--ce-lint")

    def test_who_feeds_softmax_to_cross_entropy_fails_with_the_diagnosis(self, run: Run) -> None:
        expected = {"test_wrong", "test_wrong_in_a_fixture", "test_wrong_in_unittest"}
        assert set(run.bad) == FAIL_ALWAYS | ERROR | expected
        for name in (*expected, "test_marked", "test_fixture", *ERROR):
            assert LINE in run.bad[name]

    def test_a_failure_of_its_own_comes_first_and_has_the_diagnosis_beside_it(self, run: Run) -> None:
        assert "its own reason" in run.bad["test_wrong_and_failing"]
        assert LINE not in run.bad["test_wrong_and_failing"]
        assert f"Captured ce-lint call {'-' * 10}" in run.out
        assert LINE in run.out.split("Captured ce-lint call")[1].splitlines()[1]

    def test_what_was_seen_is_counted(self, run: Run) -> None:
        (line,) = run.told
        assert line == "13 loss calls seen in 14 watched tests, 1 confirmed to be wrong"


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
class TestAsking:
    def test_without_the_option_only_who_asks_is_watched(self, tmp_path: Path) -> None:
        run = run_pytest(tmp_path)
        # Strict xfail: nothing fails there.
        assert set(run.bad) == FAIL_ALWAYS | {"test_expected_to_fail"}
        assert run.told == ["5 loss calls seen in 5 watched tests, 1 confirmed to be wrong"]

    def test_the_filter_for_the_warning_is_enough(self, tmp_path: Path) -> None:
        run = run_pytest(
            tmp_path,
            "-W",
            "error::ce_lint.runtime.DoubleSoftmaxWarning",
            "-k",
            "wrong and not failing or off or no_loss",
        )
        assert set(run.bad) == {"test_wrong", "test_wrong_in_a_fixture", "test_wrong_in_unittest"} | ERROR
        assert all("DoubleSoftmaxWarning: CEL001 softmax output" in text for text in run.bad.values())
        assert "test_it.py:9: in wrong" in run.bad["test_wrong"]

    def test_a_run_without_a_loss_is_not_called_fine(self, tmp_path: Path) -> None:
        run = run_pytest(tmp_path, "--ce-lint", "-k", "no_loss")
        assert (run.status, run.told) == (0, ["no loss call was seen: nothing can be said"])

    def test_a_marker_that_cannot_be_read_is_said_in_a_line(self, tmp_path: Path) -> None:
        tests = "import pytest\n@pytest.mark.ce_lint(ignored='CEL001')\ndef test_it(): pass\n"
        run = run_pytest(tmp_path, tests=tests)
        assert run.status == pytest.ExitCode.USAGE_ERROR
        assert "ERROR: test_it.py::test_it: the marker takes ce_lint(on=True, *, ignore=())" in run.out + run.err


BLOCK_TORCH = "sys.modules['torch'] = None"
PLAIN = "def test_it(): pass\n"


@pytest.mark.slow
def test_without_torch_the_option_is_refused_in_a_line(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "--ce-lint", tests=PLAIN, before=BLOCK_TORCH)
    assert run.status == pytest.ExitCode.USAGE_ERROR
    line = 'ERROR: --ce-lint: ce_lint.runtime needs torch: python -m pip install "ce-lint[runtime]"'
    assert [text for text in run.err.splitlines() if text] == [line]


@pytest.mark.slow
def test_without_torch_nothing_else_changes(tmp_path: Path) -> None:
    tests = f"import pytest\n@pytest.mark.ce_lint\n{PLAIN}"
    run = run_pytest(
        tmp_path, "-W", "error::ce_lint.runtime.DoubleSoftmaxWarning", "--strict-markers", tests=tests,
        before=BLOCK_TORCH,
    )  # fmt: skip
    assert (run.status, run.bad, run.told) == (0, {}, [])


@pytest.mark.slow
def test_a_run_that_does_not_ask_imports_nothing(tmp_path: Path) -> None:
    tests = "import json, sys\ndef test_it(): json.dump([*sys.modules], open('modules.json', 'w'))\n"
    run = run_pytest(tmp_path, tests=tests)
    assert (run.status, run.told) == (0, [])
    modules = set(json.loads((tmp_path / "modules.json").read_text()))
    assert "ce_lint.runtime.ways.pytest_plugin" in modules, "the plugin was not there"
    assert not modules & {"torch", "numpy", "msgspec", "click", "libcst", "ce_lint.findings"}
