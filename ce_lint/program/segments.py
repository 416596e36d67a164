"""A file's text as segments in a row: each a top-level definition, or statements between definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_STATEMENT = rb"[^\s#)\]}]"
"""What may begin a statement of the module itself, at the beginning of a line."""
_FIRST = re.compile(_STATEMENT)
_BEFORE = re.compile(rb"\n(?=%b)" % _STATEMENT)
_DEFINITION = re.compile(rb"@|(?:async[ \t]+def|def|class)\b")


class Segments(msgspec.Struct, frozen=True):
    """A text as segments in a row: each a definition, or statements between definitions."""

    starts: list[int]
    parts: list[int]
    """The part that each belongs to: a number of its own for a definition, 0 for everything else."""

    @classmethod
    def of(cls, text: bytes) -> Segments:
        """Take a text apart at the beginnings of its top-level statements."""
        lines = [0] if _FIRST.match(text) else []
        lines += [hit.end() for hit in _BEFORE.finditer(text)]
        starts, parts = [0], [0]
        is_in_string = is_decorated = False
        for start, end in zip(lines, [*lines[1:], len(text)], strict=False):  # a text of comments has no line
            if not is_in_string:
                is_definition = _DEFINITION.match(text, start) is not None
                if not is_decorated and (is_definition or parts[-1]):
                    starts.append(start)
                    parts.append(len(starts) if is_definition else 0)
                is_decorated = text.startswith(b"@", start)
            quotes = text.count(b'"""', start, end) + text.count(b"'''", start, end)
            is_in_string ^= quotes % 2 == 1
        return cls(starts, parts)

    def each(self, text: bytes) -> Iterator[tuple[bytes, bool]]:
        """The text of each segment, and whether it is a definition."""
        for start, end, part in zip(self.starts, [*self.starts[1:], len(text)], self.parts, strict=True):
            yield text[start:end], part > 0
