"""Projects whose files change while a session lives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Report

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

net = Net()
criterion = nn.CrossEntropyLoss()
loss = criterion(net(x), y)
"""


def make_project(root: Path, model: str = MODEL) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").touch()
    (root / "model.py").write_text(model)
    (root / "train.py").write_text(TRAIN)
    return root


Found = list[tuple[str, int, str]]
Check = Callable[..., Found]


def found_in(report: Report) -> Found:
    return [(Path(one.argument.path).name, one.argument.line, one.code) for one in report.findings]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session that looks at the files again each time it is asked."""
    monkeypatch.setattr("ce_lint.engine.analyses.RESCAN_FACTOR", 0)
    return Session()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


@pytest.fixture
def check(session: Session) -> Check:
    def found(*paths: Path) -> Found:
        return found_in(session.check(paths, Settings(strict=True)))

    return found


@pytest.fixture
def check_text(session: Session) -> Check:
    def found(path: Path, text: str) -> Found:
        return found_in(session.check_text(path, text, Settings(strict=True)))

    return found


@pytest.fixture
def right() -> str:
    """The model without its softmax."""
    return RIGHT


@pytest.fixture
def make() -> Callable[..., Path]:
    return make_project
