"""What of a text is certainly no code: its comments, and the strings that nothing is put into."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right

_BEGINNING = re.compile(rb"['\"#]")
_SAID = re.compile(
    rb"""#[^\r\n]*"""
    rb"""|\"{3}([^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*)\"{3}"""
    rb"""|'{3}([^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*)'{3}"""
    rb"""|"(?!"")([^"\\\r\n]*(?:\\.[^"\\\r\n]*)*)"|'(?!'')([^'\\\r\n]*(?:\\.[^'\\\r\n]*)*)'""",
    re.DOTALL,
)
"""A comment, or a string with what it holds."""
_FORMATTED = re.compile(rb"[fFtT][rR]?\Z")
"""What stands before the quotes of a string into which values are put."""
_PLAIN = rb"(?:[^{}'\"\\#]|'[^{}'\"\\]*'|\"[^{}'\"\\]*\")*"
# Two braces are read in one way only: else each pair of them would double the time.
_CLOSED = re.compile(rb"(?:[^{}]|\{\{|\}\}|\{(?!\{)%b(?:\{%b\}%b)*\})*" % (_PLAIN, _PLAIN, _PLAIN))
"""What such a string may hold to be seen whole: since Python 3.12, others may stand in it that end with its quotes."""


class Said:
    """Where a text has comments and strings."""

    def __init__(self, text: bytes) -> None:
        """Look for them from the beginning of a whole text, which is the one place that is certainly code."""
        self._starts, self._ends = array("Q"), array("Q")
        at = 0
        while (beginning := _BEGINNING.search(text, at)) is not None:
            start = beginning.start()
            found = _SAID.match(text, start)
            if found is None or not self._take(text, start, found):
                self._starts, self._ends = array("Q"), array("Q")  # nothing is certain
                return
            at = found.end()

    def __contains__(self, place: int) -> bool:
        """Tell whether a place of the text is certainly in a comment or a string."""
        number = bisect_right(self._starts, place)
        return number > 0 and place < self._ends[number - 1]

    def _take(self, text: bytes, start: int, found: re.Match[bytes]) -> bool:
        """Take note of a comment or a string; False where it is not certain where it ends."""
        if found.lastindex and _FORMATTED.search(text, max(start - 2, 0), start):
            return _CLOSED.fullmatch(found[found.lastindex]) is not None
        self._starts.append(start)
        self._ends.append(found.end())
        return True


def may_be_said(text: bytes, place: int) -> bool:
    """Tell whether quotes or a comment begin before a place: on its line, or over several lines."""
    if _BEGINNING.search(text, text.rfind(b"\n", 0, place) + 1, place):
        return True
    return any(text.count(quotes, 0, place) % 2 for quotes in (b'"""', b"'''"))
