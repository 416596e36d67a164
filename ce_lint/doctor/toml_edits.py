"""Changes to TOML files that leave the rest of the text as it is; each is tried, and the one that does it is taken."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ce_lint.doctor.edits import changed
from ce_lint.doctor.records import Act, Remedy

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Tables = Mapping[str, object]


def read_toml(path: Path) -> Tables:
    """Read a file; raise ValueError with one line where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError((error.strerror or type(error).__name__).lower()) from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def table_at(document: Tables, keys: tuple[str, ...]) -> Tables:
    """Return a table within tables; an empty one where there is none."""
    found: object = document
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def put_into_list(path: Path, table: tuple[str, ...], key: str, item: str) -> Remedy:
    """Return the change that puts a string into a list of a table; both are made where they are missing.

    Raises ValueError for a file that cannot be read as TOML with such tables.
    """
    line = f'{key} = ["{item}"]'
    try:
        text = path.read_text(encoding="utf-8")
        before = tomllib.loads(text)
    except OSError:
        return Remedy(Act.ADD_AT_END, f"[{'.'.join(table)}]\n{line}", path)
    expected = _with_item(before, table, key, item)
    lines = text.split("\n")
    for remedy in _candidates(path, lines, table, key, item):
        if _says(changed(text, remedy), expected):
            return remedy
    return Remedy(Act.SEE, f"{'.'.join(table)}.{line}", path)


def _says(text: str, expected: Tables) -> bool:
    try:
        return tomllib.loads(text) == expected
    except tomllib.TOMLDecodeError:
        return False


def _candidates(path: Path, lines: list[str], table: tuple[str, ...], key: str, item: str) -> Iterator[Remedy]:
    def rewritten(pattern: str, replacement: Callable[[re.Match[str]], str]) -> Iterator[Remedy]:
        for number, line in enumerate(lines, start=1):
            changed = re.sub(pattern, replacement, line, count=1)
            if changed != line:
                yield Remedy(Act.WRITE, changed.rstrip(), path, number)

    line = f'{key} = ["{item}"]'
    # The list is there.
    yield from rewritten(
        rf"(\b{re.escape(key)}\s*=\s*\[)(\s*\])?", lambda found: f'{found[1]}"{item}"' + ("]" if found[2] else ", ")
    )
    if not table:
        return
    header = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(rf"[\"']?{re.escape(part)}[\"']?" for part in table) + r"\s*\]")
    for number, text in enumerate(lines, start=1):
        if header.match(text):
            yield Remedy(Act.ADD_BELOW, line, path, number)
    yield Remedy(Act.ADD_AT_END, f"[{'.'.join(table)}]\n{line}", path)
    # The table is written in one line, or its keys with a dot.
    yield from rewritten(rf"(\b{table[-1]}\s*=\s*\{{)", lambda found: f"{found[1]} {line},")
    for number, text in enumerate(lines, start=1):
        if re.match(rf"\s*{table[-1]}\s*\.", text):
            yield Remedy(Act.ADD_BELOW, f"{table[-1]}.{line}", path, number)


def _with_item(document: Tables, table: tuple[str, ...], key: str, item: str) -> Tables:
    if table:
        inner = document.get(table[0], {})
        if not isinstance(inner, Mapping):
            raise ValueError(f"{table[0]} is not a table")
        return {**document, table[0]: _with_item(inner, table[1:], key, item)}
    there = document.get(key, [])
    if not isinstance(there, list):
        raise ValueError(f"{key} is not a list")  # noqa: TRY004 - of the file's text
    return {**document, key: [item, *there]}
