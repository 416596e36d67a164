"""The text of an open document: a value, replaced as a whole with every edit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lsprotocol import types

from ce_lint.lsp.positions import Encoding, Point, point_of
from ce_lint.source.lines import split_lines


@dataclass(frozen=True, slots=True)
class Text:
    """A document, or a cell of a notebook, at one version; its lines keep their ends."""

    uri: str
    version: int | None
    language: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text in one piece."""
        return "".join(self.lines)


def opened(item: types.TextDocumentItem) -> Text:
    """Return the text of a document that a client opens."""
    return Text(item.uri, item.version, item.language_id, tuple(split_lines(item.text)))


def edited(
    text: Text, changes: Iterable[types.TextDocumentContentChangeEvent], version: int, encoding: Encoding
) -> Text:
    """Return a text after a client's changes, each of which counts in the text that the one before it leaves."""
    lines = text.lines
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            lines = _replaced(lines, change.range, change.text, encoding)
        else:
            lines = tuple(split_lines(change.text))
    return replace(text, lines=lines, version=version)


def _replaced(lines: tuple[str, ...], where: types.Range, new: str, encoding: Encoding) -> tuple[str, ...]:
    start, end = (point_of(lines, position, encoding) for position in (where.start, where.end))
    end = max(start, end)
    first, last = start.line - 1, end.line - 1
    middle = _before(lines, start) + new + _after(lines, end)
    # A CR and an LF that come to stand beside each other are one line end.
    if middle.startswith("\n") and first > 0:
        first -= 1
        middle = lines[first] + middle
    if not middle.endswith("\n") and last + 1 < len(lines):
        last += 1
        middle += lines[last]
    return (*lines[:first], *split_lines(middle), *lines[last + 1 :])


def _before(lines: tuple[str, ...], point: Point) -> str:
    return lines[point.line - 1][: point.column - 1] if point.line <= len(lines) else ""


def _after(lines: tuple[str, ...], point: Point) -> str:
    return lines[point.line - 1][point.column - 1 :] if point.line <= len(lines) else ""
