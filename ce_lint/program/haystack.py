"""All texts of a project in one piece: which files have a word is one search."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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

    @cached_property
    def assigned(self) -> Mapping[str, Counter[int]]:
        """By attribute: the numbers of the texts that assign it on something other than `self`, and how often."""
        found: dict[str, Counter[int]] = {}
        for hit in _ASSIGNED.finditer(self._joined):
            number = bisect_right(self._starts, hit.start(1)) - 1
            found.setdefault(hit[1].decode(), Counter())[number] += 1
        return found


def has_word(text: bytes, word: bytes) -> bool:
    """Tell whether a word stands in a text that begins and ends with a line end, not as a part of a longer one."""
    at = 0
    while (hit := text.find(word, at)) != -1:
        end = hit + len(word)
        if text[hit - 1] not in _WORD and text[end] not in _WORD:
            return True
        at = end
    return False


def assigned_in(text: bytes) -> Counter[str]:
    """How often a text assigns each attribute of something other than `self`."""
    return Counter(hit[1].decode() for hit in _ASSIGNED.finditer(text))


def changed_lines(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    """The lines of two texts that lie between what they share at their beginnings and at their ends."""
    shared = min(len(before), len(after))
    start = _longest(shared, lambda length: before[:length] == after[:length])
    start = before.rfind(b"\n", 0, start) + 1
    rest = min(len(before), len(after)) - start
    end = _longest(rest, lambda length: before[len(before) - length :] == after[len(after) - length :])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    # Whole lines: the last one reaches into what both share.
    tail = after[len(after) - end :]
    line = tail.partition(b"\n")[0]
    return old + line, new + line


def _longest(limit: int, is_shared: Callable[[int], bool]) -> int:
    """The largest length up to a limit for which something holds that holds for all shorter ones."""
    return bisect_left(range(1, limit + 1), True, key=lambda length: not is_shared(length))
