"""Strings as JSON writes them, and where the characters that they stand for are in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# A character beyond U+FFFF is one, whether it is written as it is or as an escaped surrogate pair.
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)


class JsonString(NamedTuple):
    """A string as a file has it, with its quotes, and where it starts: a line from 1, a column from 0."""

    literal: str
    line: int
    column: int


def characters(literal: str) -> Iterator[str]:
    """Yield what stands for each character in a JSON string."""
    return (match[0] for match in _CHARACTER.finditer(literal, 1, len(literal) - 1))


def decoded(strings: Sequence[JsonString]) -> str:
    """Return the text that the strings stand for, joined."""
    return "".join(json.loads(one.literal or '""') for one in strings)


def raw_places(strings: Sequence[JsonString], start: int, end: int) -> tuple[int, int, int, int]:
    """Return the line and column at which a slice of the joined text starts in the file, and those at which it ends.

    `strings` holds at least one. The slice ends in the string that holds its last character, wherever the next one is.
    """
    first = None
    after = strings[0].line, strings[0].column + 1
    for number, (line, column, width) in enumerate(_characters(strings)):
        if number == start:
            first = line, column
        if number == end:
            break
        after = line, column + width
    first = first or after
    return *first, *max(after, first)


def _characters(strings: Sequence[JsonString]) -> Iterator[tuple[int, int, int]]:
    """Yield for each character its line, its column and how many characters of the file stand for it."""
    for one in strings:
        for match in _CHARACTER.finditer(one.literal, 1, len(one.literal) - 1):
            yield one.line, one.column + match.start(), match.end() - match.start()
