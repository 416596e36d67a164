"""The same input gives the same findings on the command line and in flake8."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

Process = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def check(project: Path) -> Process:
    """Run `ce-lint check` in the project."""

    def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ce_lint", "check", *arguments],
            cwd=project, input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def places(text: str) -> list[str]:
    """The places and codes of the concise format; its last line is the count."""
    return [" ".join(line.split(" ")[:2]) for line in text.splitlines() if " CEL" in line]


def test_the_whole_project(check: Process, flake8: Process) -> None:
    on_the_command_line = check(".")
    assert on_the_command_line.returncode == 1
    assert on_the_command_line.stderr == ""
    assert places(on_the_command_line.stdout) == ["train.py:11:22: CEL001"]
    in_flake8 = flake8("--select", "CEL", "--cel-report-at", "sink", ".")
    assert [line.removeprefix("./") for line in in_flake8.stdout.splitlines()] == [
        line for line in on_the_command_line.stdout.splitlines() if " CEL" in line
    ]


@pytest.mark.parametrize("name", ["train.py", "model.py"])
def test_one_file(check: Process, flake8: Process, name: str) -> None:
    found = check(name).stdout
    assert places(found)
    lines = [line for line in found.splitlines() if ": CEL" in line]
    assert lines == flake8("--select", "CEL", name).stdout.splitlines()


@pytest.mark.parametrize("name", ["train.py", "model.py", "redundant.py"])
def test_standard_input(check: Process, project: Path, name: str) -> None:
    text = (project / name).read_text()
    flags = ("--select", "CEL0", "--format", "json")
    from_stdin = json.loads(check("-", "--stdin-filename", name, *flags, stdin=text).stdout)
    from_disk = json.loads(check(name, *flags).stdout)
    assert from_stdin["findings"] == from_disk["findings"] != []


def test_every_run_says_the_same(check: Process, notebook: Path) -> None:
    runs = {check("--select", "CEL", "--format", "json", ".", "--jobs", jobs).stdout for jobs in ("1", "2", "2")}
    assert len(runs) == 1
    codes = [finding["code"] for finding in json.loads(runs.pop())["findings"]]
    assert sorted(codes) == ["CEL001", "CEL001", "CEL002"]


def test_a_notebook(check: Process, notebook: Path) -> None:
    assert check("nb.ipynb").stdout.startswith("nb.ipynb:cell 3:2:24: CEL001 ")


def test_full_shows_both_ends(check: Process) -> None:
    output = check("--format", "full", "train.py").stdout
    assert " |         return F.softmax(self.fc(x), dim=1)\n" in output
    assert " |     return criterion(output, y)\n" in output


def test_what_is_wrong_with_one_file_costs_that_file_only(check: Process, project: Path) -> None:
    (project / "syntax.py").write_text("import torch\nfrom torch.nn import CrossEntropyLoss\ndef f(:\n")
    (project / "bytes.py").write_bytes(b"import torch\nloss = CrossEntropyLoss  # \xff\n")
    (project / "nb.ipynb").write_text('{"cells": ["nn.CrossEntropyLoss()"')
    deep = " + ".join(["F.softmax(x)"] * 3000)
    (project / "deep.py").write_text(f"import torch.nn.functional as F\nloss = F.cross_entropy({deep}, y)\n")
    result = check("--select", "CEL0", ".")
    assert result.returncode == 3
    assert "train.py:11:22: CEL001" in places(result.stdout)
    assert "Traceback" not in result.stderr
    lines = result.stderr.splitlines()
    named = {line.split(":")[0] for line in lines}
    assert {"syntax.py", "bytes.py", "nb.ipynb"} <= named <= {"syntax.py", "bytes.py", "nb.ipynb", "deep.py"}
    assert all(line.split(":")[1].isdigit() for line in lines)


def test_noqa_holds_here_too(check: Process, project: Path) -> None:
    text = (project / "train.py").read_text()
    (project / "train.py").write_text(text.replace("criterion(output, y)", "criterion(output, y)  # noqa: CEL001"))
    result = check(".")
    assert (places(result.stdout), result.returncode) == ([], 0)


def test_noqa_counts_as_it_stands_in_the_buffer(check: Process, project: Path) -> None:
    saved = (project / "train.py").read_text()
    silenced = saved.replace("criterion(output, y)", "criterion(output, y)  # noqa: CEL001")
    assert places(check("-", "--stdin-filename", "train.py", stdin=silenced).stdout) == []
    (project / "train.py").write_text(silenced)
    assert places(check("-", "--stdin-filename", "train.py", stdin=saved).stdout) == ["train.py:11:22: CEL001"]
