"""All texts of a project in one piece: which files have a word is one search."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence


class Haystack:
    """Texts, joined; found again by the place of a hit."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._starts: list[int] = []
        at = 0
        for text in texts:
            self._starts.append(at)
            at += len(text) + 1
        self._end = at
        self._joined = b"\0".join(texts)

    def having(self, word: str) -> Iterator[int]:
        """The numbers of the texts in which a word stands, not as a part of a longer one."""
        pattern = re.compile(rb"\b" + re.escape(word.encode()).replace(rb"\ ", rb"\s+") + rb"\b")
        at = 0
        while (hit := pattern.search(self._joined, at)) is not None:
            number = bisect_right(self._starts, hit.start()) - 1
            yield number
            if number + 1 == len(self._starts):
                return
            at = self._starts[number + 1]
