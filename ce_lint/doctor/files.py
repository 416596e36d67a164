"""Reads the files in which projects keep settings; whatever is wrong with one is a ValueError with one line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

from ce_lint.source.paths import display_path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Table = Mapping[str, object]

_STRING = r'("(?:\\.|[^"\\])*")'
_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LAST_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])")


def read_toml(path: Path) -> Table:
    """Read a file of TOML."""
    return _read(path, tomllib.loads)


def read_yaml(path: Path) -> Table:
    """Read a file of YAML."""
    return _read(path, _yaml)


def read_jsonc(path: Path) -> Table:
    """Read a file as VS Code writes it: JSON with comments, and with commas at the end of a list."""
    return _read(path, _jsonc)


def table_in(value: object, *keys: str) -> Table:
    """Return a table within tables; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def strings_in(value: object) -> tuple[str, ...]:
    """Return the strings of a list; none where it is no list."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def line_of(path: Path, pattern: str, *, below: str = "") -> int | None:
    """Return the first line, from 1, of a readable file that begins with a pattern, apart from blanks.

    With a pattern `below`, the line comes after the first that begins with that.
    """
    is_below = not below
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").split("\n"), start=1):
        if is_below and re.match(rf"\s*{pattern}", line):
            return number
        is_below = is_below or re.match(below, line) is not None
    return None


def _read(path: Path, parse: Callable[[str], object]) -> Table:
    try:
        return table_in(parse(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as error:
        reason = " ".join(str(error).split())
    raise ValueError(f"{display_path(path)} cannot be read: {reason}")


def _yaml(text: str) -> object:
    library = _yaml_library()
    try:
        return library.safe_load(text)
    except library.YAMLError as error:
        raise ValueError(str(error)) from error


def _yaml_library() -> ModuleType:
    """The YAML library that libcst brings along."""
    try:
        import yaml
    except ModuleNotFoundError:
        # For Python 3.13 libcst takes a build of the same library under another name.
        try:
            import yaml_ft as yaml
        except ModuleNotFoundError as error:
            raise ValueError("PyYAML is not installed") from error
    assert isinstance(yaml, ModuleType)
    return yaml


def _jsonc(text: str) -> object:
    text = _LAST_COMMA.sub(_string, _COMMENT.sub(_string, text))
    return json.loads(text if text.strip() else "{}")


def _string(found: re.Match[str]) -> str:
    """A string as it is, and a blank for anything else."""
    return found[1] or " "
