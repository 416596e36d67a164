"""The project that the pages speak of: the README's example, in a git repository, one commit ahead of origin/main."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MODEL = """\
# model.py
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
"""
TRAIN = """\
# train.py
from torch import nn
from model import Net

net, criterion = Net(), nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(net(x), y)
"""
CELLS = (
    ["# A notebook"],
    ["from torch import nn\n", "net = nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=1))"],
    ["%matplotlib inline\n", "criterion = nn.CrossEntropyLoss()"],
    ["for x, y in loader:\n", "    loss = criterion(net(x), y)"],
)


def notebook() -> str:
    cells = [
        {"cell_type": "markdown" if number == 0 else "code", "metadata": {}, "source": source}
        | ({} if number == 0 else {"execution_count": None, "outputs": []})
        for number, source in enumerate(CELLS)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1) + "\n"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="session")
def example_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    (folder / "src").mkdir()
    (folder / "pyproject.toml").touch()
    (folder / "model.py").write_text(MODEL.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)"))
    (folder / "train.py").write_text(TRAIN)
    git(folder, "init", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--message=Logits")
    git(folder, "update-ref", "refs/remotes/origin/main", "main")
    (folder / "model.py").write_text(MODEL)
    (folder / "analysis.ipynb").write_text(notebook())
    git(folder, "add", ".")
    git(folder, "commit", "--message=Softmax")
    return folder


@pytest.fixture
def project(example_repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a copy of that repository, where the programs of this environment come first on PATH."""
    folder = tmp_path / "project"
    shutil.copytree(example_repository, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    return folder
