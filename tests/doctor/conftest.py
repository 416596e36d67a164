"""Small projects, the surroundings that a doctor sees in them, and other environments of Python."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import shutil
import sys
import venv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from ce_lint.doctor.records import Check, Surroundings, Verdict

Area = Callable[[Surroundings], Iterator[Check]]
Environment = Callable[..., Path]

BIN = "Scripts" if sys.platform == "win32" else "bin"
FLAKE8 = ("flake8", "mccabe", "pycodestyle", "pyflakes")


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """An empty project in the current folder, seen from this environment, which comes first on PATH."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").touch()
    monkeypatch.chdir(root)
    interpreter = Path(sys.executable)
    environment = {**os.environ, "PATH": os.pathsep.join([str(interpreter.parent), os.environ["PATH"]])}
    return Surroundings(root, interpreter, sys.version_info[:2], environment)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Make an environment with some of the distributions that are installed here, and return its interpreter."""
    made: dict[tuple[str, ...], Path] = {}

    def make(*distributions: str) -> Path:
        if distributions not in made:
            folder = tmp_path_factory.mktemp("environment")
            venv.create(folder, with_pip=False, symlinks=sys.platform != "win32")
            interpreter = folder / BIN / Path(sys.executable).name
            packages = next(folder.rglob("site-packages"))
            for name in distributions:
                install(name, packages, interpreter)
            made[distributions] = interpreter
        return made[distributions]

    return make


def install(name: str, packages: Path, interpreter: Path) -> None:
    """Copy what this environment has of a distribution: its files, and its scripts as pip writes them."""
    distribution = importlib.metadata.distribution(name)
    for file in distribution.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), target)
    for script in distribution.entry_points.select(group="console_scripts"):
        if sys.platform != "win32":
            path = interpreter.parent / script.name
            path.write_text(
                f"#!{interpreter}\nimport sys\nfrom {script.module} import {script.attr}\nsys.exit({script.attr}())\n"
            )
            path.chmod(0o755)


def on_path(surroundings: Surroundings, folder: Path) -> Surroundings:
    """Put a folder in front of all others."""
    path = os.pathsep.join([str(folder), surroundings.environment["PATH"]])
    return dataclasses.replace(surroundings, environment={**surroundings.environment, "PATH": path})


def verdicts(checks: Iterable[Check]) -> dict[str, Verdict]:
    """Verdicts by the names of the checks."""
    return {check.name: check.verdict for check in checks}


def the(name: str, checks: Iterable[Check]) -> Check:
    """The one check of a name."""
    (found,) = [check for check in checks if check.name == name]
    return found
