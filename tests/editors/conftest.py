"""The recipes of docs/editors.md, taken out of the page, and a project for editors to open."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "editors.md"

MODEL = """\
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
from torch import nn

from model import Net

net, criterion = Net(), nn.CrossEntropyLoss()


def step(x, y):
    return criterion(net(x), y)
"""

Recipe = Callable[..., str]
Program = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Project:
    """A model that ends in softmax, and what trains it; and an environment for the programs that open them."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def model(self) -> Path:
        return self.folder / "model.py"

    @property
    def train(self) -> Path:
        return self.folder / "train.py"

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(
        self, *command: str | Path, seconds: float = 120, folder: Path | None = None, **environment: str | Path
    ) -> str:
        """Run a command in the project, or in another folder; it has to end well. Return what it prints."""
        said = {name: str(value) for name, value in environment.items()}
        result = subprocess.run(
            [str(word) for word in command],
            cwd=folder or self.folder,
            env={**self.environment, **said},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert result.returncode == 0, result.stdout
        return result.stdout


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The project; the programs beside this Python come first on PATH, and no settings of the user count."""
    home, folder = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    folder.mkdir()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    homes = {name: str(home) for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    made = Project(folder, {**os.environ, **homes, "PATH": path})
    made.write("pyproject.toml", '[project]\nname = "project"\n')
    made.write("model.py", MODEL)
    made.write("train.py", TRAIN)
    return made


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """Give the block of a language in a section of the page; words in its first line tell several apart."""
    blocks: dict[tuple[str, str], list[str]] = {}
    section = ""
    is_heading = False
    for token in MarkdownIt().parse(PAGE.read_text(encoding="utf-8")):
        if is_heading:
            section = token.content
        elif token.type == "fence":
            blocks.setdefault((section, token.info), []).append(token.content)
        is_heading = token.type == "heading_open"

    def find(section: str, language: str, first_line: str = "") -> str:
        found = [text for text in blocks.get((section, language), []) if first_line in text.partition("\n")[0]]
        assert len(found) == 1, f"{len(found)} blocks of {language} in {section}"
        return found[0]

    return find


@pytest.fixture(scope="session")
def program() -> Program:
    """Give the path of a program, of a version at least; the test is skipped where there is none."""

    def find(name: str, package: str, at_least: tuple[int, ...] = ()) -> str:
        beside = Path(sys.executable).parent
        path = shutil.which(name, path=os.pathsep.join([str(beside), os.environ.get("PATH", os.defpath)]))
        if path is None:
            pytest.skip(f"{name} is not installed here ({package})")
        if at_least:
            printed = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            match = re.search(r"(\d+)\.(\d+)", printed)
            assert match is not None, printed
            if tuple(map(int, match.groups())) < at_least:
                pytest.skip(f"{name} is {match[0]}; the recipe is for {'.'.join(map(str, at_least))} and newer")
        return path

    return find
