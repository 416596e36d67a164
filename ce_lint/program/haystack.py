"""All texts of a project in one piece: which files have a word is one search."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

_ASSIGNED = re.compile(rb"^[ \t]*(?!self\.\w+[ \t]*=)[A-Za-z_][\w.\[\]]*\.(\w+)[ \t]*=(?!=)", re.MULTILINE)
"""A line that assigns an attribute of something other than `self`."""

_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class Haystack:
    """Texts, joined; found again by the place of a hit."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._starts: list[int] = []
        at = 1
        for text in texts:
            self._starts.append(at)
            at += len(text) + 1
        # A separator on either side of every text, so that every hit has a neighbour on both sides.
        self._joined = b"".join((b"\n", *(text + b"\n" for text in texts)))

    def having(self, word: str) -> Iterator[int]:
        """The numbers of the texts in which a word stands, not as a part of a longer one."""
        wanted = word.encode()
        joined = self._joined
        at = 0
        while (hit := joined.find(wanted, at)) != -1:
            end = hit + len(wanted)
            if joined[hit - 1] in _WORD or joined[end] in _WORD:
                at = end
                continue
            number = bisect_right(self._starts, hit) - 1
            yield number
            if number + 1 == len(self._starts):
                return
            at = self._starts[number + 1]

    def assigning(self, attribute: str) -> frozenset[int]:
        """The numbers of the texts in which an attribute of something other than `self` is assigned."""
        return self._assigned.get(attribute.encode(), frozenset())

    @cached_property
    def _assigned(self) -> Mapping[bytes, frozenset[int]]:
        found: dict[bytes, set[int]] = {}
        for hit in _ASSIGNED.finditer(self._joined):
            found.setdefault(hit[1], set()).add(bisect_right(self._starts, hit.start(1)) - 1)
        return {attribute: frozenset(numbers) for attribute, numbers in found.items()}
