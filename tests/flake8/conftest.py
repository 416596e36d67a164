"""Small projects, and real flake8 processes that lint them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Flake8 = Callable[..., "subprocess.CompletedProcess[str]"]

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

TRAIN = """\
from torch import nn

from model import Net

net = Net()
criterion = nn.CrossEntropyLoss()


def step(x, y):
    output = net(x)
    return criterion(output, y)
"""

LOG_SOFTMAX = """\
import torch.nn.functional as F


def step(x, y):
    return F.cross_entropy(F.log_softmax(x, dim=1), y)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A model in one file, its loss in another, and a redundant log-softmax in a third."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "redundant.py").write_text(LOG_SOFTMAX)
    return tmp_path


@pytest.fixture
def notebook(project: Path) -> Path:
    """The same in a notebook, written as Jupyter writes it: a line of source, a line of JSON."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Wrong\n", "on purpose"]},
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": ["%matplotlib inline\n", "import torch.nn.functional as F"],
        },
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": ["p = F.softmax(x, dim=1)\n", "loss = F.cross_entropy(p, y)"],
        },
    ]
    path = project / "nb.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n")
    return path


@pytest.fixture
def flake8(project: Path) -> Flake8:
    """Run flake8 in the project, with nothing but our codes unless a test says otherwise."""

    def run(
        *arguments: str, stdin: str | None = None, before: str = "", strict: bool = True
    ) -> subprocess.CompletedProcess[str]:
        code = f"import sys\n{before}\nfrom flake8.main.cli import main\nsys.exit(main(sys.argv[1:]))"
        flags = ["--cel-strict"] if strict else []
        return subprocess.run(
            [sys.executable, "-c", code, *flags, *arguments],
            cwd=project, input=stdin, env={**os.environ, "PYTHONWARNINGS": ""}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    return run
