"""What the text of a pyproject.toml means to us; imported only for one that may speak of us."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec import UnsetType

from ce_lint.engine.configuration.globs import anchored, negatable
from ce_lint.engine.configuration.pyproject import Configuration
from ce_lint.engine.configuration.table import NAME, Table, TableError, read_table
from ce_lint.engine.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def configuration_in(path: Path, data: bytes, mention: re.Pattern[bytes]) -> Configuration | None:
    """Return what a file says; None where it has no table of ours. Raise UsageError where that cannot be meant.

    `mention` matches the table's name, and what it is mistaken for.
    """
    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    if not isinstance(tool, Mapping):
        return None
    for name in tool:
        if name != "ce-lint" and mention.fullmatch(name.encode()):
            raise UsageError(f"{path}: [tool.{name}] is no table of ours: did you mean {NAME}?")
    if "ce-lint" not in tool:
        return None
    if not isinstance(tool["ce-lint"], Mapping):
        raise UsageError(f"{path}: {NAME} is not a table")
    try:
        return _meant(path.parent, read_table(tool["ce-lint"]))
    except TableError as error:
        raise UsageError(f"{path}: {error}") from error


def _meant(folder: Path, table: Table) -> Configuration:
    return Configuration(
        folder=folder,
        select=None if isinstance(table.select, UnsetType) else table.select,
        extend_select=table.extend_select,
        ignore=table.ignore,
        per_file_ignores=tuple(
            zip(
                _patterns(folder, "per-file-ignores", table.per_file_ignores, negatable),
                table.per_file_ignores.values(),
                strict=True,
            )
        ),
        src=tuple(_source(folder, name) for name in table.src),
        exclude=_patterns(folder, "exclude", table.exclude, anchored),
        respect_gitignore=table.respect_gitignore,
        baseline=None if isinstance(table.baseline, UnsetType) else _file(folder, table.baseline),
        knowledge=table.knowledge,
    )


def _patterns(folder: Path, key: str, patterns: Iterable[str], anchor: Callable[[Path, str], str]) -> tuple[str, ...]:
    def pattern_of(text: str) -> str:
        try:
            return anchor(folder, text)
        except ValueError as error:
            raise TableError(f'{NAME} {key}: "{text}" is no pattern: {error}') from error

    return tuple(map(pattern_of, patterns))


def _source(folder: Path, name: str) -> Path:
    path = _named(folder, name)
    # Left out in silence, it would leave out in silence what is followed through it.
    if not path.is_dir():
        raise TableError(f'{NAME} src: there is no folder "{name}"')
    return path


def _file(folder: Path, name: str) -> Path:
    path = _named(folder, name)
    if path.is_dir():
        raise TableError(f'{NAME} baseline: "{name}" is a folder')
    return path


def _named(folder: Path, name: str) -> Path:
    if "\0" in name:
        raise TableError(f"{NAME}: {name!r} is no name of a file or folder")
    return Path(os.path.normpath(folder / name))
