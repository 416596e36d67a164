"""Edits of a notebook's code, made in the JSON that stands for it."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from ce_lint.source.json_places import RawPiece
from ce_lint.source.splices import Splice
from ce_lint.source.strings import characters

_ESCAPED_LETTER = re.compile(r"\\u(?!00[01])[0-9a-fA-F]{4}")


class _Run(NamedTuple):
    """Neighbouring pieces, the last one included, and the splices that are made in them."""

    first: int
    last: int
    splices: tuple[Splice, ...]


class _Character(NamedTuple):
    """A character, and what stands for it in a JSON string."""

    itself: str
    written: str


@dataclass(frozen=True, slots=True)
class _Code:
    """The code of a cell in the JSON text of a notebook."""

    json: str
    pieces: tuple[RawPiece, ...]
    ends: tuple[int, ...]
    """The offset in the code at which each piece ends."""
    is_ascii: bool
    """Whether the file has escapes for letters beyond ASCII."""

    @classmethod
    def of(cls, text: str, pieces: tuple[RawPiece, ...]) -> _Code:
        is_ascii = text.isascii() and _ESCAPED_LETTER.search(text) is not None
        return cls(text, pieces, tuple(accumulate(len(piece.text) for piece in pieces)), is_ascii)

    @property
    def opening(self) -> int:
        """The offset in the file of what is before the first piece, blanks left out."""
        place = self.pieces[0].place
        while self.json[place - 1].isspace():
            place -= 1
        return place - 1

    def start(self, number: int) -> int:
        """Return the offset in the code at which a piece starts."""
        return self.ends[number] - len(self.pieces[number].text)

    def stop(self, number: int) -> int:
        """Return the offset in the file at which a piece ends."""
        return self.pieces[number].place + len(self.pieces[number].literal)

    def piece_at(self, place: int) -> int:
        """Return the piece that holds the character at an offset in the code; at the end the last one."""
        return min(bisect_right(self.ends, place), len(self.pieces) - 1)

    def new(self, text: str) -> list[_Character]:
        """Write new text as the file writes text."""
        return [_Character(one, json.dumps(one, ensure_ascii=self.is_ascii)[1:-1]) for one in text]


def json_splices(text: str, pieces: tuple[RawPiece, ...], splices: Sequence[Splice]) -> list[Splice]:
    """Return the splices of the JSON text that make splices of the code that `pieces` stand for.

    A list goes on holding a line in each item, as Jupyter writes it. Only the strings that hold what changes are
    written anew, and in them only the characters that are new.
    """
    code = _Code.of(text, pieces)
    if not pieces[0].literal:
        # An empty list, which has no string.
        place = pieces[0].place + 1
        return [Splice(place, place, ", ".join(_items(code.new(one.text)))) for one in splices]
    if text[code.opening] == "[":
        return [_of_list(code, run) for run in _runs(code, splices)]
    return [Splice(pieces[0].place, code.stop(0), _string(_written(code, _Run(0, 0, tuple(splices)))))]


def _runs(code: _Code, splices: Sequence[Splice]) -> list[_Run]:
    """Return what changes, each with the piece that goes on where a splice ends: that may be in the same line."""
    runs: list[_Run] = []
    for splice in splices:
        run = _Run(code.piece_at(splice.start), code.piece_at(splice.end), (splice,))
        if runs and run.first <= runs[-1].last:
            before = runs.pop()
            run = _Run(before.first, run.last, (*before.splices, splice))
        runs.append(run)
    return runs


def _of_list(code: _Code, run: _Run) -> Splice:
    """Return the splice of the file that writes the items of a run anew."""
    items = _items(_written(code, run))
    if items:
        return Splice(code.pieces[run.first].place, code.stop(run.last), _gap(code).join(items))
    # Nothing goes on where all of a run is taken away: it is the end of the list.
    if run.first > 0:
        return Splice(code.stop(run.first - 1), code.stop(run.last), "")
    return Splice(code.opening + 1, code.json.index("]", code.stop(run.last)), "")


def _gap(code: _Code) -> str:
    """Return what parts two items from each other."""
    if len(code.pieces) > 1:
        return code.json[code.stop(0) : code.pieces[1].place]
    return "," + (code.json[code.opening + 1 : code.pieces[0].place] or " ")


def _items(written: list[_Character]) -> list[str]:
    """Return a JSON string for each line, as Python splits a string, which is how Jupyter does."""
    lines = "".join(one.itself for one in written).splitlines(keepends=True)
    ends = [0, *accumulate(map(len, lines))]
    return [_string(written[start:end]) for start, end in pairwise(ends)]


def _string(written: list[_Character]) -> str:
    return '"' + "".join(one.written for one in written) + '"'


def _written(code: _Code, run: _Run) -> list[_Character]:
    """Return the characters of a run after its splices; what is kept is written as it was."""
    old = list(_characters(code.pieces[run.first : run.last + 1]))
    place = start = code.start(run.first)
    result: list[_Character] = []
    for splice in run.splices:
        result += old[place - start : splice.start - start]
        result += code.new(splice.text)
        place = splice.end
    return result + old[place - start :]


def _characters(pieces: Sequence[RawPiece]) -> Iterator[_Character]:
    for piece in pieces:
        yield from map(_Character, piece.text, characters(piece.literal))
