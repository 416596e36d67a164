"""Copies of libraries, which can be changed, and changes that an author makes."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.records import MeasurementError, Setting

SEED = 6
CACHE = ".ce_lint_cache"
INSTALLED = "site-packages"


def copied(setting: Setting, name: str, only: Iterable[str] = ()) -> tuple[Path, ...]:
    """Copy the Python files of the libraries below a folder of this name; return the copies, in order.

    Each is a project of its own. Nothing but `.py` is copied, so that every program sees the same files.
    """
    if setting.libraries is None:
        raise MeasurementError("no --libraries")
    wanted = set(only)
    folders = sorted(path for path in setting.libraries.iterdir() if path.is_dir() and path.name[0] != ".")
    if missing := wanted - {path.name for path in folders}:
        raise MeasurementError(f"{setting.libraries} holds no {', '.join(sorted(missing))}")
    copies = [
        copy_of(folder, setting.scratch / name / folder.name)
        for folder in folders
        if not wanted or folder.name in wanted
    ]
    if not copies:
        raise MeasurementError(f"{setting.libraries} holds no folder")
    return tuple(copies)


def copy_of(library: Path, target: Path) -> Path:
    """Copy the Python files of a folder, but for what is installed in it."""
    for path in library.rglob("*.py"):
        if path.is_file() and INSTALLED not in path.relative_to(library).parts:
            copy = target / path.relative_to(library)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    target.mkdir(parents=True, exist_ok=True)
    (target / "pyproject.toml").write_text("", encoding="utf-8")
    return target


def python_files(folders: Iterable[Path]) -> list[Path]:
    """Return all their Python files, in order."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def size_of(folder: Path) -> int:
    """Return the bytes of its Python files."""
    return sum(path.stat().st_size for path in python_files([folder]))


def forget(folders: Iterable[Path]) -> None:
    """Remove the caches that ce-lint keeps in folders."""
    for folder in folders:
        for cache in list(folder.rglob(CACHE)):
            shutil.rmtree(cache)


def keeps_a_cache(folders: Iterable[Path]) -> bool:
    """Tell whether ce-lint has left a cache in one of the folders."""
    return any(True for folder in folders for _ in folder.rglob(CACHE))


@dataclass(frozen=True, slots=True)
class Change:
    """What an author does to a file."""

    name: str
    path: Path
    above: bytes = b""
    below: bytes = b""


@contextmanager
def changed(change: Change) -> Iterator[None]:
    """Make the change, and take it back."""
    before = change.path.read_bytes()
    change.path.write_bytes(change.above + before + change.below)
    try:
        yield
    finally:
        change.path.write_bytes(before)


def changes(files: list[Path], with_findings: list[Path], rounds: int, seed: int = SEED) -> list[Change]:
    """Choose files for each kind of change. All changes differ: what was seen once may be kept."""
    choice = random.Random(seed)  # noqa: S311 - nothing secret: the same files every time
    found: list[Change] = []
    for number in range(rounds):
        comment = f"# changed {number}\n".encode()
        function = f"\n\ndef added_{number}(x):\n    return x + {number}\n".encode()
        found.append(Change("a comment below", choice.choice(files), below=b"\n" + comment))
        found.append(Change("a function below", choice.choice(files), below=function))
        if with_findings:
            found.append(Change("a line above a finding", choice.choice(with_findings), above=comment))
    return found


def takes_a_line_above(path: Path) -> bool:
    """Tell whether the first lines of a file may move: an encoding holds only there."""
    return b"coding" not in b"".join(path.read_bytes().splitlines()[:2])
