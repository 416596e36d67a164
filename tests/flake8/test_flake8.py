"""Whole flake8 runs: every way in which flake8 calls a plugin."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

Flake8 = Callable[..., "subprocess.CompletedProcess[str]"]

AT_SINK = "train.py:11:22: CEL001 "
AT_SOURCE = "model.py:11:16: CEL001 "


def starts(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The reported places and codes; the messages are the rules' affair."""
    assert result.stderr == ""
    return [" ".join(line.split(" ")[:2]) + " " for line in result.stdout.splitlines()]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_both_ends_are_reported_each_in_its_file(flake8: Flake8, jobs: str) -> None:
    result = flake8(f"-j{jobs}", "--select", "CEL", ".")
    assert result.returncode == 1
    assert starts(result) == sorted([f"./{AT_SOURCE}", f"./{AT_SINK}"])


def test_the_plugin_is_on_beside_the_others(flake8: Flake8, project: Path) -> None:
    (project / "train.py").write_text((project / "train.py").read_text() + "import os\n")
    assert {line.split()[1] for line in flake8("train.py").stdout.splitlines()} == {"CEL001", "E402", "E305", "F401"}


def test_one_file_is_enough(flake8: Flake8) -> None:
    assert starts(flake8("--select", "CEL", "train.py")) == [AT_SINK]
    assert starts(flake8("--select", "CEL", "model.py")) == [AT_SOURCE]


def test_each_message_names_the_other_end(flake8: Flake8) -> None:
    at_sink = flake8("--select", "CEL", "train.py").stdout
    at_source = flake8("--select", "CEL", "model.py").stdout
    assert "model.py:11" in at_sink.removeprefix(AT_SINK)
    assert "train.py:11" in at_source.removeprefix(AT_SOURCE)
    assert len(at_sink.splitlines()) == len(at_source.splitlines()) == 1


@pytest.mark.parametrize(
    ("report_at", "expected"),
    [
        ("sink", [f"./{AT_SINK}"]),
        ("source", [f"./{AT_SOURCE}"]),
        ("both", [f"./{AT_SOURCE}", f"./{AT_SINK}"]),
    ],
)
def test_report_at(flake8: Flake8, report_at: str, expected: list[str]) -> None:
    assert starts(flake8("--select", "CEL", "--cel-report-at", report_at, ".")) == expected


def test_the_options_may_stand_in_the_configuration(flake8: Flake8, project: Path) -> None:
    (project / ".flake8").write_text("[flake8]\nselect = CEL\ncel-report-at = source\ncel_root = .\n")
    assert starts(flake8(".")) == [f"./{AT_SOURCE}"]


def test_standard_input_stands_for_its_file(flake8: Flake8, project: Path) -> None:
    unsaved = (project / "train.py").read_text().replace("net = Net()", "\n\nnet = Net()")
    result = flake8("--select", "CEL", "--stdin-display-name", "train.py", "-", stdin=unsaved)
    assert starts(result) == ["train.py:13:22: CEL001 "]


def test_standard_input_may_be_a_file_that_does_not_exist(flake8: Flake8, project: Path) -> None:
    unsaved = (project / "train.py").read_text()
    result = flake8("--select", "CEL", "--stdin-display-name", "pkg/new.py", "-", stdin=unsaved)
    assert result.stderr == ""
    result = flake8("--select", "CEL", "--stdin-display-name", "new.py", "-", stdin=unsaved)
    assert starts(result) == ["new.py:11:22: CEL001 "]


def test_standard_input_without_a_name(flake8: Flake8, project: Path) -> None:
    result = flake8("--select", "CEL", "-", stdin=(project / "train.py").read_text())
    assert starts(result) == ["stdin:11:22: CEL001 "]


@pytest.mark.parametrize("comment", ["# noqa: CEL001", "# noqa", "# NoQA:CEL001,E501"])
def test_noqa(flake8: Flake8, project: Path, comment: str) -> None:
    text = (project / "train.py").read_text()
    (project / "train.py").write_text(text.replace("criterion(output, y)", f"criterion(output, y)  {comment}"))
    assert starts(flake8("--select", "CEL", "train.py")) == []


def test_noqa_of_another_code(flake8: Flake8, project: Path) -> None:
    text = (project / "train.py").read_text()
    (project / "train.py").write_text(text.replace("criterion(output, y)", "criterion(output, y)  # noqa: CEL002"))
    assert starts(flake8("--select", "CEL", "train.py")) == [AT_SINK]


def test_per_file_ignores(flake8: Flake8) -> None:
    assert starts(flake8("--select", "CEL", "--per-file-ignores", "model.py:CEL001", ".")) == [f"./{AT_SINK}"]
    assert starts(flake8("--select", "CEL", "--per-file-ignores", "*.py:CEL", ".")) == []


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--ignore", "E501"],
        ["--select", "CEL"],
        ["--select", "C"],
        ["--select", "E", "--extend-select", "CEL"],
        ["--extend-select", "CEL002", "--ignore", "CEL002"],
        ["--extend-select", "CEL002", "--extend-ignore", "CEL002"],
    ],
)
def test_codes_that_are_off_stay_off(flake8: Flake8, flags: list[str]) -> None:
    assert starts(flake8(*flags, "redundant.py")) == []


@pytest.mark.parametrize(
    "flags",
    [
        ["--extend-select", "CEL002"],
        ["--extend-select", "CEL002", "--ignore", "E501"],
        ["--select", "CEL002"],
        ["--select", "E,F,CEL0"],
        ["--extend-select", "CEL002", "--ignore", "CEL"],
    ],
)
def test_codes_that_are_off_can_be_asked_for(flake8: Flake8, flags: list[str]) -> None:
    assert starts(flake8(*flags, "redundant.py")) == ["redundant.py:5:28: CEL002 "]


def test_the_project_may_ask_for_them_in_its_own_file(flake8: Flake8, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nextend-select = ['CEL002']\n")
    assert starts(flake8("redundant.py")) == ["redundant.py:5:28: CEL002 "]


def raw_place(notebook: Path, text: str) -> str:
    """Where a text stands in the JSON."""
    lines = notebook.read_text().splitlines()
    return next(f"{number}:{line.index(text) + 1}" for number, line in enumerate(lines, start=1) if text in line)


def test_a_notebook(flake8: Flake8, notebook: Path) -> None:
    result = flake8("--select", "CEL", "--filename", "*.py,*.ipynb", "nb.ipynb", "train.py")
    place = raw_place(notebook, "p, y)")
    assert starts(result) == [f"nb.ipynb:{place}: CEL001 ", AT_SINK]
    assert f"nb.ipynb:{place}: CEL001 cell 3, line 2: " in result.stdout


def test_noqa_in_a_notebook(flake8: Flake8, notebook: Path) -> None:
    document = json.loads(notebook.read_text())
    document["cells"][2]["source"][1] += "  # noqa: CEL001"
    notebook.write_text(json.dumps(document, indent=1))
    assert starts(flake8("--select", "CEL", "--filename", "*.ipynb", "nb.ipynb")) == []


def test_a_notebook_whose_code_was_taken_out_already(flake8: Flake8, notebook: Path) -> None:
    """As nbQA and VS Code hand it over: the notebook's name, and Python."""
    document = json.loads(notebook.read_text())
    code = ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "code"]
    text = "\n\n".join(code).replace("%matplotlib inline", "pass") + "\n"
    result = flake8("--select", "CEL", "--stdin-display-name", "nb.ipynb", "-", stdin=text)
    assert starts(result) == ["nb.ipynb:5:24: CEL001 "]


CRASH = """
from ce_lint.engine import session
def crash(self, path, text, settings):
    if path.name == "model.py":
        raise RecursionError("too deep")
    return check_text(self, path, text, settings)
check_text, session.Session.check_text = session.Session.check_text, crash
"""


def test_a_crash_costs_one_file(flake8: Flake8) -> None:
    result = flake8("-j1", "--select", "CEL", ".", before=CRASH, strict=False)
    assert [line.split(" CEL001")[0] for line in result.stdout.splitlines()] == ["./train.py:11:22:"]
    assert result.stderr == "./model.py: ce-lint gave up: RecursionError: too deep\n"


def test_a_crash_is_seen_when_asked_for(flake8: Flake8) -> None:
    result = flake8("-j1", "--select", "CEL", ".", before=CRASH)
    assert result.returncode == 1
    assert "RecursionError: too deep" in result.stderr


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ndef f(:\n",
        "import torch\nx = '\udcff'\n",
        "",
        "\ufeffimport torch\n",
    ],
    ids=["syntax", "encoding", "empty", "mark"],
)
def test_a_file_that_cannot_be_analysed_costs_itself_only(flake8: Flake8, project: Path, text: str) -> None:
    (project / "odd.py").write_bytes(text.encode("utf-8", "surrogateescape"))
    result = flake8("--select", "CEL", ".", strict=False)
    assert "Traceback" not in result.stderr
    assert {line.split(":")[0] for line in result.stdout.splitlines()} == {"./model.py", "./train.py"}


def test_a_long_lived_process_sees_a_changed_file(project: Path) -> None:
    code = """
import pathlib
from flake8.main.cli import main
model = pathlib.Path("model.py")
main(["--select", "CEL", "train.py"])
print("--", flush=True)
model.write_text(model.read_text().replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)"))
main(["--select", "CEL", "train.py"])
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    before, after = result.stdout.split("--\n")
    assert before.startswith(AT_SINK)
    assert after == ""
