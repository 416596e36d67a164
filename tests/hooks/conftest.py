"""Repositories under real pre-commit and prek; the hooks come from a repository made of this checkout's files."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PUBLISHED = ("ce_lint", "pyproject.toml", "README.md", ".pre-commit-hooks.yaml")
"""What the build needs: nothing else is in the hook repository."""
RELEASE, NEXT_RELEASE = "v0.1.0", "v0.2.0"
TOOLS = ("pre-commit", "prek")

# Run from within a hook, git and the tools tell their children so; their answers are about that repository then.
_OF_AN_OUTER_RUN = ("GIT_", "PRE_COMMIT", "PREK_", "SKIP")

MODEL = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        return self.fc(x)
"""
TRAIN = """\
from torch import nn

from model import Net

net = Net()
criterion = nn.CrossEntropyLoss()


def step(x, y):
    return criterion(net(x), y)
"""
OLD_MISTAKE = """\
import torch.nn.functional as F


def step(x, y):
    return F.cross_entropy(F.softmax(x, dim=1), y)
"""
CELLS = (
    "from torch import nn",
    "net, criterion = nn.Linear(4, 3), nn.CrossEntropyLoss()",
    "loss = criterion(net(x), y)",
)


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed on both channels."""

    status: int
    output: str


@dataclass(frozen=True)
class Repository:
    """A git repository, the tool that keeps its hooks, and the environment both run in."""

    path: Path
    tool: str
    hooks_from: Path
    environment: Mapping[str, str] = field(repr=False)

    def run(self, *command: str, folder: Path | None = None) -> Ran:
        done = subprocess.run(
            command,
            cwd=folder or self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def git(self, *arguments: str) -> str:
        done = self.run("git", *arguments)
        assert done.status == 0, done.output
        return done.output

    def hooks(self, *arguments: str, folder: Path | None = None) -> Ran:
        return self.run(self.tool, *arguments, folder=folder)

    def install(self) -> None:
        done = self.hooks("install", "--hook-type", "pre-commit", "--hook-type", "pre-push")
        assert done.status == 0, done.output

    def write(self, name: str, text: str) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")

    def edit(self, name: str, old: str, new: str) -> None:
        """Change one passage of a file."""
        text = (self.path / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.write(name, text.replace(old, new))

    def configure(self, *hooks: Mapping[str, object], hooks_from: Path | None = None, folder: str = ".") -> None:
        """Write a configuration with these hooks of a hook repository (default: ours)."""
        lines = ["repos:", f"  - repo: {json.dumps(str(hooks_from or self.hooks_from))}", f"    rev: {RELEASE}"]
        lines += ["    hooks:", *(f"      - {json.dumps(hook)}" for hook in hooks)]
        self.write(f"{folder}/.pre-commit-config.yaml", "\n".join(lines) + "\n")

    def commit_unchecked(self) -> None:
        """Take all that is there as what was always there."""
        self.git("add", ".")
        self.git("commit", "--no-verify", "--message=before")

    def commit(self, *names: str) -> Ran:
        """Stage these files, and commit what is staged."""
        self.git("add", "--", *names)
        return self.run("git", "commit", "--message=change")

    def edit_and_commit(self, name: str, old: str, new: str) -> Ran:
        self.edit(name, old, new)
        return self.commit(name)

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")


def _notebook(cells: Iterable[str]) -> str:
    """A notebook as Jupyter writes it."""
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    content = [{**code, "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": content, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1) + "\n"


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """This environment, but for what the user told git, and with caches of hooks that all tests share."""
    if shutil.which("git") is None:
        pytest.skip("git is missing")
    home = tmp_path_factory.mktemp("home")
    (home / "ignored").touch()
    settings = (
        "[user]\nname = A\nemail = a@example.org\n"
        "[init]\ndefaultBranch = main\n"
        f"[core]\nautocrlf = false\nexcludesFile = {json.dumps((home / 'ignored').as_posix())}\n"
    )
    (home / "gitconfig").write_text(settings, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OF_AN_OUTER_RUN)}
    programs = str(Path(sys.executable).parent)
    return {
        **_index_for_uv(kept),
        **kept,
        "PATH": os.pathsep.join([programs, kept.get("PATH", os.defpath)]),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PREK_HOME": str(home / "prek"),
        "PRE_COMMIT_COLOR": "never",
        "PREK_COLOR": "never",
    }


def _index_for_uv(environment: Mapping[str, str]) -> dict[str, str]:
    """Where packages come from: pip is told by its own configuration, which prek's uv does not read."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
    found = [ast.literal_eval(value) for value in re.findall(r"^\w+\.index-url=(.+)$", listed, re.MULTILINE)]
    index = environment.get("PIP_INDEX_URL", found[-1] if found else None)
    return {"UV_DEFAULT_INDEX": index} if index else {}


def _publish(folder: Path, tags: Iterable[str], environment: Mapping[str, str]) -> None:
    commands = [["init"], ["add", "."]]
    for tag in tags:
        commands += [["commit", "--allow-empty", f"--message={tag}"], ["tag", tag]]
    for command in commands:
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture(scope="session")
def hook_repository(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """What a user's configuration names: this project, published at two tags."""
    folder = tmp_path_factory.mktemp("published") / "ce-lint"
    folder.mkdir()
    for name in PUBLISHED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    _publish(folder, (RELEASE, NEXT_RELEASE), environment)
    return folder


@pytest.fixture(scope="session")
def flake8_repository(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """A stand-in for flake8's own hook repository: the keys of its manifest, and a package that brings flake8."""
    folder = tmp_path_factory.mktemp("flake8")
    manifest = "- {id: flake8, name: flake8, entry: flake8, language: python, types: [python], require_serial: true}\n"
    (folder / ".pre-commit-hooks.yaml").write_text(manifest)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "brings-flake8"\nversion = "1"\ndependencies = ["flake8"]\n'
        "[tool.hatch.build.targets.wheel]\nbypass-selection = true\n"
    )
    _publish(folder, (RELEASE,), environment)
    return folder


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest, environment: dict[str, str]) -> str:
    """Each of the two programs that keep hooks."""
    name = str(request.param)
    if shutil.which(name, path=environment["PATH"]) is None:
        pytest.skip(f"{name} is missing")
    return name


@pytest.fixture
def repository(tmp_path: Path, tool: str, hook_repository: Path, environment: dict[str, str]) -> Repository:
    """A model, its training, a notebook and an old mistake that nobody touches, committed; ce-lint is the hook."""
    made = Repository(tmp_path / "repository", tool, hook_repository, environment)
    made.path.mkdir()
    made.git("init")
    made.write("model.py", MODEL)
    made.write("train.py", TRAIN)
    made.write("old.py", OLD_MISTAKE)
    made.write("study.ipynb", _notebook(CELLS))
    made.configure({"id": "ce-lint"})
    made.commit_unchecked()
    made.install()
    return made
