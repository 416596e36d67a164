"""A project's own settings: `[tool.ce-lint]` in its pyproject.toml, and what a run asks for laid over them.

A file is governed by the nearest pyproject.toml at or above it that has such a table; others are passed over.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import unreadable

FILE_NAME = "pyproject.toml"

_MENTION = re.compile(rb"ce[-_ ]?lint", re.IGNORECASE)
"""What a file has to hold to be worth parsing: the table's name, or what it is mistaken for."""


class Configuration(msgspec.Struct, frozen=True):
    """What a project says about itself; empty where it says nothing."""

    folder: Path | None = None
    """Where the file that says it lies."""
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Anchored patterns, `!` for all other files, with the codes that are not reported there."""
    src: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    """Anchored patterns of what is not looked at."""
    respect_gitignore: bool = True
    baseline: Path | None = None
    knowledge: tuple[Mapping[str, object], ...] = ()
    """Tables in the form of the files under `ce_lint/knowledge/`, neither read nor checked here."""

    @property
    def file(self) -> Path:
        """Return the file that says it; raise ValueError where none does."""
        if self.folder is None:
            raise ValueError("no file says anything")
        return self.folder / FILE_NAME


def own_configuration(folder: Path) -> Configuration | None:
    """Return what the file in an absolute folder says; None where there is none, or none that speaks of us.

    Raise UsageError where that cannot be meant.
    """
    path = folder / FILE_NAME
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None  # a folder that may not be entered governs nothing that can be read
    except OSError as error:
        raise unreadable(path, error) from error
    return _parse(path, stat.st_mtime_ns, stat.st_size)


def load_configuration(folder: Path) -> Configuration:
    """Return what governs the files of a folder; raise UsageError where that cannot be meant."""
    folder = Path(os.path.abspath(folder))
    for one in (folder, *folder.parents):
        own = own_configuration(one)
        if own is not None:
            return own
    return Configuration()


def settings_for(configuration: Configuration, asked: Settings) -> Settings:
    """Lay what was asked for in this run over what the project says.

    A `select` of this run replaces all of the project's choice of codes; without one, this run adds to that choice.
    """
    settings = msgspec.structs.replace(
        asked,
        src=asked.src or configuration.src,
        exclude=(*configuration.exclude, *asked.exclude),
        per_file_ignores=(*configuration.per_file_ignores, *asked.per_file_ignores),
        respect_gitignore=configuration.respect_gitignore and asked.respect_gitignore,
        baseline=asked.baseline or configuration.baseline,
    )
    if asked.select is not None:
        return settings
    # What this run names is wanted, or not, whatever the project says of the same.
    select, unwanted = configuration.select, asked.ignore
    return msgspec.structs.replace(
        settings,
        select=None if select is None else tuple(prefix for prefix in select if not prefix.startswith(unwanted)),
        extend_select=(
            *(prefix for prefix in configuration.extend_select if not prefix.startswith(unwanted)),
            *asked.extend_select,
        ),
        ignore=(*(prefix for prefix in configuration.ignore if prefix not in asked.extend_select), *asked.ignore),
    )


@functools.lru_cache(maxsize=256)
def _parse(path: Path, _mtime_ns: int, _size: int) -> Configuration | None:
    # Time and size are part of the key, so a process that lives for days sees an edited file.
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if not _MENTION.search(data):
        return None
    from ce_lint.engine.configuration.meaning import configuration_in

    return configuration_in(path, data, _MENTION)
