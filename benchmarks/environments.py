"""Two environments with the same flake8, one of them with ce-lint."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.running import Command, run, say

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Environments:
    """Their folders."""

    plain: Path
    with_plugin: Path


def environments(folder: Path, project: Path = PROJECT) -> Environments:
    """Make what is not there yet. ce-lint is installed so that it is the code of this checkout, whenever it is run."""
    found = Environments(folder / "plain", folder / "plugin")
    if not flake8(found.with_plugin).exists():
        say("flake8: an environment with the plugin is made")
        _make(found.with_plugin, "--editable", str(project))
    if not flake8(found.plain).exists():
        version = run([flake8(found.with_plugin), "--version"], folder, statuses=(0,)).output.split()[0]
        say("flake8: an environment without the plugin is made")
        _make(found.plain, f"flake8=={version}")
    return found


def flake8(environment: Path) -> Path:
    """Return its flake8."""
    return environment / "bin" / "flake8"


def _make(environment: Path, *installed: str) -> None:
    environment.parent.mkdir(parents=True, exist_ok=True)
    run([sys.executable, "-m", "venv", environment], environment.parent, statuses=(0,))
    pip: Command = [environment / "bin" / "python", "-m", "pip", "install", "--quiet", *installed]
    run(pip, environment.parent, statuses=(0,))
