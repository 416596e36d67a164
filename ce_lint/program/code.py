"""What of a text is code, and neither a comment nor a string."""

from __future__ import annotations

import re

_SAID = re.compile(
    rb"""#[^\n]*"""
    rb"""|\"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"{3}"""
    rb"""|'{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{3}"""
    rb"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'""",
    re.DOTALL,
)
"""A comment or a string."""
_FORMATTED = re.compile(rb"[fF][rR]?\Z")
"""What stands before the quotes of a string that has code in it."""
_QUOTES = re.compile(rb"['\"]")
_QUOTE_OR_COMMENT = re.compile(rb"['\"#]")


def is_in_code(text: bytes, hit: int, start: int) -> bool:
    """Tell whether a place of a part of a text is seen at once to be in no comment and no string, as most are."""
    if _QUOTE_OR_COMMENT.search(text, text.rfind(b"\n", start, hit) + 1 or start, hit):
        return False
    return not any(text.count(quotes, start, hit) % 2 for quotes in (b'"""', b"'''"))


def code_in(text: bytes) -> bytes:
    """A text without its comments and strings; all of it, where its quotes are no pairs."""
    code = _SAID.sub(_code_of, text)
    return text if _QUOTES.search(code) else code


def _code_of(said: re.Match[bytes]) -> bytes:
    """What a comment or a string has of code: one that is formatted may have some between its braces."""
    found = said[0]
    if found.startswith(b"#") or not _FORMATTED.search(said.string, max(said.start() - 2, 0), said.start()):
        return b" "
    # Where the braces are no pairs, there are quotes between them.
    return _QUOTES.sub(b" ", found) if found.count(b"{") == found.count(b"}") else found
