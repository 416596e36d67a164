"""Which files a run looks at, and which project a file belongs to."""

from __future__ import annotations

import os
from collections.abc import Collection, Container, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.globs import Globs, anchored
from ce_lint.engine.configuration.pyproject import FILE_NAME, Configuration
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.engine.ignored import MARK, NOTHING, ignored_below
from ce_lint.findings import FileError
from ce_lint.source.paths import display_path

SUFFIXES = (".py", ".ipynb")
"""Of the files that are looked for in folders."""
_PROJECT_MARKS = (FILE_NAME, "setup.cfg", "setup.py", MARK)
_VENV_MARK = "pyvenv.cfg"
_SKIPPED_FOLDERS = frozenset({
    # ruff's default, and what Python and Jupyter write themselves
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pants.d",
    ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "__pycache__",
    "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv", "CVS",
})  # fmt: skip

_NOTHING_ASKED = Settings()


def discover(
    paths: Sequence[Path], asked: Settings = _NOTHING_ASKED, laid: Collection[Path] = ()
) -> tuple[tuple[Path, ...], tuple[FileError, ...]]:
    """Return the Python files and notebooks below these paths, absolute and sorted, and what could not be read.

    A path that is named itself is always taken, unless `force_exclude` is asked for. Of `laid`, files whose text
    somebody holds, those count that are not on disk, too. Raise UsageError for a path that does not exist, and where
    a configuration on the way cannot be meant.
    """
    choices = Choices(asked)
    files: set[Path] = set()
    errors: set[FileError] = set()
    left_out = _LeftOut(choices)
    for path in paths:
        absolute = Path(os.path.abspath(path))
        if not absolute.exists() and absolute not in laid:
            raise UsageError(f"{path}: no such file or folder")
        if asked.force_exclude and left_out.covers(absolute):
            continue
        if not absolute.is_dir():
            files.add(absolute)
            continue
        for found in _walk(absolute, choices):
            if isinstance(found, FileError):
                errors.add(found)
            else:
                files.add(found)
        files |= laid_below(absolute, laid, asked)
    return tuple(sorted(files, key=Path.as_posix)), tuple(sorted(errors))


def laid_below(folder: Path, laid: Collection[Path], asked: Settings) -> set[Path]:
    """Return those of some files that are not on disk, and that a look through a folder would find if they were.

    What git would ignore if it were there is known of folders only: git is asked what there is.
    """
    missing = [one for one in laid if one.is_relative_to(folder) and not os.path.lexists(one)]
    if not missing:
        return set()
    choices = Choices(asked)
    ignored = ignored_below(folder) if choices.settings(folder).respect_gitignore else NOTHING
    return {one for one in missing if _would_be_found(one, folder, choices, ignored)}


def _would_be_found(path: Path, folder: Path, choices: Choices, ignored: Container[str]) -> bool:
    above = [one for one in path.parents if one.is_relative_to(folder) and one != folder]
    if path.suffix not in SUFFIXES or any(str(one) in ignored for one in above):
        return False
    if any(one.name in _SKIPPED_FOLDERS or os.path.exists(one / _VENV_MARK) for one in above):
        return False
    passed = _excluded(path.parent, choices).without_those_that_cover(folder.as_posix())
    return not passed.cover(path.as_posix())


def is_excluded(path: Path, asked: Settings) -> bool:
    """Tell whether a pattern of `exclude` names a file, or a folder above it within its project."""
    absolute = Path(os.path.abspath(path))
    return _excluded(absolute.parent, Choices(asked)).cover(absolute.as_posix())


def is_left_out(path: Path, asked: Settings) -> bool:
    """Tell whether a look through the file's project would pass it over."""
    return _LeftOut(Choices(asked)).covers(Path(os.path.abspath(path)))


def every_file(folder: Path) -> tuple[Path, ...]:
    """Return what would be looked at below a folder if no configuration excluded anything, and git ignored nothing."""
    found = _walk(Path(os.path.abspath(folder)), _NoConfiguration(Settings(respect_gitignore=False)))
    return tuple(path for path in found if isinstance(path, Path))


def project_root(path: Path) -> Path:
    """Return the nearest folder at or above a path that marks a project, else its outermost package, or its folder."""
    return ProjectRoots().of(path)


class ProjectRoots:
    """The projects of many paths: of no folder it is looked up twice whether it marks one."""

    def __init__(self) -> None:
        self._known: dict[Path, Path] = {}
        self._marked: dict[Path, Path | None] = {}
        """By folder, the nearest one at or above it that marks a project."""
        self._outermost: dict[Path, Path] = {}
        """By folder, the package around it that is in none."""

    def of(self, path: Path) -> Path:
        """Return the root of a path's project, as `project_root` does."""
        if path not in self._known:
            absolute = Path(os.path.abspath(path))
            own = absolute if absolute.is_dir() else absolute.parent
            self._known[path] = self._nearest_marked(own) or self._outermost_package(own)
        return self._known[path]

    def _nearest_marked(self, own: Path) -> Path | None:
        passed: list[Path] = []
        found = None
        for folder in (own, *own.parents):
            if folder in self._marked:
                found = self._marked[folder]
                break
            passed.append(folder)
            if project_mark(folder) is not None:
                found = folder
                break
        self._marked.update(dict.fromkeys(passed, found))
        return found

    def _outermost_package(self, folder: Path) -> Path:
        passed = [folder]
        while folder not in self._outermost and _is_package(folder) and _is_in_package(folder):
            folder = folder.parent
            passed.append(folder)
        found = self._outermost.get(folder, folder)
        self._outermost.update(dict.fromkeys(passed, found))
        return found


def _is_package(folder: Path) -> bool:
    return os.path.exists(folder / "__init__.py")


def _is_in_package(folder: Path) -> bool:
    return folder.parent != folder and _is_package(folder.parent)


def project_mark(folder: Path) -> str | None:
    """Return the name of what makes a folder a project: the first of several marks; None where it holds none."""
    name = str(folder)  # a Path for each mark would take longer than to look for it
    return next((mark for mark in _PROJECT_MARKS if os.path.exists(os.path.join(name, mark))), None)


class _NoConfiguration(Choices):
    """A look at the files alone."""

    def configuration(self, folder: Path) -> Configuration:
        """Return one that says nothing."""
        return Configuration()


class _LeftOut:
    """What a look through the projects of some paths passes over; git is asked once a project."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._ignored: dict[Path, Container[str]] = {}

    def covers(self, path: Path) -> bool:
        """Tell whether it passes over an absolute path."""
        if _excluded(path.parent, self._choices).cover(path.as_posix()):
            return True
        root = project_root(path.parent)
        inside = (path, *(one for one in path.parents if one.is_relative_to(root) and one != root))
        if any(one.name in _SKIPPED_FOLDERS for one in inside):
            return True
        if not self._choices.settings(path.parent).respect_gitignore:
            return False
        if root not in self._ignored:
            self._ignored[root] = ignored_below(root)
        return any(str(one) in self._ignored[root] for one in inside)


class _Passing(NamedTuple):
    """What is passed over in a folder and below it."""

    excluded: Globs
    ignored: Container[str]

    def covers(self, path: Path) -> bool:
        """Tell whether a path is."""
        return str(path) in self.ignored or self.excluded.cover(path.as_posix())


def _walk(root: Path, choices: Choices) -> Iterator[Path | FileError]:
    ignored = ignored_below(root) if choices.settings(root).respect_gitignore else NOTHING
    excluded = _excluded(root, choices).without_those_that_cover(root.as_posix())
    # A stack instead of recursion: a tree can be deeper than Python's stack.
    folders = [(root, _Passing(excluded, ignored))]
    while folders:
        folder, passing = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield _unreadable(folder, error)
            continue
        if folder != root:
            names = {entry.name for entry in entries}
            if _VENV_MARK in names:
                continue
            passing = _inside(folder, names, passing, choices)
        for entry in entries:
            path = folder / entry.name
            if passing.covers(path):
                continue
            found = _look(path, entry)
            if isinstance(found, _Folder):
                folders.append((found.path, passing))
            elif found is not None:
                yield found


class _Folder(NamedTuple):
    """A folder that is to be looked through, too."""

    path: Path


def _look(path: Path, entry: os.DirEntry[str]) -> Path | _Folder | FileError | None:
    """What an entry of a folder is to us."""
    try:
        is_folder = entry.is_dir()
        is_file = entry.is_file()
    except OSError as error:
        # The only way to get here is a link that leads to itself, or into a folder that may not be read.
        return _unreadable(path, error) if path.suffix in SUFFIXES else None
    if is_file:
        return path if path.suffix in SUFFIXES else None
    if is_folder and entry.is_symlink():
        # Not followed: what lies below the root is met under its own name, and a link that leads out of it
        # is, in projects that train models, most often a data set of a million files.
        if _leads_upwards(path):
            return FileError(display_path(path), 1, "link loop: leads to a folder that holds it")
        return None
    return _Folder(path) if is_folder and entry.name not in _SKIPPED_FOLDERS else None


def _inside(folder: Path, names: Container[str], passing: _Passing, choices: Choices) -> _Passing:
    """What is passed over in a folder that holds these names: it may be a repository, or a project, of its own."""
    if FILE_NAME in names and choices.configuration(folder).folder == folder:
        excluded = _excluded(folder, choices).without_those_that_cover(folder.as_posix())
        ignored = passing.ignored if choices.settings(folder).respect_gitignore else NOTHING
        passing = _Passing(excluded, ignored)
    if MARK in names and choices.settings(folder).respect_gitignore:
        # The repository around it says nothing of what is in it.
        passing = _Passing(passing.excluded, ignored_below(folder))
    return passing


def _excluded(folder: Path, choices: Choices) -> Globs:
    """The patterns of what is left out in a folder."""
    patterns = choices.settings(folder).exclude
    if not patterns:
        return Globs(())
    here, root = Path.cwd(), project_root(folder)
    return Globs(anchored(here if "/" in pattern.rstrip("/") else root, pattern) for pattern in patterns)


def _leads_upwards(link: Path) -> bool:
    return Path(os.path.realpath(link.parent)).is_relative_to(os.path.realpath(link))


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(display_path(path), 1, f"cannot be read: {(error.strerror or type(error).__name__).lower()}")
