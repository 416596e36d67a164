"""flake8's workers inherit one analysis of a project: it is made before the first of them is forked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MODEL = "import torch.nn.functional as F\n\n\ndef scores(x):\n    return F.softmax(x, dim=1)\n"
TRAIN = "from torch import nn\nfrom model import scores\n\nloss = nn.CrossEntropyLoss()(scores(x), y)\n"
PROGRAM = """\
import os, sys
from ce_lint.engine import inquiry
real = inquiry.analyse
def analyse(*arguments, **options):
    with open("analyses", "a") as file:
        file.write(f"{os.getpid() == parent}\\n")
    return real(*arguments, **options)
inquiry.analyse = analyse
parent = os.getpid()
from flake8.main.cli import main
sys.exit(main(["--isolated", "--select", "CEL", "--cel-no-cache", *sys.argv[1:]]))
"""


@pytest.mark.skipif(sys.platform != "linux" or sys.version_info >= (3, 14), reason="workers are not forked there")
def test_a_project_is_analysed_once_in_the_process_that_forks(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "model.py").write_text(MODEL)
    for number in range(12):
        (tmp_path / f"train_{number}.py").write_text(TRAIN)
    command = [sys.executable, "-c", PROGRAM, "--jobs", "2", "."]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = [line for line in ran.stdout.splitlines() if "train_" in line.partition(": CEL001")[0]]
    assert (len(found), ran.returncode) == (12, 1), ran.stderr
    assert (tmp_path / "analyses").read_text() == "True\n"
