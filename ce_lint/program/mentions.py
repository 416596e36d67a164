"""What the places where a name stands in a text tell of it, so that the text need not be lowered for that."""

from __future__ import annotations

import re
import unicodedata

from ce_lint.program.words import find_word

_OUTSIDE_ASCII = re.compile(rb"\w*[\x80-\xff][\w\x80-\xff]*")
"""Words that are not spelt in ASCII alone."""
_NEAR = 1_000
"""Bytes before a definition in which the line is looked for that stands above it."""
_DEFINITIONS = (b"def", b"async def")
_UNCLEAR = (b"#", b"\r", b"'''", b'"""')
"""What may hide how a line ends, or where it begins."""
_BRACKETS = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"))


def is_only_called(text: bytes, method: bytes) -> bool:
    """Tell whether a method is called wherever it stands, so that it is handed to nobody; False where that is unclear.

    It is where each time there is a dot before it and a parenthesis behind, but in definitions without decorators.
    """
    if _is_spelt_otherwise(text, method):
        return False
    hit = find_word(text, method)
    while hit != -1:
        end = hit + len(method)
        is_called = text.startswith(b"(", end) and text.endswith(b".", 0, hit)
        if not is_called and not _is_plain_definition(text, hit):
            return False
        hit = find_word(text, method, end)
    return True


def _is_spelt_otherwise(text: bytes, name: bytes) -> bool:
    """Tell whether a word stands in a text that is spelt in other bytes than a name, and is the same to Python."""
    if text.isascii():
        return False
    normal = name.decode()
    others = (word for word in _OUTSIDE_ASCII.findall(text) if word != name)
    return any(unicodedata.normalize("NFKC", word.decode("utf-8", "replace")) == normal for word in others)


def _is_plain_definition(text: bytes, name: int) -> bool:
    """Tell whether what stands at a place is the name of a function that certainly has no decorators."""
    line = text.rfind(b"\n", 0, name) + 1
    if b" ".join(text[line:name].split()) not in _DEFINITIONS:
        return False
    above = text[max(line - _NEAR, 0) : line].rstrip()
    before, _, last = above.rpartition(b"\n")
    if not before or before.rstrip().endswith(b"\\"):
        return False
    return _is_whole_line(last.strip())


def _is_whole_line(line: bytes) -> bool:
    """Tell whether a line certainly holds no decorator, and ends nothing that one above it began."""
    if line.startswith(b"@") or line.endswith(b"\\") or any(sign in line for sign in _UNCLEAR):
        return False
    counts = [(line.count(opening), line.count(closing)) for opening, closing in _BRACKETS]
    has_strings = b"'" in line or b'"' in line
    return all(opened == closed and not (opened and has_strings) for opened, closed in counts)
