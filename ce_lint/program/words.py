"""Which texts a word stands in."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence, Set

_WORDS = re.compile(rb"[A-Za-z_]\w*")
_KEYWORDS = (b"def", b"class")
# The first letters are searched for quickly; a name is looked ahead at, because it may be the next keyword.
_BEFORE_NAME = {word: re.compile(rb"%b(?<=\b%b)(?= (\w+))" % (word, word)) for word in _KEYWORDS}
"""By keyword: the names that stand behind it, one blank apart, where `has_word` finds the two."""
_ATTRIBUTES = re.compile(rb"\.[\s\\]*([A-Za-z_]\w*)")
_DOT = re.compile(rb"\.[\s\\]*\Z")
_MAX_APART = 80
"""Bytes between a dot and an attribute, that stand on two lines."""
_OWNER = re.compile(rb"[A-Za-z_][\w.\[\]]*")
"""What stands before the dot where an attribute is assigned."""
_WORD_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_BLANKED = bytes(byte if byte in _WORD_BYTES else 0x20 for byte in range(256))
"""Each byte, and a blank for those that are in no word."""


class WordIndex:
    """The words of some texts, each with the numbers of the texts that it stands in."""

    def __init__(self) -> None:
        self._having: dict[bytes, int | list[int]] = {}
        """By word; of one that stands in a single text, as most do, only the number."""
        self._numbers: list[int] = []
        self._phrases: dict[bytes, list[int]] = {}
        """What was found of wanted texts that are no words."""
        self._defined: dict[int, bytes] = {}
        """What stands in some of the texts of a keyword and a name, each a line as `def f`."""

    def add(self, number: int, text: bytes) -> None:
        """Take in a text under a number that is larger than all before."""
        having = self._having
        self._phrases.clear()
        self._numbers.append(number)
        for word in words_of(text):
            known = having.get(word)
            if known is None:
                having[word] = number
            elif isinstance(known, list):
                known.append(number)
            else:
                having[word] = [known, number]

    def exchange(self, number: int, before: bytes, after: bytes) -> None:
        """Take in a text in place of what had its number; the text before the first one is empty."""
        self._phrases.clear()
        self._defined.pop(number, None)
        if number not in self._numbers:
            insort(self._numbers, number)
        old, new = words_of(before), words_of(after)
        for word in old - new:
            self._having[word] = [one for one in self._of(word) if one != number]
        for word in new - old:
            self._having[word] = sorted((*self._of(word), number))

    def having(self, word: str, text_of: Callable[[int], bytes]) -> list[int]:
        """The numbers of the texts in which a word, one behind a dot, or two with a blank between, stands alone."""
        wanted = word.encode()
        if _WORDS.fullmatch(wanted):
            return list(self._of(wanted))
        if wanted not in self._phrases:
            parts = sorted(_WORDS.findall(wanted), key=lambda part: len(self._of(part)))
            candidates: Iterable[int] = self._of(parts[0]) if parts else self._numbers
            self._phrases[wanted] = [number for number in candidates if self._holds(number, wanted, text_of)]
        return list(self._phrases[wanted])

    def stands_in(self, number: int, word: str) -> bool:
        """Tell whether a word of ASCII stands in one text."""
        return holds(self._of(word.encode()), number)

    def _of(self, word: bytes) -> Sequence[int]:
        known = self._having.get(word, ())
        return (known,) if isinstance(known, int) else known

    def _holds(self, number: int, wanted: bytes, text_of: Callable[[int], bytes]) -> bool:
        if wanted.partition(b" ")[0] not in _KEYWORDS or not wanted.isascii():
            return has_word(text_of(number), wanted)
        if number not in self._defined:
            self._defined[number] = _defined_in(text_of(number))
        return b"\n%b\n" % wanted in self._defined[number]


def holds(numbers: Sequence[int], number: int) -> bool:
    """Tell whether a number is one of some that are in order."""
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number


def _defined_in(text: bytes) -> bytes:
    lines = {b"%b %b" % (word, name) for word, pattern in _BEFORE_NAME.items() for name in pattern.findall(text)}
    return b"\n%b\n" % b"\n".join(sorted(lines))


def words_of(text: bytes) -> set[bytes]:
    """The words of a text, and its numbers."""
    return set(text.translate(_BLANKED).split())  # in half the time of a pattern


def _spelt_in(text: bytes) -> set[str]:
    """The words of a text that are ASCII; those behind a dot, with the dot too."""
    attributes = {b"." + word for word in set(_ATTRIBUTES.findall(text))}
    return {word.decode() for word in {*_WORDS.findall(text), *attributes}}


def standing_in(text: bytes, words: Set[str]) -> frozenset[str]:
    """Those of some words that stand in a text."""
    plain = {word for word in words if word.isascii() and word.removeprefix(".").isidentifier()}
    others = (word for word in words - plain if has_word(text, word.encode()))
    return frozenset((plain & _spelt_in(text)).union(others))


def has_word(text: bytes, word: bytes) -> bool:
    """Tell whether a word stands in a text, not as a part of a longer one."""
    return find_word(text, word) != -1


def find_word(text: bytes, word: bytes, start: int = 0) -> int:
    """Where a word, or one behind a dot, stands in a text first, from some place on; -1 where it does not."""
    plain = word.removeprefix(b".")
    at = start
    while (hit := text.find(plain, at)) != -1:
        end = hit + len(plain)
        is_whole = not (hit and text[hit - 1] in _WORD_BYTES) and not (end < len(text) and text[end] in _WORD_BYTES)
        if is_whole and (plain == word or _DOT.search(text, max(hit - _MAX_APART, 0), hit)):
            return hit
        at = end
    return -1


def assigns(text: bytes, attribute: str) -> bool:
    """Tell whether a line of a text assigns an attribute of something other than `self`."""
    for hit in re.finditer(rb"\.%b[ \t]*=(?!=)" % re.escape(attribute.encode()), text):
        owner = text[text.rfind(b"\n", 0, hit.start()) + 1 : hit.start()].strip(b" \t")
        if owner != b"self" and _OWNER.fullmatch(owner):
            return True
    return False
