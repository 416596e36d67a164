"""Where the definitions of a text stand that are statements of the module itself."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from ce_lint.ir.records import Extent


class Span(NamedTuple):
    """A part of a text: a definition, by its number from 1 on, or what stands between two, which is of number 0."""

    number: int
    start: int
    end: int


class Spans:
    """The definitions of a text (in UTF-8), in their order."""

    def __init__(self, text: bytes, extents: Iterable[Extent]) -> None:
        self._size = len(text)
        lines = [0, *itertools.accumulate(map(len, text.splitlines(keepends=True)))]
        self._starts: list[int] = []
        self._ends: list[int] = []
        for one in extents:
            self._starts.append(lines[one.first_line - 1])
            self._ends.append(lines[one.last_line])

    def around(self, place: int) -> Span:
        """The part around a place."""
        number = bisect_right(self._starts, place)
        start = self._ends[number - 1] if number else 0
        if place < start:
            return Span(number, self._starts[number - 1], start)
        return Span(0, start, self._starts[number] if number < len(self._starts) else self._size)
