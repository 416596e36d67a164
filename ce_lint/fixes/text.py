"""Ranges of a module's text, and what edits make of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ce_lint.frontend.places import Range
from ce_lint.source.file import SourceFile
from ce_lint.source.lines import line_starts


class Span(NamedTuple):
    """A range of a text by offsets, the end exclusive."""

    start: int
    end: int


class Splice(NamedTuple):
    """New text in place of a span; where the span is empty, at it."""

    start: int
    end: int
    new_text: str


@dataclass(frozen=True, slots=True)
class RangeEdit:
    """New text in place of a range of a module's joined text."""

    path: Path
    span: Range
    new_text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """A text after some splices that do not overlap."""
    parts: list[str] = []
    position = 0
    for start, end, new_text in sorted(set(splices)):
        assert start >= position, "splices overlap"
        parts += [text[position:start], new_text]
        position = end
    return "".join((*parts, text[position:]))


class Ruler:
    """A source's offsets and lines."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.text = source.text
        self._starts = line_starts(source.text)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line (from 1) and a column (from 0)."""
        return self._starts[line - 1] + column if line <= len(self._starts) else len(self.text)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]

    def edits(self, splices: Iterable[Splice]) -> tuple[RangeEdit, ...]:
        """Splices as edits, in order."""
        return tuple(
            RangeEdit(self.source.path, self._range(start, end), new_text)
            for start, end, new_text in sorted(set(splices))
        )

    def _range(self, start: int, end: int) -> Range:
        return Range(*self.position(start), *self.position(end), " ".join(self.text[start:end].split()))

    def lines(self, start: int, end: int) -> Span:
        """The whole lines from the one of an offset to the one before which another ends, with one line end.

        In a notebook nothing outside the cell is taken.
        """
        first, last = self.position(start)[0], self.position(max(end - 1, start))[0]
        begin, finish = self.offset(first, 0), self.offset(last + 1, 0)
        if finish < len(self.text) and self._cell(last + 1) == self._cell(last):
            return Span(begin, finish)
        content_end = begin + len(self.text[begin:finish].rstrip("\r\n"))
        if first > 1 and self._cell(first - 1) == self._cell(first):
            above = self.text[:begin].removesuffix("\n").removesuffix("\r") if begin else ""
            return Span(len(above), content_end)
        return Span(begin, content_end)

    def _cell(self, line: int) -> int | None:
        return self.source.user_line(line)[0]
