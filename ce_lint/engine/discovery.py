"""Which files a run looks at, and which project a file belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ce_lint.engine.configuration import UsageError
from ce_lint.findings import FileError
from ce_lint.source.paths import display_path

_SUFFIXES = (".py", ".ipynb")
_PROJECT_MARKS = ("pyproject.toml", "setup.cfg", "setup.py", ".git")
_VENV_MARK = "pyvenv.cfg"
_SKIPPED_FOLDERS = frozenset({
    # ruff's default, and what Python and Jupyter write themselves
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pants.d",
    ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "__pycache__",
    "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv", "CVS",
})  # fmt: skip


def discover(paths: Sequence[Path], exclude: Sequence[str] = ()) -> tuple[tuple[Path, ...], tuple[FileError, ...]]:
    """Return the Python files and notebooks below these paths, absolute and sorted, and what could not be read.

    A file that is named itself is always taken. Raise UsageError for a path that does not exist.
    """
    patterns = tuple(_pattern(text) for text in exclude)
    files: set[Path] = set()
    errors: set[FileError] = set()
    for path in paths:
        absolute = Path(os.path.abspath(path))
        if not absolute.exists():
            raise UsageError(f"{path}: no such file or folder")
        if not absolute.is_dir():
            files.add(absolute)
            continue
        for found in _walk(absolute, patterns):
            if isinstance(found, FileError):
                errors.add(found)
            else:
                files.add(found)
    return tuple(sorted(files, key=Path.as_posix)), tuple(sorted(errors))


def project_root(path: Path) -> Path:
    """Return the nearest folder at or above a path that marks a project, else the path's own folder."""
    absolute = Path(os.path.abspath(path))
    own = absolute if absolute.is_dir() else absolute.parent
    for folder in (own, *own.parents):
        if any(os.path.exists(folder / mark) for mark in _PROJECT_MARKS):
            return folder
    return own


def _walk(root: Path, patterns: Sequence[str]) -> Iterator[Path | FileError]:
    # A stack instead of recursion: a tree can be deeper than Python's stack.
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield _unreadable(folder, error)
            continue
        if folder != root and any(entry.name == _VENV_MARK for entry in entries):
            continue
        for entry in entries:
            path = folder / entry.name
            if _is_excluded(path, patterns):
                continue
            try:
                is_folder = entry.is_dir()
                is_file = entry.is_file()
            except OSError as error:
                # The only way to get here is a link that leads to itself, or into a folder that may not be read.
                if path.suffix in _SUFFIXES:
                    yield _unreadable(path, error)
                continue
            if is_file and path.suffix in _SUFFIXES:
                yield path
            elif is_folder and entry.is_symlink():
                # Not followed: what lies below the root is met under its own name, and a link that leads out of it
                # is, in projects that train models, most often a data set of a million files.
                if _leads_upwards(path):
                    yield FileError(display_path(path), 1, "link loop: leads to a folder that holds it")
            elif is_folder and entry.name not in _SKIPPED_FOLDERS:
                folders.append(path)


def _leads_upwards(link: Path) -> bool:
    return Path(os.path.realpath(link.parent)).is_relative_to(os.path.realpath(link))


def _is_excluded(path: Path, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path.as_posix() if "/" in pattern else path.name, pattern) for pattern in patterns)


def _pattern(text: str) -> str:
    text = text.rstrip("/")
    return Path(os.path.abspath(text)).as_posix() if "/" in text else text


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(display_path(path), 1, f"cannot be read: {(error.strerror or type(error).__name__).lower()}")
