"""`ce-lint check --fix`: what is written, what is said, and what is left alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ce_lint.cli.main import main

MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
"""
LOGITS = MODEL.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)")
TRAIN = """\
import torch
from torch import nn

from model import Net

criterion = nn.CrossEntropyLoss()
net = Net()
loss = criterion(net(torch.randn(2, 8)), torch.tensor([0, 1]))
"""
PREDICT = """\
import torch

from model import Net


def confident(x):
    return Net()(x).max(dim=1)[0] > 0.9
"""

Run = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a model that ends in softmax, and a script that trains it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "train.py").write_text(TRAIN)
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    """Run `ce-lint` with these arguments in the project."""

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="ce-lint")

    return invoke


def git(project: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=project, check=True, capture_output=True)


def test_a_safe_fix_is_made_in_the_other_file(run: Run, project: Path) -> None:
    result = run("check", "--fix", "train.py")
    assert (project / "model.py").read_text() == LOGITS
    assert (project / "train.py").read_text() == TRAIN
    assert result.exit_code == 0
    assert "fixed: train.py:8: CEL001 Return logits from Net: model.py" in result.stderr
    assert "1 loss call: 1 right" in result.stdout


def test_without_the_option_nothing_is_written(run: Run, project: Path) -> None:
    result = run("check", "--unsafe-fixes", "--format", "full")
    assert result.exit_code == 1
    assert "the finding can be fixed with --fix" in result.stdout
    assert (project / "model.py").read_text() == MODEL


def test_an_unsafe_fix_waits_to_be_asked_for(run: Run, project: Path) -> None:
    (project / "predict.py").write_text(PREDICT)
    result = run("check", "--fix")
    assert result.exit_code == 1
    assert (project / "model.py").read_text() == MODEL
    assert "1 more can be fixed with --unsafe-fixes" in result.stderr
    result = run("check", "--fix", "--unsafe-fixes")
    assert result.exit_code == 0, result.output
    assert "Return logits from Net (softmax put back at 1 place)" in result.stderr
    assert (project / "model.py").read_text() == LOGITS
    assert "Net()(x).softmax(dim=1).max(dim=1)[0] > 0.9" in (project / "predict.py").read_text()


def test_a_second_run_has_nothing_to_do(run: Run, project: Path) -> None:
    (project / "predict.py").write_text(PREDICT)
    run("check", "--fix", "--unsafe-fixes")
    before = {path: path.read_bytes() for path in project.iterdir()}
    result = run("check", "--fix", "--unsafe-fixes")
    assert "fixed" not in result.stderr
    assert {path: path.read_bytes() for path in project.iterdir()} == before


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "mark"])
def test_bytes_outside_the_edit_stay(run: Run, project: Path, line_end: str, mark: bytes) -> None:
    def written(text: str) -> bytes:
        return mark + f"# \N{ROCKET} räum\tauf\n{text}".replace("\n", line_end).encode()

    (project / "model.py").write_bytes(written(MODEL))
    run("check", "--fix")
    assert (project / "model.py").read_bytes() == written(LOGITS)


def test_a_notebook_keeps_all_but_the_line(run: Run, project: Path) -> None:
    def notebook(model: str) -> str:
        cells = [
            {"cell_type": "markdown", "id": "a", "metadata": {"z": 1, "a": 2}, "source": ["# \u00fcber"]},
            {
                "cell_type": "code",
                "execution_count": 7,
                "metadata": {"tags": ["keep"]},
                "outputs": [{"name": "stdout", "output_type": "stream", "text": ["softmax\n"]}],
                "source": model.splitlines(keepends=True),
            },
            {
                "cell_type": "code",
                "outputs": [],
                "source": TRAIN.replace("from model import Net\n", ""),
                "metadata": {},
            },
        ]
        return json.dumps({"nbformat_minor": 5, "nbformat": 4, "metadata": {"b": 1, "a": 2}, "cells": cells}, indent=3)

    (project / "train.py").unlink()
    (project / "model.py").unlink()
    (project / "study.ipynb").write_text(notebook(MODEL), newline="")
    result = run("check", "--fix")
    assert result.exit_code == 0, result.output
    assert (project / "study.ipynb").read_text() == notebook(LOGITS)


def test_a_patch_is_printed_that_git_applies(run: Run, project: Path) -> None:
    (project / "a b").mkdir()
    (project / "a b" / "predict.py").write_bytes(PREDICT.rstrip("\n").replace("\n", "\r\n").encode())
    git(project, "init", "-q")
    result = run("check", "--diff-fixes", "--unsafe-fixes")
    assert result.exit_code == 1
    assert (project / "model.py").read_text() == MODEL
    assert "to fix: train.py:8: CEL001 Return logits from Net (softmax put back at 1 place)" in result.stderr
    (project / "fixes.patch").write_bytes(result.stdout_bytes)
    git(project, "apply", "fixes.patch")
    assert (project / "model.py").read_text() == LOGITS
    assert run("check", "--diff-fixes").stdout == ""


def test_beside_a_patch_the_files_that_were_not_analysed_are_named(run: Run, project: Path) -> None:
    (project / "broken.py").write_text("from torch import nn\n\nnn.CrossEntropyLoss(\n")
    result = run("check", "--diff-fixes")
    assert result.exit_code == 3
    assert "broken.py:3: cannot be parsed" in result.stderr
    assert result.stdout.startswith("--- a/model.py")


def test_what_is_known_is_not_touched(run: Run, project: Path) -> None:
    run("check", "--write-baseline", "known.json")
    assert run("check", "--fix", "--baseline", "known.json").exit_code == 0
    assert (project / "model.py").read_text() == MODEL


def test_what_is_taken_back_is_not_touched(run: Run, project: Path) -> None:
    (project / "train.py").write_text(TRAIN.replace("[0, 1]))", "[0, 1]))  # noqa: CEL001"))
    assert run("check", "--fix").exit_code == 0
    assert (project / "model.py").read_text() == MODEL


def test_what_did_not_change_is_not_touched(run: Run, project: Path) -> None:
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all")
    other = MODEL.replace("class Net", "class Other")
    (project / "new.py").write_text(other + "\n\nnn.CrossEntropyLoss()(Other()(x), y)\n")
    result = run("check", "--fix", "--diff", "main")
    assert result.exit_code == 0, result.output
    assert (project / "model.py").read_text() == MODEL
    assert "F.softmax" not in (project / "new.py").read_text()


def test_a_file_that_cannot_be_written_is_named_and_no_other_one_is_written(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "predict.py").write_text(PREDICT)
    replace = Path.replace

    def failing(path: Path, target: Path) -> Path:
        if target.name == "predict.py":
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    result = run("check", "--fix", "--unsafe-fixes")
    assert "predict.py: cannot be written: no space left on device" in result.stderr
    assert "fixed" not in result.stderr
    assert (project / "model.py").read_text() == MODEL
    assert (project / "predict.py").read_text() == PREDICT
    assert sorted(path.name for path in project.iterdir()) == ["model.py", "predict.py", "pyproject.toml", "train.py"]
    assert result.exit_code == 1


def test_a_link_stays_a_link_and_the_mode_stays(run: Run, project: Path) -> None:
    (project / "real").mkdir()
    (project / "real" / "net.txt").write_text(MODEL)
    (project / "real" / "net.txt").chmod(0o750)
    (project / "model.py").unlink()
    (project / "model.py").symlink_to(project / "real" / "net.txt")
    run("check", "--fix")
    assert (project / "model.py").is_symlink()
    assert (project / "real" / "net.txt").read_text() == LOGITS
    assert (project / "real" / "net.txt").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("-", "--fix"), "not in standard input"),
        (("--stdin-filename", "model.py", "--diff-fixes"), "not in standard input"),
        (("--fix", "--diff-fixes"), "exclude each other"),
        (("--fix", "--write-baseline", "b.json"), "no fixes"),
        (("--diff-fixes", "--format", "json"), "prints a patch"),
        (("--diff-fixes", "-o", "fixes.patch"), "prints a patch"),
        (("--diff-fixes", "--statistics"), "prints a patch"),
    ],
)
def test_what_cannot_be_meant(run: Run, project: Path, arguments: tuple[str, ...], reason: str) -> None:
    result = run("check", *arguments, stdin=MODEL)
    assert result.exit_code == 2
    assert reason in result.stderr
    assert (project / "model.py").read_text() == MODEL


def test_documents_stay_documents(run: Run, project: Path) -> None:
    (project / "other.py").write_text("from torch import nn\nimport model\nnn.BCELoss()(model.Net()(x), y)\n")
    result = run("check", "--fix", "--format", "json")
    document = json.loads(result.stdout)
    assert [finding["fix"]["applicability"] for finding in document["findings"]] == ["unsafe"]


def test_what_is_left_to_the_user_is_named(run: Run, project: Path) -> None:
    (project / "keep.py").write_text("from model import Net\n\nkept.scores = Net()(x)\n")
    result = run("check", "--fix", "--unsafe-fixes")
    assert "Return logits from Net (1 use not understood): model.py\n  to check: keep.py:3: " in result.stderr
    (project / "model.py").write_text(MODEL)
    assert "  to check: keep.py:3: " in run("check", "--format", "full").stdout
    (finding,) = json.loads(run("check", "--format", "json").stdout)["findings"]
    assert [(step["path"], step["line"]) for step in finding["fix"]["to_check"]] == [("keep.py", 3)]


def test_a_patch_of_files_around_says_where_it_applies(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "scripts").mkdir()
    monkeypatch.chdir(project / "scripts")
    result = run("check", "--diff-fixes", "../train.py")
    assert f"the patch applies in {project}" in result.stderr
    (project / "fixes.patch").write_bytes(result.stdout_bytes)
    git(project, "init", "-q")
    git(project, "apply", "fixes.patch")
    assert (project / "model.py").read_text() == LOGITS


def test_a_file_that_cannot_be_parsed_may_use_the_values(run: Run, project: Path) -> None:
    (project / "broken.py").write_text("from model import Net\n\ndef sure(x)\n    return Net()(x) > 0.5\n")
    result = run("check", "--fix", "train.py")
    assert (project / "model.py").read_text() == MODEL
    assert "1 more can be fixed with --unsafe-fixes" in result.stderr
    result = run("check", "--fix", "--unsafe-fixes", "train.py")
    assert "  to check: broken.py:3: names Net, and cannot be parsed" in result.stderr


def test_a_report_does_not_wait_for_all_fixes(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ce_lint.cli.fixing.FINDINGS", 0)
    result = run("check", "--format", "json")
    document = json.loads(result.stdout)
    assert [finding["fix"] for finding in document["findings"]] == [None]
    assert document["notes"] == ["only the first 0 of 1 findings say how to fix them: --fix looks at all"]


@pytest.mark.parametrize(
    ("end", "lines", "is_fixed"), [("\n", 2_501, False), ("\r", 2_501, False), ("\r\n", 2_400, True)]
)
def test_a_report_does_not_wait_for_a_long_file(run: Run, project: Path, end: str, lines: int, is_fixed: bool) -> None:
    (project / "model.py").write_text(MODEL + lines * "\n", newline=end)
    document = json.loads(run("check", "--format", "json").stdout)
    assert [finding["fix"] is not None for finding in document["findings"]] == [is_fixed]
