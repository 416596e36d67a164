"""`ce-lint check --timings`: the stages, the slowest files and the rules, measured in a real run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.softmax(x, dim=1)
"""
TRAIN = "from torch import nn\nfrom model import Net\n\nloss = nn.CrossEntropyLoss()(Net()(x), y)\n"


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ce_lint", "check", "--no-cache", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "model.py").write_text(MODEL)
    for number in range(7):
        (tmp_path / f"train_{number}.py").write_text(TRAIN * (number + 1))
    (tmp_path / "plain.py").write_text("import os\n")
    return tmp_path


def test_the_stages_add_up_and_the_slowest_files_are_named(project: Path) -> None:
    without, told = check(project), check(project, "--timings")
    assert (told.stdout, told.returncode) == (without.stdout, without.returncode)
    assert told.stdout.count("CEL001") == sum(range(1, 8))
    before, _, after = told.stderr.partition("slowest files:\n")
    total, *stages = [float(seconds) for seconds in re.findall(r"^ +([0-9.]+) s", before, re.MULTILINE)]
    assert len(stages) >= 6
    assert sum(stages) == pytest.approx(total, abs=0.001 * len(stages))
    files, _, outcomes = after.partition("loss calls, by what came of them:\n")
    named = re.findall(r"^ +([0-9.]+) s  (\w+\.py) \(", files, re.MULTILINE)
    assert len(named) == 5
    assert [float(seconds) for seconds, _ in named] == sorted((float(seconds) for seconds, _ in named), reverse=True)
    assert "plain.py" not in files
    assert re.match(r" +[0-9.]+ s  CEL001\n", outcomes)


def test_where_nothing_matters_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import os\n")
    told = check(tmp_path, "--timings")
    assert "no file had to be looked into" in told.stderr
    assert told.returncode == 0


def test_what_is_right_and_what_is_no_loss_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "from torch import nn\n\n\nclass Other:\n    def loss(self, x):\n        return x\n\n\n"
        "criterion = nn.CrossEntropyLoss()\nout = nn.Linear(3, 3)(x)\nvalue = criterion(out, y)\n"
        "class Own:\n    def __init__(self):\n        self.loss = nn.CrossEntropyLoss()\n\n\n"
        "other = Other().loss(out)\n"
    )
    told = check(tmp_path, "--timings").stderr
    assert "s  right\n" in told
    assert "s  no loss call, though it has the name of one\n" in told
