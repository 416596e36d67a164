"""flake8's settings beside those of `[tool.ce-lint]`, in whole flake8 runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

Flake8 = Callable[..., "subprocess.CompletedProcess[str]"]

WRONG = """\
import torch.nn.functional as F


def step(x, y):
    return F.cross_entropy(F.softmax(x, dim=1), y)


def step_again(x, y):
    return F.cross_entropy(F.log_softmax(x, dim=1), y)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One file with a finding of CEL001, which is on by default, and of CEL002, which is off."""
    (tmp_path / "wrong.py").write_text(WRONG)
    return tmp_path


def codes(result: subprocess.CompletedProcess[str]) -> list[str]:
    assert result.stderr == ""
    return [line.split(" ")[1] for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        # flake8's `select` and `extend-select`, where they name codes of ours, win.
        ("ignore = ['CEL001']", "extend-select = CEL001", ["CEL001"]),
        ("ignore = ['CEL001']", "select = CEL001", ["CEL001"]),
        ("select = ['CEL001']", "select = CEL002", ["CEL002"]),
        ("extend-select = ['CEL002']", "select = E,F,CEL001", ["CEL001"]),
        # The mere prefix turns the plugin on, and leaves the choice to the project.
        ("select = ['CEL002']", "select = E,F,CEL", ["CEL002"]),
        ("ignore = ['CEL001']", "extend-select = CEL", []),
        ("extend-select = ['CEL002']", "select = C", ["CEL001", "CEL002"]),
        ("", "select = CEL,CEL002", ["CEL001", "CEL002"]),
        # flake8 takes away what it is told to, whoever asked for it.
        ("select = ['CEL']", "extend-ignore = CEL001", ["CEL002"]),
        ("select = ['CEL']", "ignore = CEL002", ["CEL001"]),
        ("select = ['CEL']", "select = E,F", []),
        ("select = ['CEL']", "per-file-ignores = wrong.py:CEL001", ["CEL002"]),
        ("extend-select = ['CEL002']", "exclude = wrong.py", []),
        # An `ignore` that discards flake8's own defaults turns nothing of ours on.
        ("", "ignore = E501", ["CEL001"]),
        ("", "ignore =", ["CEL001"]),
        # What takes away adds up.
        ("per-file-ignores = { 'wrong.py' = ['CEL001'] }", "extend-select = CEL002", ["CEL002"]),
        ("per-file-ignores = { 'wrong.py' = ['CEL001'] }", "per-file-ignores = wrong.py:CEL002", []),
        ("exclude = ['wrong.py']", "", []),
        ("exclude = ['wrong.py']", "exclude = other.py", []),
    ],
)
def test_both_say_something(flake8: Flake8, project: Path, ours: str, theirs: str, expected: list[str]) -> None:
    (project / "pyproject.toml").write_text(f"[tool.ce-lint]\n{ours}\n")
    (project / ".flake8").write_text(f"[flake8]\n{theirs}\n")
    assert codes(flake8(".")) == expected


@pytest.mark.parametrize("name", ["setup.cfg", "tox.ini"])
def test_wherever_flake8_reads_it(flake8: Flake8, project: Path, name: str) -> None:
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nselect = ['CEL001']\n")
    (project / name).write_text("[flake8]\nselect = CEL002\n")
    assert codes(flake8(".")) == ["CEL002"]
    assert codes(flake8("--select", "CEL001", ".")) == ["CEL001"]


@pytest.fixture
def apart(project: Path) -> Path:
    """A model in a folder that nothing but a setting leads to."""
    (project / "wrong.py").unlink()
    (project / "python" / "lib").mkdir(parents=True)
    (project / "python" / "lib" / "model.py").write_text(
        "import torch.nn.functional as F\n\n\ndef forward(x):\n    return F.softmax(x, dim=1)\n"
    )
    (project / "train.py").write_text(
        "import torch.nn.functional as F\nfrom model import forward\nF.cross_entropy(forward(x), y)  # noqa: F821\n"
    )
    return project


@pytest.mark.slow
def test_import_roots(flake8: Flake8, apart: Path) -> None:
    (apart / "pyproject.toml").touch()
    assert codes(flake8("train.py")) == []
    (apart / ".flake8").write_text("[flake8]\ncel-src =\n    python,\n    python/lib\n")
    assert codes(flake8("train.py")) == ["CEL001"]
    (apart / "pyproject.toml").write_text("[tool.ce-lint]\nsrc = ['python']\n")
    assert codes(flake8("train.py")) == ["CEL001"]
    assert codes(flake8("--cel-src", "python", "train.py")) == []
    result = flake8("--cel-src", "python,pyhton", "train.py")
    assert result.stdout == f"train.py:1:1: CEL000 not checked: --cel-src: there is no folder {apart / 'pyhton'}\n"


def test_a_value_that_flake8_does_not_check(flake8: Flake8, project: Path) -> None:
    (project / ".flake8").write_text("[flake8]\ncel-report-at = sinc\n")
    result = flake8("wrong.py", strict=False)
    said = 'CEL000 not checked: --cel-report-at: "sinc" is none of auto, sink, source, both'
    assert (result.stdout, result.stderr) == (f"wrong.py:1:1: {said}\n", "")


SAID = 'CEL000 not checked: {file}: [tool.ce-lint] has no key "selct": did you mean "select"?'


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_typo_is_seen_and_costs_no_other_plugin_its_results(flake8: Flake8, project: Path, jobs: str) -> None:
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
    (project / "other.py").write_text("import os\n")
    result = flake8(f"-j{jobs}", "other.py", "wrong.py", strict=False)
    said = SAID.format(file=project / "pyproject.toml")
    assert sorted(result.stdout.splitlines()) == [
        "other.py:1:1: F401 'os' imported but unused",
        f"wrong.py:1:1: {said}",
    ]
    assert (result.returncode, result.stderr) == (1, "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_typo_is_seen_where_flake8_would_hide_the_line(flake8: Flake8, project: Path, jobs: str) -> None:
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
    (project / "other.py").write_text(WRONG)
    result = flake8(f"-j{jobs}", "--select", "CEL001", ".", strict=False)
    head, said = result.stdout.splitlines()
    assert (head, result.returncode, result.stderr) == (
        "There was a critical error during execution of Flake8:", 1, ""
    )  # fmt: skip
    assert f"CEL000 not checked: {said}" == SAID.format(file=project / "pyproject.toml")


def test_a_typo_is_nothing_to_who_does_not_want_us(flake8: Flake8, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
    result = flake8("--select", "E,F", ".", strict=False)
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_each_file_is_governed_by_the_nearest_table(flake8: Flake8, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nselect = ['CEL002']\n")
    for name, text in (("a", "[tool.ce-lint]\n"), ("b", "")):
        (project / name).mkdir()
        (project / name / "pyproject.toml").write_text(text)
        (project / name / "wrong.py").write_text(WRONG)
    result = flake8("--select", "CEL", ".")
    assert [(line.split(":")[0], line.split(" ")[1]) for line in sorted(result.stdout.splitlines())] == [
        ("./a/wrong.py", "CEL001"),
        ("./b/wrong.py", "CEL002"),
        ("./wrong.py", "CEL002"),
    ]


@pytest.mark.slow
def test_known_findings(flake8: Flake8, project: Path) -> None:
    command = [sys.executable, "-m", "ce_lint", "check", "--select", "CEL002", "--write-baseline", "known.json"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nextend-select = ['CEL002']\n")
    assert codes(flake8(".")) == ["CEL001", "CEL002"]
    (project / ".flake8").write_text("[flake8]\ncel-baseline = known.json\n")
    assert codes(flake8(".")) == ["CEL001"]
    (project / ".flake8").unlink()
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nextend-select = ['CEL002']\nbaseline = 'known.json'\n")
    assert codes(flake8(".")) == ["CEL001"]
    result = flake8("--cel-baseline", "gone.json", ".")
    assert result.stdout.startswith(f"./wrong.py:1:1: CEL000 not checked: {project / 'gone.json'}: there is no such")
