"""Module names ↔ files of the project around the importing file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

_NO_SOURCES: Mapping[Path, tuple[Path, ...]] = {}


class Resolver:
    """Finds the file that an import names, as running the importing file would.

    The importing file's own folder comes first (a script's `sys.path[0]`), then the folders that the nearest of
    `sources` at or above it names, then every folder above it up to the project's, each with its `src`. So modules of
    one name in sibling folders do not mix. `files` are there even where the disk does not have them.
    """

    def __init__(
        self, root: Path, sources: Mapping[Path, tuple[Path, ...]] = _NO_SOURCES, files: Iterable[Path] = ()
    ) -> None:
        self._root = root
        self._files = files
        self._sources = sources
        self._found: dict[tuple[Path, str, int], Path | None] = {}
        self._listed: dict[Path, frozenset[str]] = {}

    @property
    def folders(self) -> frozenset[Path]:
        """The folders in which somebody looked for imports."""
        return frozenset(self._listed)

    def resolve(self, importer: Path, module: str, level: int) -> Path | None:
        """The .py file, or the folder of a namespace package; None when it is not of the project."""
        key = (importer.parent, module, level)
        if key not in self._found:
            self._found[key] = self._search(importer.parent, module, level)
        return self._found[key]

    def submodule(self, package: Path, name: str) -> Path | None:
        """The module `name` inside a package, given by its `__init__.py` or its folder."""
        folder = package.parent if package.name == "__init__.py" else package
        return self._within(folder, [name]) if folder.suffix != ".py" else None

    def _search(self, folder: Path, module: str, level: int) -> Path | None:
        parts = module.split(".") if module else []
        if level:
            for _ in range(level - 1):
                if folder == self._root:
                    return None  # what lies outside the project is not followed
                folder = folder.parent
            return self._within(folder, parts)
        for base in self._bases(folder):
            found = self._within(base, parts)
            if found is not None:
                return found
        return None

    def _bases(self, folder: Path) -> list[Path]:
        bases = [folder]
        if folder.is_relative_to(self._root):
            while folder != self._root:
                folder = folder.parent
                bases.append(folder)
        own, *others = [base for top in bases for base in (top, top / "src")]
        return [own, *self._named(own), *others]

    def _named(self, folder: Path) -> tuple[Path, ...]:
        found = (self._sources[one] for one in (folder, *folder.parents) if one in self._sources)
        return next(found, ())

    def _within(self, folder: Path, parts: list[str]) -> Path | None:
        for part in parts[:-1]:
            if part not in self._names(folder):
                return None
            folder = folder / part
        if not parts:
            return self._package(folder)
        inside, names = folder / parts[-1], self._names(folder)
        if parts[-1] in names and "__init__.py" in self._names(inside):
            return inside / "__init__.py"
        if f"{parts[-1]}.py" in names:
            return folder / f"{parts[-1]}.py"
        return self._package(inside) if parts[-1] in names else None

    def _package(self, folder: Path) -> Path | None:
        """A package's `__init__.py`, or the folder of a namespace package."""
        names = self._names(folder)
        return folder / "__init__.py" if "__init__.py" in names else folder if names else None

    def _names(self, folder: Path) -> frozenset[str]:
        if folder not in self._listed:
            self._listed[folder] = importable(folder) | self._given.get(folder, frozenset())
        return self._listed[folder]

    @cached_property
    def _given(self) -> Mapping[Path, frozenset[str]]:
        """The names in the project's folders that its files make."""
        found: dict[Path, set[str]] = {}
        for file in self._files:
            for one in (file, *file.parents):
                names = found.setdefault(one.parent, set())
                if one.name in names or one == self._root:
                    break
                names.add(one.name)
        return {folder: frozenset(names) for folder, names in found.items()}


def importable(folder: Path) -> frozenset[str]:
    """The names in a folder that an import may find there."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return frozenset()
    # Running a program makes a folder that nobody imports.
    return frozenset([name for name in names if name.removesuffix(".py").isidentifier() and name != "__pycache__"])
