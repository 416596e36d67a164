"""A project in which every job calls the one Trainer, whose one loss call all models reach.

A job builds one of four models, by a name that the code does not decide, and hands it over. Every second model ends in
softmax, so every job hands over two that are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MODELS_OF_A_JOB = 4
MODELS_OF_A_FILE = 10
TRAINER = "engine/trainer.py"
MODELS = "zoo"

_MODELS = "import torch.nn as nn\nimport torch.nn.functional as F\n"
_MODEL = """

class Net{model}(nn.Module):
    def __init__(self, width=64, classes=10):
        super().__init__()
        self.features = nn.Linear(128, width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.head(F.relu(self.features(x)))
        return {result}
"""
_KEEPS_THEM = """\
class Trainer:
    def __init__(self, model, criterion, epochs):
        self.model = model
        self.criterion = criterion
        self.epochs = epochs

    def fit(self, loader):
        for _ in range(self.epochs):
            for x, y in loader:
                self.step(x, y)

    def step(self, x, y):
        out = self.model(x)
        loss = self.criterion(out, y)
        loss.backward()
"""
_IS_HANDED_THEM = """\
from torch import nn


class Trainer:
    def __init__(self, epochs):
        self.criterion = nn.CrossEntropyLoss()
        self.epochs = epochs

    def fit(self, model, loader):
        for _ in range(self.epochs):
            for x, y in loader:
                self.step(model, x, y)

    def step(self, model, x, y):
        out = model(x)
        loss = self.criterion(out, y)
        loss.backward()
"""
_JOB = """\
import sys

from torch import nn

from engine.trainer import Trainer
from zoo import data
{imports}

def build(name):
{choices}    raise ValueError(name)


trainer = {trainer}
{fit}
"""
_CHOICE = '    if name == "{model}":\n        return Net{model}()\n'


@dataclass(frozen=True, slots=True)
class OneTrainer:
    """How many jobs call it, and whether its constructor takes the model and the loss, or its `fit` the model."""

    calls: int
    keeps_them: bool

    @property
    def models(self) -> int:
        """How many models there are."""
        return self.calls * MODELS_OF_A_JOB

    @property
    def wrong(self) -> int:
        """How many of the models end in softmax."""
        return self.models // 2


def texts(project: OneTrainer) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file."""
    yield TRAINER, _KEEPS_THEM if project.keeps_them else _IS_HANDED_THEM
    yield f"{MODELS}/data.py", "def load(name):\n    return []\n"
    for first in range(0, project.models, MODELS_OF_A_FILE):
        models = range(first, min(first + MODELS_OF_A_FILE, project.models))
        yield _file_of(first), _MODELS + "".join(_MODEL.format(model=model, result=_result(model)) for model in models)
    for job in range(project.calls):
        models = range(job * MODELS_OF_A_JOB, (job + 1) * MODELS_OF_A_JOB)
        imported = "".join(f"from {_file_of(m).removesuffix('.py').replace('/', '.')} import Net{m}\n" for m in models)
        yield (
            f"jobs/job_{job}.py",
            _JOB.format(
                imports=imported,
                choices="".join(_CHOICE.format(model=model) for model in models),
                trainer="Trainer(build(sys.argv[1]), nn.CrossEntropyLoss(), 3)" if project.keeps_them else "Trainer(3)",
                fit='trainer.fit(data.load("x"))'
                if project.keeps_them
                else 'trainer.fit(build(sys.argv[1]), data.load("x"))',
            ),
        )


def _file_of(model: int) -> str:
    return f"{MODELS}/family_{model // MODELS_OF_A_FILE}.py"


def _result(model: int) -> str:
    return "F.softmax(x, dim=1)" if model % 2 else "x"
