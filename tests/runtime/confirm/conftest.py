"""Recipes, written as a program would spell them, and small projects whose model is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Finding
from ce_lint.ir.recipe import Act, Given, Known, Operation, Recipe

Do = Callable[..., Operation]
FindingIn = Callable[..., Finding]
WriteNet = Callable[..., Path]
MakeRecipe = Callable[..., Recipe]

NET = """\
import torch
import torch.nn.functional as F
from torch import nn
{head}

class Net(nn.Module):
    def __init__(self{parameters}):
        super().__init__()
        self.fc = nn.Linear({width}, 3)
        {constructor}

    def forward(self, x{inputs}):
        {forward}
        return F.softmax(self.fc(x), dim=1)
"""
TRAIN = """\
import torch
from torch import nn
from net import Net

model = Net({arguments})
criterion = nn.CrossEntropyLoss()


def step(x, y):
    return criterion(model(x{inputs}), y)
"""
PARTS = {
    "head": "", "parameters": "", "width": "8", "constructor": "pass", "inputs": "", "forward": "pass", "arguments": "",
}  # fmt: skip


def given(*positional: Known, **keywords: Known) -> tuple[Given, ...]:
    return (*(Given(one) for one in positional), *(Given(one, name) for name, one in keywords.items()))


@pytest.fixture
def do() -> Do:
    """An operation: `do("function torch.softmax", dim=1)`, `do("item", 0)`."""

    def make(spelling: str, *positional: Known, position: int = 0, **keywords: Known) -> Operation:
        act, _, name = spelling.partition(" ")
        return Operation(Act(act), name, given(*positional, **keywords), position)

    return make


@pytest.fixture
def recipe() -> MakeRecipe:
    """A recipe: its operations, and what its loss is called with."""

    def make(
        *operations: Operation,
        loss: str = "torch.nn.CrossEntropyLoss",
        layer: str = "",
        classes: int | None = None,
        before: tuple[Operation, ...] = (),
        **options: Known,
    ) -> Recipe:
        return Recipe(layer, classes, before, operations, loss, given(**options))

    return make


@pytest.fixture
def finding_in() -> FindingIn:
    """The only finding of a code in a project."""

    def find(project: Path, code: str = "CEL001") -> Finding:
        report = Session().check([project], Settings(select=("CEL",), ignore=("CEL901",), root=project, strict=True))
        (finding,) = [one for one in report.findings if one.code == code]
        return finding

    return find


@pytest.fixture
def write_net(tmp_path: Path) -> WriteNet:
    """A project of a network that ends in softmax and a step that trains it, parts of which are replaced."""

    def write(**parts: str) -> Path:
        project = tmp_path / "project"
        project.mkdir(exist_ok=True)
        filled = {**PARTS, **parts}
        (project / "net.py").write_text(NET.format(**filled))
        (project / "train.py").write_text(TRAIN.format(**filled))
        return project

    return write
