"""Small projects, asked who uses the scores of their first flow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ce_lint.interpreter.sinks import Interpreter, merged
from ce_lint.knowledge.loader import load
from ce_lint.program.program import Program
from ce_lint.rules.registry import judge
from ce_lint.uses.find import uses_of
from ce_lint.uses.records import Use, Uses

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

NET = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
"""
)

TRAIN = (
    HEAD
    + """
from model import Net

def train(loader):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        out = net(x)
        loss = criterion(out, y)
        loss.backward()
"""
)


@dataclass(frozen=True)
class Asked:
    """The answer, as a test looks at it."""

    uses: Uses

    def told(self, name: str = "") -> list[tuple[str, str]]:
        """Kind and operand of each use, of one module or of all."""
        return [self.one(use) for use in self.uses.all if not name or use.path.stem == name]

    @staticmethod
    def one(use: Use) -> tuple[str, str]:
        return use.kind.value, f"{use.span.line}:{use.span.text}"


Ask = Callable[..., Asked]


def interpret(folder: Path, files: dict[str, str]) -> Interpreter:
    paths = []
    for name, text in files.items():
        path = folder / (name if "." in name else f"{name}.py")
        path.write_text(text)
        paths.append(path)
    return Interpreter(Program(folder, tuple(paths)), load())


def first_uses(interpreter: Interpreter) -> Uses:
    reports = [interpreter.report(candidate) for candidate in interpreter.candidates()]
    flows = [flow for report in reports for flow in merged(report) if judge(flow) is not None]
    assert len({flow.origin for flow in flows}) == 1, "not one origin"
    return uses_of(max(flows, key=lambda flow: Path(flow.sink.path).stem == "train"), interpreter)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    def asked(**texts: str) -> Asked:
        files = {"model": NET, "train": TRAIN} | {name: HEAD + text.removeprefix(HEAD) for name, text in texts.items()}
        return Asked(first_uses(interpret(tmp_path, files)))

    return asked
