"""The JSON of a notebook, read once, with the place of every piece of code in it.

Only objects and lists on the way to the code are walked here. Everything else, such as the outputs that make up most
of a notebook, is left to the standard decoder, which also finds where it ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANKS = re.compile(r"[ \t\n\r]*")
_CODE_KEYS = ("source", "input")
_DECODE = JSONDecoder().raw_decode


class RawPiece(NamedTuple):
    """A piece of code: its text, the JSON string that stands for it in the file, and the offset of that."""

    text: str
    literal: str
    place: int


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell as the file has it: its members, and its code in pieces.

    `pieces` is None where the code is neither a string nor a list of strings.
    """

    members: dict[str, object]
    pieces: tuple[RawPiece, ...] | None = ()


@dataclass(slots=True)
class RawNotebook:
    """A notebook as the file has it: its members, and apart from them all cells in order, if it has a list of cells."""

    members: dict[str, object] = field(default_factory=dict)
    cells: list[RawCell] | None = None


class _Reader:
    """A position in the text that moves over one JSON value after the other."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.skip_blanks()

    def skip_blanks(self) -> None:
        match = _BLANKS.match(self.text, self.place)
        # Cannot fail: the pattern matches the empty string.
        self.place = match.end() if match else self.place

    def at(self, mark: str) -> bool:
        return self.text.startswith(mark, self.place)

    def take(self, mark: str) -> bool:
        """Move over `mark` and the blanks after it, if it is next."""
        if not self.at(mark):
            return False
        self.place += len(mark)
        self.skip_blanks()
        return True

    def need(self, mark: str) -> None:
        if not self.take(mark):
            message = f"Expecting '{mark}' delimiter"
            raise JSONDecodeError(message, self.text, self.place)

    def value(self) -> object:
        """Move over one value of any kind and return it."""
        result: object
        result, self.place = _DECODE(self.text, self.place)
        self.skip_blanks()
        return result

    def members(self) -> Iterator[str]:
        """Yield the keys of the object that is next; the caller moves over each value."""
        self.need("{")
        if self.take("}"):
            return
        while True:
            key = self.value() if self.at('"') else None
            if not isinstance(key, str):
                message = "Expecting property name enclosed in double quotes"
                raise JSONDecodeError(message, self.text, self.place)
            self.need(":")
            yield key
            if not self.take(","):
                break
        self.need("}")

    def items(self) -> Iterator[int]:
        """Yield the offset of each item of the list that is next; the caller moves over each."""
        self.need("[")
        if self.take("]"):
            return
        while True:
            yield self.place
            if not self.take(","):
                break
        self.need("]")


def read_notebook(text: str) -> RawNotebook | None:
    """Read the JSON text of a notebook; None if it is JSON of another kind than an object.

    Raises ValueError or RecursionError, as the standard decoder does.
    """
    reader = _Reader(text)
    if reader.at("{"):
        notebook = _notebook(reader)
    else:
        notebook = None
        reader.value()
    if reader.place != len(text):
        message = "Extra data"
        raise JSONDecodeError(message, text, reader.place)
    return notebook


def _notebook(reader: _Reader) -> RawNotebook:
    notebook = RawNotebook()
    for key in reader.members():
        if key == "cells" and reader.at("["):
            notebook.cells = list(_cells(reader))
        elif key == "worksheets" and reader.at("["):
            # nbformat 3: the sheets follow each other, and their cells are counted through.
            notebook.cells = [cell for _ in reader.items() for cell in _sheet(reader)]
        else:
            notebook.members[key] = reader.value()
    return notebook


def _sheet(reader: _Reader) -> list[RawCell]:
    cells: list[RawCell] = []
    if not reader.at("{"):
        reader.value()
        return cells
    for key in reader.members():
        if key == "cells" and reader.at("["):
            cells = list(_cells(reader))
        else:
            reader.value()
    return cells


def _cells(reader: _Reader) -> Iterator[RawCell]:
    for _ in reader.items():
        if reader.at("{"):
            yield _cell(reader)
        else:
            # Not a cell, but counted as one, as everybody else counts.
            reader.value()
            yield RawCell({})


def _cell(reader: _Reader) -> RawCell:
    members: dict[str, object] = {}
    code: dict[str, tuple[RawPiece, ...] | None] = {}
    for key in reader.members():
        if key in _CODE_KEYS:
            code[key] = _pieces(reader)
        else:
            members[key] = reader.value()
    # nbformat 4 says "source", nbformat 3 says "input" for code.
    return RawCell(members, code.get("source", code.get("input")))


def _pieces(reader: _Reader) -> tuple[RawPiece, ...] | None:
    start = reader.place
    if not reader.at("["):
        whole = _piece(reader)
        return None if whole is None else (whole,)
    pieces: list[RawPiece] = []
    broken = False
    for _ in reader.items():
        piece = _piece(reader)
        if piece is None:
            broken = True
        else:
            pieces.append(piece)
    return None if broken else tuple(pieces or [RawPiece("", "", start)])


def _piece(reader: _Reader) -> RawPiece | None:
    """Move over one value; None where it is no string."""
    start = reader.place
    value = reader.value()
    return RawPiece(value, reader.text[start : reader.place].rstrip(), start) if isinstance(value, str) else None
