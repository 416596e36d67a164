"""Reports to render."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from ce_lint.cli.main import main
from ce_lint.findings import (
    Confidence,
    FileError,
    Finding,
    LossCalls,
    Place,
    Region,
    Report,
    Severity,
    TraceStep,
    Unresolved,
)
from ce_lint.report.formats import FORMATS

SOURCE = Place("model.py", 3, 16, 3, 35, text="F.softmax(x, dim=1)")
ARGUMENT = Place("train.py", 58, 22, 58, 28, text="output")
SINK = Place("train.py", 58, 12, 58, 32, text="criterion(output, y)")


@pytest.fixture
def across_files() -> Finding:
    return Finding(
        code="CEL001",
        name="softmax-before-cross-entropy",
        severity=Severity.ERROR,
        confidence=Confidence.DEFINITE,
        message="softmax output of Net (model.py:3) is the input of CrossEntropyLoss",
        message_at_source="this softmax output is the input of CrossEntropyLoss (train.py:58)",
        message_between="between both ends",
        argument=ARGUMENT,
        source=SOURCE,
        sink=SINK,
        trace=(TraceStep(SOURCE, "probabilities made here"), TraceStep(ARGUMENT, "softmaxed again here")),
        classes=10,
        fingerprint="f00d",
    )


@pytest.fixture
def in_notebook() -> Finding:
    source = Place("nb.ipynb", 1, 5, 1, 24, cell=4, raw=Region(31, 10, 31, 29), text="F.softmax(x, dim=1)")
    argument = Place("nb.ipynb", 2, 8, 2, 9, cell=4, raw=Region(32, 13, 32, 14), text="p")
    return Finding(
        code="CEL002",
        name="log-softmax-before-cross-entropy",
        severity=Severity.NOTE,
        confidence=Confidence.POSSIBLE,
        message="at the sink",
        message_at_source="at the source",
        message_between="between both ends",
        argument=argument,
        source=source,
        sink=argument,
    )


@pytest.fixture
def report(across_files: Finding, in_notebook: Finding) -> Report:
    return Report(
        findings=(in_notebook, across_files),
        unresolved=(Unresolved(Place("other.py", 7, 9, 7, 20), "F.nll_loss", "the model is a parameter"),),
        loss_calls=LossCalls(right=9, reported=2, unresolved=1),
        errors=(FileError("bad.py", 3, "cannot be parsed: unexpected indent"),),
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--schemas", type=Path, help="a folder with official schemas that the formats have to satisfy")


MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        x = self.fc(x); mark = "😀 ö"; return F.softmax(x, dim=1)
"""
TRAIN = """\
from torch import nn

from model import Net


def train(loader):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    for images, labels in loader:
        mark = "😀"; loss = criterion(net(images), labels)
        loss.backward()
"""
PLACES = """\
import torch
import torch.nn.functional as F


def several_lines(scores, labels):
    mark = "😀"; return F.cross_entropy(torch.softmax(
        scores,
        dim=1,
    ), labels)


def one(scores, labels):
    return F.binary_cross_entropy_with_logits(torch.sigmoid(scores), labels)


def the_same_again(scores, labels):
    return F.binary_cross_entropy_with_logits(torch.sigmoid(scores), labels)


def redundant(scores, labels):
    return F.cross_entropy(scores.log_softmax(1), labels)


def undecided(scores, labels):
    return F.cross_entropy(scores, labels)
"""
CELLS = [
    ("markdown", ["# A title"]),
    ("code", ["%matplotlib inline\n", "import torch.nn.functional as F\n", "from torch import nn"]),
    ("code", ["def head(x):\n", '\tmark = "😀"; return F.softmax(x, dim=1)']),
    ("code", 'logits = nn.Linear(4, 3)(x)\nmark = "\\\\ 😀"; loss = nn.CrossEntropyLoss()(head(logits), y)\n'),
    ("code", ["loss = F.cross_entropy(logits, y)\n", "def ("]),
]


def write_project(folder: Path) -> None:
    """Files that are hard to point into: CR LF, byte order mark, notebook, blanks and letters in a path."""
    cells = [{"cell_type": kind, "metadata": {}, "source": source} for kind, source in CELLS]
    contents = {
        "pyproject.toml": b"",
        "model.py": b"\xef\xbb\xbf" + MODEL.replace("\n", "\r\n").encode(),
        "train.py": TRAIN.encode(),
        "ein ordner/größe, 1.py": PLACES.encode(),
        "nb.ipynb": json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=1).encode(),
        "broken.py": b"import torch\n\nloss = F.cross_entropy(F.softmax(x), y\n",
    }
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)


@dataclass(frozen=True)
class Rendered:
    """The report on a project in every format, and the project."""

    project: Path
    documents: dict[str, str]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Check the project once, and write every format into its file."""
    project, out = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("out")
    write_project(project)
    flags = [part for name in FORMATS for part in ("--format", f"{name}:{out / name}")]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        result = CliRunner().invoke(main, ["check", "--select", "CEL", *flags])
    assert (result.exit_code, result.stdout) == (3, "")
    return Rendered(project, {name: (out / name).read_bytes().decode() for name in FORMATS})
