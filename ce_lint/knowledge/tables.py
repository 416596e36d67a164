"""Tables of knowledge read one by one, and what is said of one that cannot be."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence

import msgspec

from ce_lint.knowledge.schema import Library

_PLACE = r" - at `\$\.?(?P<path>[^`]*)`$"
_STEP = r"(?P<field>\w+)|\[(?P<index>\d+)\]"


class KnowledgeError(ValueError):
    """A table of knowledge that cannot be used; its text is one line that names the entry."""


def parse(where: str, text: str) -> Library:
    """One file's text; `where` names it in an error."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{where}: {error}") from None
    return converted(where, table)


def converted(where: str, table: Mapping[str, object]) -> Library:
    """One file's table; `where` names it in an error."""
    try:
        return msgspec.convert(table, Library)
    except msgspec.ValidationError as error:
        raise KnowledgeError(f"{where}: {_explained(str(error), table)}") from None


def _explained(message: str, table: Mapping[str, object]) -> str:
    """A validation message with the entry's name for its number."""
    found = re.search(_PLACE, message)
    if found is None:
        return message
    path = found["path"]
    label = path
    value: object = table
    for step in re.finditer(_STEP, path):
        value = _inside(value, step)
        if isinstance(value, Mapping) and (name := _entry_name(value)):
            label = f"{path[: step.end()]} ({name}){path[step.end() :]}"
    return f"{label}: {message[: found.start()]}"


def _inside(value: object, step: re.Match[str]) -> object:
    if step["index"] is not None:
        number = int(step["index"])
        return value[number] if isinstance(value, Sequence) and number < len(value) else None
    return value.get(step["field"]) if isinstance(value, Mapping) else None


def _entry_name(entry: Mapping[object, object]) -> str:
    """What a reader calls an entry: its name, or the first of its names."""
    name = entry.get("name")
    if isinstance(name, str):
        return name
    for key in ("names", "base"):
        names = entry.get(key)
        if isinstance(names, Sequence) and names and isinstance(names[0], str):
            return str(names[0])
    return ""
