"""Edits of a text, checked against it and turned into slices to replace."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from ce_lint.source.lines import line_end, split_lines


class TextEdit(NamedTuple):
    """New text in place of a range; where the range is empty, at it.

    Lines and columns count from 1, columns in code points, and the end is exclusive. In a notebook they are those of
    a cell, and `cell` counts all cells from 1. The line below the last one has a first column, even where the text
    stops without a line end: what is inserted there becomes a line of its own.
    """

    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int
    new_text: str
    """Its lines may end in any way: they get the line end of the line that is edited."""


class EditError(Exception):
    """Edits that cannot be made; nothing of the file has changed."""

    def __init__(self, path: Path | None, reason: str, cell: int | None = None, line: int | None = None) -> None:
        """Keep the parts apart for reporters, and in `args` for pickling between processes."""
        reason = " ".join(reason.split())
        super().__init__(path, reason, cell, line)
        self.path = path
        self.reason = reason
        self.cell = cell
        self.line = line

    def __str__(self) -> str:
        """Say it in one line."""
        cell = None if self.cell is None else f"cell {self.cell}"
        place = ":".join(str(part) for part in (self.path, cell, self.line) if part is not None)
        return f"{place}: {self.reason}" if place else self.reason


class Splice(NamedTuple):
    """A slice of a text, and the text that takes its place."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Return the text after splices, which are in order and do not overlap."""
    return "".join(parts(text, splices))


def parts(text: str, splices: Iterable[Splice]) -> Iterator[str]:
    """Yield the text after splices: what is kept and what is new by turns, the first and the last being kept."""
    place = 0
    for splice in splices:
        yield text[place : splice.start]
        yield splice.text
        place = splice.end
    yield text[place:]


def splices_of(path: Path | None, text: str, edits: Sequence[TextEdit]) -> list[Splice]:
    """Return the splices of a text that edits mean, in order; raise EditError."""
    located = _Text.of(text)
    placed = []
    for edit in edits:
        start, end = located.offset(edit.line, edit.column), located.offset(edit.end_line, edit.end_column)
        if start is None or end is None or end < start:
            raise EditError(path, "an edit is outside of the text", edit.cell, edit.line)
        placed.append((Splice(start, end, located.with_its_line_ends(edit)), edit))
    # At one place insertions keep their order, and come before what is replaced from there on.
    placed.sort(key=lambda one: one[0][:2])
    for (before, _), (after, edit) in pairwise(placed):
        if after.start < before.end:
            raise EditError(path, "two edits overlap", edit.cell, edit.line)
    splices = [splice for splice, _ in placed]
    seams = pairwise(part for part in parts("".join(located.lines), splices) if part)
    if any(left.endswith("\r") and right.startswith("\n") for left, right in seams):
        raise EditError(path, "an edit would make one line end of two", edits[0].cell)
    return located.within(_merged(splices))


def _merged(splices: Iterable[Splice]) -> list[Splice]:
    result: list[Splice] = []
    for splice in splices:
        if result and result[-1].end == splice.start:
            before = result.pop()
            result.append(Splice(before.start, splice.end, before.text + splice.text))
        else:
            result.append(splice)
    return result


@dataclass(frozen=True, slots=True)
class _Text:
    """A text whose lines can be found, with a line end after the last one in any case."""

    length: int
    lines: tuple[str, ...]
    """With their line ends; an empty one last."""
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Text:
        lines = split_lines(text)
        if lines and not line_end(lines[-1]):
            lines[-1] += line_end(lines[-2]) if len(lines) > 1 else "\n"
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        return cls(len(text), (*lines, ""), tuple(starts))

    def offset(self, line: int, column: int) -> int | None:
        """Return the offset of a line and a column; None where there is none."""
        if not 1 <= line <= len(self.lines):
            return None
        width = len(self.lines[line - 1].rstrip("\r\n"))
        return self.starts[line - 1] + column - 1 if 1 <= column <= width + 1 else None

    def with_its_line_ends(self, edit: TextEdit) -> str:
        """Return the new text with the line ends of the line that it goes to."""
        end = line_end(self.lines[edit.line - 1]) or line_end(self.lines[edit.line - 2]) or "\n"
        return edit.new_text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", end)

    def within(self, splices: list[Splice]) -> list[Splice]:
        """Return splices of the text as it is: without the line end that was added, which the result has not either."""
        if not splices or splices[-1].end <= self.length:
            return splices
        *others, (start, _, new) = splices
        if start > self.length:
            # On the line below the last one: what parts the two is new.
            start, new = self.length, self._end_above(start) + new
        elif not new:
            # The line above becomes the last one.
            start -= len(self._end_above(start))
        if new.endswith(("\r", "\n")):
            new = new.removesuffix(line_end(split_lines(new)[-1]))
        return [*others, Splice(start, self.length, new)]

    def _end_above(self, start: int) -> str:
        """Return the line end right before an offset, where there is one."""
        number = bisect_left(self.starts, start)
        return line_end(self.lines[number - 1]) if number and self.starts[number] == start else ""
