"""JSON as VS Code writes it: with comments and commas at the end of a list."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

_STRING = r'("(?:\\.|[^"\\])*")'
_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LAST_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])")


@dataclass(frozen=True, slots=True)
class Document:
    """An object in a file, and the file's lines without their comments."""

    path: Path
    values: dict[str, object]
    lines: tuple[str, ...]
    """Blanks stand for comments, so that lines and columns are those of the file."""

    def line_of(self, key: str) -> int | None:
        """Return the line, from 1, on which a key of the object stands."""
        pattern = re.compile(rf"{re.escape(json.dumps(key))}\s*:")
        return next((number for number, line in enumerate(self.lines, start=1) if pattern.search(line)), None)


def read_jsonc(path: Path) -> Document:
    """Read an object; raise ValueError, with the reason in one line, where the file holds none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"it cannot be read: {(error.strerror or type(error).__name__).lower()}") from error
    text = _COMMENT.sub(_kept, text)
    try:
        values = json.loads(_LAST_COMMA.sub(_kept, text) if text.strip() else "{}")
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(values, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - of the file's text
    return Document(path, values, tuple(text.split("\n")))


def _kept(found: re.Match[str]) -> str:
    """A string as it is, and blanks for anything else."""
    return found[1] or re.sub(r"[^\n]", " ", found[0])
