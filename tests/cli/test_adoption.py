"""Baselines and changed lines on the command line, with the real analysis and real repositories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
"""
RIGHT = MODEL.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)")
TRAIN = """\
from torch import nn
from model import Net


def fit(x, y):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    return criterion(net(x), y)
"""
AGAIN = "\n\ndef again(x, y):\n    return nn.CrossEntropyLoss()(Net()(x), y)\n"

Run = Callable[..., Result]
Git = Callable[..., str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a project with one finding."""
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    (root / "pyproject.toml").touch()
    (root / "model.py").write_text(MODEL)
    (root / "train.py").write_text(TRAIN)
    return root


@pytest.fixture
def run(project: Path) -> Run:
    """Run `ce-lint` in the project."""

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="ce-lint")

    return invoke


def lines(result: Result) -> list[str]:
    """Where something was reported."""
    return [line.split(" ")[0] for line in result.stdout.splitlines() if " CEL" in line]


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_write_and_report_what_is_new(run: Run, project: Path) -> None:
    written = run("check", "--write-baseline", "known.json")
    assert (written.exit_code, written.stdout) == (0, "")
    assert written.stderr == "known.json: 1 finding written, 0 dropped\n"
    known = run("check", "--baseline", "known.json")
    assert (known.exit_code, lines(known)) == (0, [])
    assert known.stdout == "1 loss call: 0 right, 0 reported, 1 set aside, 0 unresolved\n"
    assert known.stderr == "1 finding is in the baseline known.json\n"
    add(project / "train.py", AGAIN)
    new = run("check", "--baseline", "known.json")
    assert (new.exit_code, lines(new)) == (1, ["train.py:12:34:"])
    assert "1 reported, 1 set aside" in new.stdout


def test_writing_twice_changes_nothing(run: Run, project: Path) -> None:
    run("check", "--write-baseline", "known.json")
    before = (project / "known.json").read_bytes()
    assert before.endswith(b"}\n")
    again = run("check", "--write-baseline", "known.json")
    assert again.stderr == "known.json: 1 finding written, 0 dropped\n"
    assert (project / "known.json").read_bytes() == before
    assert sorted(path.name for path in project.iterdir()) == ["known.json", "model.py", "pyproject.toml", "train.py"]


def test_what_is_fixed_is_said_and_dropped_at_the_next_write(run: Run, project: Path) -> None:
    run("check", "--write-baseline", "known.json")
    (project / "model.py").write_text(RIGHT)
    fixed = run("check", "--baseline", "known.json")
    assert fixed.exit_code == 0
    note = "1 finding of the baseline known.json is no longer there: write it again to drop it\n"
    assert fixed.stderr == note
    assert run("check", "--write-baseline", "known.json").stderr == "known.json: 0 findings written, 1 dropped\n"
    assert json.loads((project / "known.json").read_text())["findings"] == []
    (project / "model.py").write_text(MODEL)
    assert run("check", "--baseline", "known.json").exit_code == 1


def test_a_part_of_the_files_keeps_the_rest_of_the_baseline(run: Run, project: Path) -> None:
    (project / "other.py").write_text(TRAIN)
    run("check", "--write-baseline", "known.json")
    add(project / "train.py", AGAIN)
    assert (
        run("check", "--write-baseline", "known.json", "train.py").stderr
        == "known.json: 3 findings written, 0 dropped\n"
    )
    (project / "other.py").unlink()
    assert (
        run("check", "--write-baseline", "known.json", "train.py").stderr
        == "known.json: 2 findings written, 1 dropped\n"
    )
    assert run("check", "--baseline", "known.json").exit_code == 0


def test_the_baseline_of_the_configuration(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nbaseline = "known.json"\n')
    missing = run("check")
    assert missing.exit_code == 2
    assert missing.stderr.startswith(f"Error: {project / 'known.json'}: there is no such baseline")
    assert missing.stderr.count("\n") == 1
    assert run("check", "--no-baseline").exit_code == 1
    assert run("check", "--write-baseline", "known.json").exit_code == 0
    assert [run("check").exit_code, run("check", "model.py").exit_code, run("check", "--no-baseline").exit_code] == [
        0,
        0,
        1,
    ]
    assert run("check", "--write-baseline", "known.json").stderr == "known.json: 1 finding written, 0 dropped\n"
    monkeypatch.chdir(project.parent)
    assert run("check", "project").exit_code == 0
    assert run("check", "-", "--stdin-filename", "project/train.py", stdin=TRAIN).exit_code == 0
    assert run("check", "-", "--stdin-filename", "project/train.py", stdin=TRAIN + AGAIN).exit_code == 1


def test_codes_that_are_off_have_a_baseline_too(run: Run, project: Path) -> None:
    (project / "train.py").write_text(TRAIN.replace("from model", "from elsewhere"))
    assert run("check", "--select", "CEL9").exit_code == 1
    run("check", "--select", "CEL9", "--write-baseline", "known.json")
    known = run("check", "--select", "CEL9", "--baseline", "known.json", "--show-unresolved")
    assert (known.exit_code, "1 unresolved" in known.stdout) == (0, True)
    assert "known.json" not in run("check", "--baseline", "known.json").stderr


def test_what_a_comment_takes_back_is_not_written(run: Run, project: Path) -> None:
    (project / "train.py").write_text(TRAIN.replace("(x), y)", "(x), y)  # noqa: CEL001"))
    assert run("check", "--write-baseline", "known.json").stderr == "known.json: 0 findings written, 0 dropped\n"


def test_a_file_that_cannot_be_analysed_keeps_its_entries(run: Run, project: Path) -> None:
    run("check", "--write-baseline", "known.json")
    (project / "train.py").write_text(TRAIN + "def (:\n")
    result = run("check", "--write-baseline", "known.json")
    assert result.exit_code == 3
    assert result.stderr.startswith("train.py:9: cannot be parsed")
    assert result.stderr.endswith("known.json: 1 finding written, 0 dropped\n")


def test_the_documents_have_the_notes(run: Run) -> None:
    run("check", "--write-baseline", "known.json")
    document = json.loads(run("check", "--baseline", "known.json", "--format", "json").stdout)
    assert document["findings"] == []
    assert document["loss_calls"]["set_aside"] == 1
    assert document["notes"] == ["1 finding is in the baseline known.json"]


WRONG = [
    (["--baseline", "nowhere.json"], "nowhere.json: there is no such baseline"),
    (["--baseline", "broken.json"], "broken.json: is no baseline: not valid JSON"),
    (["--baseline", "newer.json"], "newer.json: is a baseline of version 2"),
    (["--baseline", "."], "cannot be read: is a directory"),
    (["--write-baseline", "broken.json"], "broken.json: is no baseline: not valid JSON"),
    (["--write-baseline", "newer.json"], "newer.json: is a baseline of version 2"),
    (["--write-baseline", "."], "a file has a name"),
    (["--write-baseline", "no/known.json"], "no/known.json: cannot be written: there is no folder no"),
    (["--write-baseline", f"{'x' * 300}.json"], "cannot be written: file name too long"),
    (["--write-baseline", "new.json", "--baseline", "newer.json"], "it does not go with --baseline"),
    (["--write-baseline", "new.json", "--diff", "main"], "it does not go with --diff"),
    (["--write-baseline", "new.json", "--format", "json"], "--write-baseline gives no report"),
    (["--write-baseline", "new.json", "--statistics"], "--write-baseline gives no report"),
    (["--write-baseline", "new.json", "-"], "not for standard input"),
    (["--write-baseline", "new.json", "nowhere.py"], "nowhere.py: no such file or folder"),
    (["--baseline", "newer.json", "--no-baseline"], "--baseline and --no-baseline exclude each other"),
    (["--diff", "main"], "not a git repository"),
    (["--diff", "main", "nowhere.py"], "not a git repository"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_wrong_usage(run: Run, project: Path, arguments: list[str], message: str) -> None:
    (project / "broken.json").write_text('{"version": 1,')
    (project / "newer.json").write_text('{"version": 2, "tool": "ce-lint", "findings": []}')
    before = {path.name: path.read_bytes() for path in project.iterdir()}
    result = run("check", *arguments, stdin="")
    assert (result.exit_code, result.stdout) == (2, "")
    *_, error = result.stderr.splitlines()
    assert error.startswith("Error: ")
    assert message in error
    assert {path.name: path.read_bytes() for path in project.iterdir()} == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_written(run: Run, project: Path) -> None:
    (project / "closed").mkdir()
    (project / "closed" / "known.json").write_text('{"version": 1, "tool": "ce-lint", "findings": []}\n')
    (project / "closed").chmod(0o500)
    try:
        result = run("check", "--write-baseline", "closed/known.json")
    finally:
        (project / "closed").chmod(0o700)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].endswith("closed/known.json: cannot be written: permission denied")
    assert [path.name for path in (project / "closed").iterdir()] == ["known.json"]


@pytest.mark.slow
def test_flake8_knows_the_same(run: Run, project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nbaseline = "known.json"\n')
    run("check", "--write-baseline", "known.json")
    command = [sys.executable, "-m", "flake8", "--select", "CEL", "--isolated"]

    def flake8(*files: str, folder: Path = project) -> list[str]:
        done = subprocess.run([*command, *files], cwd=folder, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return [line.split(" ")[0] for line in done.stdout.splitlines()]

    assert flake8("train.py", "model.py") == []
    add(project / "train.py", "\n\n" + TRAIN.replace("fit", "again"))
    assert lines(run("check")) == ["train.py:18:22:"]
    # It sees one file at a time, and shows each its own end.
    assert flake8("train.py", "model.py") == ["model.py:11:16:", "train.py:18:22:"]
    assert flake8("project/train.py", folder=project.parent) == ["project/train.py:18:22:"]
    (project / "known.json").write_text("{}")
    assert flake8("train.py") == ["train.py:1:1:"]


@pytest.fixture
def git(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Git:
    """Run git in the project, which is a repository with one commit on `main` and a branch `feature` from there."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    (tmp_path / "gitconfig").write_text("[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def answer(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    answer("init", "--quiet")
    commit(answer)
    answer("switch", "--quiet", "--create", "feature")
    return answer


def commit(git: Git) -> str:
    git("add", "--all")
    git("commit", "--quiet", "--message", "a commit")
    return git("rev-parse", "--short=12", "HEAD")


@pytest.mark.usefixtures("git")
def test_an_old_finding_is_set_aside(run: Run) -> None:
    result = run("check", "--diff", "main")
    assert (result.exit_code, lines(result)) == (0, [])
    assert result.stdout == "1 loss call: 0 right, 0 reported, 1 set aside, 0 unresolved\n"
    assert result.stderr == "1 finding lies on no changed line\n"


@pytest.mark.parametrize("committed", [False, True])
def test_a_flow_is_reported_at_its_changed_end(run: Run, git: Git, project: Path, committed: bool) -> None:
    add(project / "train.py", "\n\n" + TRAIN.replace("fit", "again"))
    if committed:
        commit(git)
    assert lines(run("check", "--diff", "main")) == ["train.py:18:22:"]
    (project / "model.py").write_text(MODEL.replace("dim=1", "dim=-1"))
    both = run("check", "--diff", "main")
    assert (both.exit_code, lines(both)) == (1, ["model.py:11:16:", "train.py:18:22:"])


def test_a_step_between_the_ends_is_enough(run: Run, git: Git, project: Path) -> None:
    between = "def run(net, x):\n    out = net(x)\n    return out\n"
    imports = "from torch import nn\nfrom model import Net\nfrom between import run\n\n"
    train = f"{imports}nn.CrossEntropyLoss()(run(Net(), x), y)\n"
    (project / "between.py").write_text(between)
    (project / "train.py").write_text(train)
    commit(git)
    assert lines(run("check", "--diff", "HEAD")) == []
    (project / "between.py").write_text(between.replace("out = net(x)", "out = net(x)  # changed"))
    result = run("check", "--diff", "HEAD")
    assert lines(result) == ["between.py:2:11:"]
    assert "(model.py:11)" in result.stdout
    assert "(train.py:5)" in result.stdout


def test_only_the_files_asked_for_are_shown(run: Run, git: Git, project: Path) -> None:
    (project / "model.py").write_text(MODEL.replace("dim=1", "dim=-1"))
    assert lines(run("check", "--diff", "main", "train.py")) == ["train.py:8:22:"]
    assert lines(run("check", "--diff", "main", "model.py")) == ["model.py:11:16:"]


def test_a_new_file_and_a_notebook(run: Run, git: Git, project: Path) -> None:
    def notebook(*cells: str) -> str:
        found = [{"cell_type": "code", "metadata": {}, "source": cell.splitlines(keepends=True)} for cell in cells]
        return json.dumps({"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)

    setup = "from torch import nn\nfrom model import Net\nloss = nn.CrossEntropyLoss()(Net()(x), y)"
    (project / "study.ipynb").write_text(notebook(setup))
    (project / "new.py").write_text(TRAIN)
    assert lines(run("check", "--diff", "main")) == ["new.py:8:22:", "study.ipynb:cell"]
    commit(git)
    (project / "study.ipynb").write_text(
        notebook("print()", f"{setup}\nprint(loss)", "nn.CrossEntropyLoss()(Net()(x), y)")
    )
    result = run("check", "--diff", "HEAD")
    found = [line.partition(": CEL")[0] for line in result.stdout.splitlines() if ": CEL" in line]
    assert found == ["study.ipynb:cell 3:1:23"]


def test_undecided_calls_are_narrowed(run: Run, git: Git, project: Path) -> None:
    (project / "train.py").write_text(TRAIN.replace("from model", "from elsewhere"))
    commit(git)
    add(project / "train.py", AGAIN)
    result = run("check", "--diff", "HEAD", "--show-unresolved", "--select", "CEL9")
    assert lines(result) == ["train.py:12:12:"]
    assert result.stdout.count("train.py:") == 2
    assert "2 unresolved" in result.stdout


def test_standard_input(run: Run, git: Git, project: Path) -> None:
    add(project / "train.py", "# on disk\n")
    text = TRAIN + "\n\n" + TRAIN.replace("fit", "again")
    result = run("check", "-", "--stdin-filename", "train.py", "--diff", "main", stdin=text)
    assert lines(result) == ["train.py:18:22:"]
    assert run("check", "-", "--stdin-filename", "train.py", "--diff", "main", stdin=TRAIN).exit_code == 0


def test_both_a_baseline_and_a_revision(run: Run, git: Git, project: Path) -> None:
    add(project / "train.py", AGAIN)
    run("check", "--write-baseline", "known.json")
    add(project / "train.py", AGAIN.replace("again", "more"))
    result = run("check", "--baseline", "known.json", "--diff", "main")
    assert lines(result) == ["train.py:16:34:"]
    assert "1 reported, 2 set aside" in result.stdout


@pytest.mark.parametrize("base", ["nowhere", "-x", "--output=planted"])
def test_no_revision(run: Run, git: Git, project: Path, base: str) -> None:
    result = run("check", f"--diff={base}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: --diff {base}: no such revision in {project}\n"
    assert not (project / "planted").exists()


def test_a_folder_of_the_repository(run: Run, git: Git, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(project / "train.py", AGAIN)
    monkeypatch.chdir(project.parent)
    assert lines(run("check", "--diff", "main", "project")) == ["project/train.py:12:34:"]
    assert lines(run("check", "--diff", "main", "project/train.py")) == ["project/train.py:12:34:"]
    assert "not a git repository" in run("check", "--diff", "main", "project", "gitconfig").stderr


@pytest.mark.slow
@pytest.mark.torch
def test_confirm_leaves_out_what_is_known(run: Run) -> None:
    pytest.importorskip("torch")
    run("check", "--write-baseline", "known.json")
    assert run("confirm", "--baseline", "known.json").exit_code == 0
    assert run("confirm", "--no-baseline").exit_code == 1
