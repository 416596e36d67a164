"""A project of any number of files: copies of five modules, of which one trains with what the others define.

The model, its head, the loss and the job lie in four folders, and values pass through all four: every second head ends
in softmax, so every second job holds a finding. Files are always named after their copy; what they define is either
named after it as well, or the same in all copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.made.images import IMAGES

AREA = 50
"""Copies whose files share their folders."""

_HEAD = """\
import torch.nn as nn
import torch.nn.functional as F


class Block{name}(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


def head{name}(x):
    return {result}
"""
_MODEL = """\
import torch.nn as nn

from area_{area}.heads.head_{copy} import Block{name}, head{name}
from common.shapes import flatten


class Net{name}(nn.Module):
    def __init__(self, width=64, classes=10):
        super().__init__()
        self.block = Block{name}(width)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        x = flatten(self.pool(self.block(x)))
        return head{name}(self.fc(self.drop(x)))
"""
_OBJECTIVE = """\
import torch.nn as nn


def make_objective{name}(smoothing=0.0):
    return nn.CrossEntropyLoss(label_smoothing=smoothing)
"""
_OWN_OBJECTIVE = """\
import torch.nn as nn


class Objective{name}:
    def __init__(self, smoothing=0.0):
        self.criterion = nn.CrossEntropyLoss(label_smoothing=smoothing)

    def __call__(self, out, labels):
        return self.criterion(out, labels)


def make_objective{name}(smoothing=0.0):
    return Objective{name}(smoothing)
"""
_DATA = (
    "import torch\nfrom torch.utils.data import DataLoader, Dataset\n\n\n"
    + IMAGES
    + """

def loader{name}(root, size=64):
    return DataLoader(Images{name}(root), batch_size=size, shuffle=True)
"""
)
_JOB = """\
from pathlib import Path

from torch import optim

from area_{area}.models.net_{copy} import Net{name}
from common.meters import Mean
from data.part_{area}.images_{copy} import loader{name}
from objectives.part_{area}.objective_{copy} import make_objective{name}


def train{name}(net, loader, objective, optimizer):
    mean = Mean()
    for images, labels in loader:
        optimizer.zero_grad()
        loss = objective(net(images), labels)
        loss.backward()
        optimizer.step()
        mean.add(loss.item())
    return mean


def main():
    net = Net{name}()
    optimizer = optim.Adam(net.parameters())
    for _ in range(10):
        train{name}(net, loader{name}(Path("data")), make_objective{name}(0.1), optimizer)


if __name__ == "__main__":
    main()
"""
_COPIED = {
    "area_{area}/heads/head_{copy}.py": _HEAD,
    "area_{area}/models/net_{copy}.py": _MODEL,
    "objectives/part_{area}/objective_{copy}.py": _OBJECTIVE,
    "data/part_{area}/images_{copy}.py": _DATA,
    "jobs/part_{area}/run_{copy}.py": _JOB,
}
_COMMON = {
    "common/shapes.py": "def flatten(x):\n    return x.view(x.size(0), -1)\n",
    "common/meters.py": "class Mean:\n    def __init__(self):\n        self.sum = self.number = 0\n\n"
    "    def add(self, value):\n        self.sum += value\n        self.number += 1\n",
}
_REST = "from pathlib import Path\n\n\ndef path_{number}(root):\n    return Path(root) / 'part_{number}'\n"


@dataclass(frozen=True, slots=True)
class Copies:
    """How many files, and whether every copy has names of its own."""

    files: int
    are_renamed: bool
    have_own_losses: bool = False
    """Whether the loss is called inside a class of the project, or by the job."""

    @property
    def number(self) -> int:
        """How many copies there are."""
        return (self.files - len(_COMMON)) // len(_COPIED)

    @property
    def findings(self) -> int:
        """How many there are to be found: one for each head that ends in softmax."""
        return (self.number + 1) // 2


def texts(copies: Copies) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file; those that are left over after the last copy hold nothing."""
    yield from _COMMON.items()
    for copy in range(copies.number):
        names = {
            "copy": str(copy),
            "area": str(copy // AREA),
            "name": f"_{copy}" if copies.are_renamed else "",
            "result": "x" if copy % 2 else "F.softmax(x, dim=1)",
        }
        for path, form in _COPIED.items():
            text = _OWN_OBJECTIVE if form is _OBJECTIVE and copies.have_own_losses else form
            yield path.format(**names), text.format(**names)
    for number in range(copies.files - len(_COMMON) - copies.number * len(_COPIED)):
        yield f"tools/path_{number}.py", _REST.format(number=number)


def write(root: Path, project: Iterator[tuple[str, str]]) -> Path:
    """Write a project."""
    root.mkdir(parents=True)
    (root / "pyproject.toml").write_text("", encoding="utf-8")
    folders: set[Path] = set()
    for name, text in project:
        path = root / name
        if path.parent not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(path.parent)
        path.write_text(text, encoding="utf-8")
    return root
