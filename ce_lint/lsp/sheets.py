"""The lines of files and cells as the client has them, and where our places are in those."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from ce_lint.findings import Place
from ce_lint.lsp.addresses import uri_of
from ce_lint.lsp.documents import OpenFile
from ce_lint.lsp.positions import Encoding, Point, range_of
from ce_lint.source.file import read_text
from ce_lint.source.lines import split_lines
from ce_lint.source.records import SourceError


@dataclass(frozen=True, slots=True)
class Sheet:
    """Something with a URI and lines: a file, or a cell."""

    uri: str
    version: int | None
    """None where it is not open."""
    lines: Sequence[str]
    path: Path
    cell: int | None = None
    is_json: bool = False
    """Whether it is a notebook that is not open: its lines are those of the JSON."""

    @property
    def line_end(self) -> str:
        """What its lines end with."""
        first = self.lines[0] if self.lines else ""
        return first[len(first.rstrip("\r\n")) :] or "\n"


class Sheets:
    """The sheets of one answer."""

    def __init__(
        self,
        laid: Mapping[Path, OpenFile],
        spelled: Callable[[Path], str | None],
        encoding: Encoding,
        on_disk: dict[Path, Sequence[str]] | None = None,
    ) -> None:
        """Take what is open, how the client spells the URIs of paths, and the lines of files that were read already."""
        self._laid = laid
        self._spelled = spelled
        self._encoding = encoding
        self._sheets: dict[tuple[str, int | None], Sheet] = {}
        self._on_disk = {} if on_disk is None else on_disk

    def sheet(self, place: Place) -> Sheet:
        """Return the sheet that a place is on."""
        known_by = place.path, place.cell
        if known_by not in self._sheets:
            self._sheets[known_by] = self._sheet(place)
        return self._sheets[known_by]

    def of(self, path: Path, cell: int | None = None) -> Sheet:
        """Return the sheet of a file, or of a cell of an open notebook."""
        return self.sheet(Place(str(path), 1, 1, 1, 1, cell))

    def range(self, place: Place) -> types.Range:
        """Return where a place is on its sheet."""
        sheet = self.sheet(place)
        found = place.on_disk if sheet.is_json else place
        start, end = Point(found.line, found.column), Point(found.end_line, found.end_column)
        return range_of(sheet.lines, start, end, self._encoding)

    def location(self, place: Place) -> types.Location:
        """Return a place as a client is told it."""
        return types.Location(self.sheet(place).uri, self.range(place))

    def _sheet(self, place: Place) -> Sheet:
        path = Path(os.path.abspath(place.path))
        laid = self._laid.get(path)
        text = None if laid is None else laid.part(place.cell)
        if text is not None:
            return Sheet(text.uri, text.version, text.lines, path, place.cell)
        uri = self._spelled(path) or uri_of(path)
        if laid is not None and not laid.is_notebook:
            # The JSON of a notebook, opened as text.
            (part,) = laid.parts
            return Sheet(uri, part.text.version, part.text.lines, path, place.cell, is_json=True)
        return Sheet(uri, None, self._lines(path), path, place.cell, is_json=place.cell is not None)

    def _lines(self, path: Path) -> Sequence[str]:
        if path not in self._on_disk:
            try:
                self._on_disk[path] = split_lines(read_text(path))
            except SourceError:
                self._on_disk[path] = ()
        return self._on_disk[path]
