"""One environment in which ce-lint, other plugins of flake8, ruff and nbQA are installed together, by pip."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
TORCHFIX = "torchfix==0.7.0"
"""The release that pins libcst below 1.6."""
INSTALLED = (str(CHECKOUT), "flake8", "flake8-bugbear", TORCHFIX, "ruff", "nbqa")

WITHOUT = """\
import importlib.metadata, sys
hidden = sys.argv.pop(1).split(",")
distributions = importlib.metadata.distributions
importlib.metadata.distributions = lambda: (one for one in distributions() if one.metadata["Name"] not in hidden)
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""flake8 where some packages are not installed, as far as it can see."""

Ran = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and how its programs are run in a folder."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def python(self, *arguments: str, cwd: Path) -> Ran:
        return self.run("python", *arguments, cwd=cwd)

    def run(self, program: str, *arguments: str, cwd: Path) -> Ran:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        path = os.pathsep.join([str(self.programs), kept.get("PATH", os.defpath)])
        command = [str(self.programs / program), *arguments]
        environment = {**kept, "PATH": path, "PYTHONUTF8": "1", "NO_COLOR": "1"}
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
        )

    def flake8(self, *arguments: str, cwd: Path, without: Iterable[str] = ()) -> Ran:
        return self.python("-c", WITHOUT, ",".join(without), "--isolated", *arguments, cwd=cwd)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Made once; pip has to find versions that suit all."""
    folder = tmp_path_factory.mktemp("coexistence")
    made = Environment(folder / "environment")
    subprocess.run([sys.executable, "-m", "venv", str(made.folder)], check=True, capture_output=True)
    installed = made.python("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *INSTALLED, cwd=folder)
    if "from versions: none" in installed.stderr:
        pytest.skip("no package index can be reached")
    assert installed.returncode == 0, installed.stderr
    return made
