"""A project's own settings: `[tool.ce-lint]` in its pyproject.toml."""

from __future__ import annotations

import difflib
import functools
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ce_lint.engine.selection import is_code_prefix
from ce_lint.engine.settings import Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE_NAME = "pyproject.toml"
TABLE_NAME = "[tool.ce-lint]"


class UsageError(Exception):
    """What the user asked for cannot be done; one line that says why."""


class Configuration(msgspec.Struct, frozen=True):
    """What a project says about itself; empty where it says nothing."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Glob patterns of file and folder names, or absolute ones where the project wrote a path."""
    knowledge: tuple[Mapping[str, object], ...] = ()
    """Tables in the form of the files under `ce_lint/knowledge/`, neither read nor checked here."""


_KEYS = tuple(field.replace("_", "-") for field in Configuration.__struct_fields__)


def load_configuration(root: Path) -> Configuration:
    """Read the settings of the project in this folder; raise UsageError where they cannot be meant."""
    path = root / FILE_NAME
    try:
        stat = path.stat()
    except FileNotFoundError:
        return Configuration()
    except OSError as error:
        raise _unreadable(path, error) from error
    return _parse(path, stat.st_mtime_ns, stat.st_size)


def settings_for(configuration: Configuration, asked: Settings) -> Settings:
    """Lay what was asked for in this run over what the project says.

    A `select` of this run replaces all of the project's choice of codes; without one, this run adds to that choice.
    """
    exclude = (*configuration.exclude, *asked.exclude)
    if asked.select is not None:
        return msgspec.structs.replace(asked, exclude=exclude)
    # A code that this run names is wanted, even where the project ignores that very code.
    ignored_by_project = (prefix for prefix in configuration.ignore if prefix not in asked.extend_select)
    return msgspec.structs.replace(
        asked,
        select=configuration.select,
        extend_select=(*configuration.extend_select, *asked.extend_select),
        ignore=(*ignored_by_project, *asked.ignore),
        exclude=exclude,
    )


@functools.lru_cache(maxsize=256)
def _parse(path: Path, _mtime_ns: int, _size: int) -> Configuration:
    # Time and size are part of the key, so a process that lives for days sees an edited file.
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    tool = document.get("tool")
    table = tool.get("ce-lint", {}) if isinstance(tool, Mapping) else {}
    if not isinstance(table, Mapping):
        raise UsageError(f"{path}: {TABLE_NAME} is not a table")
    return _configuration(path, table)


def _configuration(path: Path, table: Mapping[str, object]) -> Configuration:
    for key in table:
        if key not in _KEYS:
            nearest = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0)[0]
            raise UsageError(f'{path}: {TABLE_NAME} has no key "{key}": did you mean "{nearest}"?')
    return Configuration(
        select=_codes(path, table, "select") if "select" in table else None,
        extend_select=_codes(path, table, "extend-select"),
        ignore=_codes(path, table, "ignore"),
        exclude=tuple(_anchored(path.parent, pattern) for pattern in _strings(path, table, "exclude")),
        knowledge=_tables(path, table, "knowledge"),
    )


def _codes(path: Path, table: Mapping[str, object], key: str) -> tuple[str, ...]:
    prefixes = _strings(path, table, key)
    for prefix in prefixes:
        if not is_code_prefix(prefix):
            raise UsageError(f'{path}: {TABLE_NAME} {key}: "{prefix}" is no code: write CEL, CEL0 or CEL001')
    return prefixes


def _strings(path: Path, table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{path}: {TABLE_NAME} {key} is not a list of strings")
    return tuple(value)


def _tables(path: Path, table: Mapping[str, object], key: str) -> tuple[Mapping[str, object], ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise UsageError(f"{path}: {TABLE_NAME} {key} is not a list of tables: write [[tool.ce-lint.{key}]]")
    return tuple(value)


def _anchored(root: Path, pattern: str) -> str:
    pattern = pattern.rstrip("/")
    return (root.absolute() / pattern).as_posix() if "/" in pattern else pattern


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path}: cannot be read: {(error.strerror or type(error).__name__).lower()}")
