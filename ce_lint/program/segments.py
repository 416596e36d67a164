"""A file's text as segments in a row: each a top-level definition, or statements between definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STATEMENT = rb"[^\s#)\]}]"
"""What may begin a statement of the module itself, at the beginning of a line."""
_FIRST = re.compile(_STATEMENT)
_BEFORE = re.compile(rb"\n(?=%b)" % _STATEMENT)
_DEFINITION = re.compile(rb"@|(?:async[ \t]+def|def|class)\b")


def segments(text: bytes) -> Iterator[tuple[bytes, bool]]:
    """The text of each segment, and whether it is a definition."""
    lines = [0] if _FIRST.match(text) else []
    lines += [hit.end() for hit in _BEFORE.finditer(text)]
    begin = 0
    in_definition = is_in_string = is_decorated = False
    for start, end in zip(lines, [*lines[1:], len(text)], strict=False):  # a text of comments has no line
        if not is_in_string:
            is_definition = _DEFINITION.match(text, start) is not None
            if not is_decorated and (is_definition or in_definition):
                yield text[begin:start], in_definition
                begin, in_definition = start, is_definition
            is_decorated = text.startswith(b"@", start)
        quotes = text.count(b'"""', start, end) + text.count(b"'''", start, end)
        is_in_string ^= quotes % 2 == 1
    yield text[begin:], in_definition
