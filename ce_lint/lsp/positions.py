"""Positions as clients count them, and as we do: the only place where one becomes the other.

We count lines and columns from 1, columns in code points. A client counts both from 0, and columns in the units that
were agreed on: bytes of UTF-8, pairs of bytes of UTF-16, or code points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lsprotocol import types

Encoding = types.PositionEncodingKind

ENCODINGS = (Encoding.Utf16, Encoding.Utf8, Encoding.Utf32)


class Point(NamedTuple):
    """A line and a column, both from 1, in code points."""

    line: int
    column: int


def agreed(offered: Sequence[object]) -> Encoding:
    """Return the first encoding of a client that we know; UTF-16 where it offers none."""
    known = (one for name in offered for one in ENCODINGS if one == name)
    return next(known, Encoding.Utf16)


def position_of(lines: Sequence[str], point: Point, encoding: Encoding) -> types.Position:
    """Return a point of some lines as a client counts it; of a line that is not there, its column counts as it is."""
    row, column = max(point.line - 1, 0), max(point.column - 1, 0)
    return types.Position(row, _units(lines[row][:column], encoding) if row < len(lines) else column)


def range_of(lines: Sequence[str], start: Point, end: Point, encoding: Encoding) -> types.Range:
    """Return a range of some lines as a client counts it."""
    return types.Range(position_of(lines, start, encoding), position_of(lines, end, encoding))


def point_of(lines: Sequence[str], position: types.Position, encoding: Encoding) -> Point:
    """Return a client's position as a point that lies in the lines, wherever the position is."""
    if position.line < 0 or not lines:
        return Point(1, 1)
    if position.line >= len(lines):
        last = lines[-1]
        # Below the last line there is nothing: what is meant is the end.
        if last.endswith(("\n", "\r")):
            return Point(len(lines) + 1, 1)
        return Point(len(lines), len(last) + 1)
    line = lines[position.line].rstrip("\r\n")
    return Point(position.line + 1, _column(line, position.character, encoding) + 1)


def _units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.Utf32 or text.isascii():
        return len(text)
    if encoding is Encoding.Utf8:
        return sum(_bytes(character) for character in text)
    return len(text) + sum(character > "\uffff" for character in text)


def _column(line: str, units: int, encoding: Encoding) -> int:
    """How many characters start before a number of units; one that is cut in two is left out."""
    if encoding is Encoding.Utf32 or line.isascii():
        return min(max(units, 0), len(line))
    passed = 0
    for column, character in enumerate(line):
        passed += _bytes(character) if encoding is Encoding.Utf8 else 1 + (character > "\uffff")
        if passed > units:
            return column
    return len(line)


def _bytes(character: str) -> int:
    # Half of a surrogate pair, which a JSON string can hold, is no text; three bytes would stand for it.
    return 1 if character < "\x80" else 2 if character < "\u0800" else 3 if character <= "\uffff" else 4
