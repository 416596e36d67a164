"""What the places where a name stands in a text tell of it, so that the text need not be lowered for that."""

from __future__ import annotations

from ce_lint.program.words import find_word

_NEAR = 1_000
"""Bytes before a definition in which the line is looked for that stands above it."""
_DEFINITIONS = (b"def", b"async def")
_BRACKETS = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"))


def is_only_called(text: bytes, method: bytes) -> bool:
    """Tell whether a method is called wherever it stands, so that it is handed to nobody; False where that is unclear.

    It is where each time there is a dot before it and a parenthesis behind, but in definitions without decorators.
    """
    hit = find_word(text, method)
    while hit != -1:
        end = hit + len(method)
        is_called = text.startswith(b"(", end) and text.endswith(b".", 0, hit)
        if not is_called and not _is_plain_definition(text, hit):
            return False
        hit = find_word(text, method, end)
    return True


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
    counts = [(line.count(opening), line.count(closing)) for opening, closing in _BRACKETS]
    has_brackets, has_strings = any(map(any, counts)), b"'" in line or b'"' in line
    if line.startswith(b"@") or line.endswith(b"\\") or b"#" in line:
        return False
    if has_strings and (has_brackets or not line.endswith((b"'", b'"'))):
        return False
    return all(opened == closed for opened, closed in counts)
