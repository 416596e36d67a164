"""The lines that reports show and count in; a report that shows none reads no file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint.findings import Place

if TYPE_CHECKING:
    from ce_lint.source.records import SourceFile


class LineReader:
    """Reads each file once; standard input stands for the file that it was given for."""

    def __init__(self, stdin_path: str = "", stdin_text: str = "") -> None:
        """Start with what was read from standard input, if anything was."""
        self._lines: dict[str, dict[tuple[int | None, int], str]] = {}
        self._on_disk: dict[str, list[str]] = {}
        if stdin_path:
            from ce_lint.source.file import SourceError, source_from_text
            from ce_lint.source.lines import split_lines

            try:
                self._lines[stdin_path] = _by_place(source_from_text(Path(stdin_path), stdin_text))
            except SourceError:
                # What is wrong with it is in the report.
                self._lines[stdin_path] = {}
            self._on_disk[stdin_path] = split_lines(stdin_text.removeprefix("\ufeff"))

    def line_of(self, place: Place) -> str | None:
        """Return the text of the line on which a place starts."""
        if place.path not in self._lines:
            from ce_lint.source.file import SourceError, read_source

            try:
                self._lines[place.path] = _by_place(read_source(Path(place.path)))
            except SourceError:
                # The file was there when it was analysed; a frame is not worth an error.
                self._lines[place.path] = {}
        return self._lines[place.path].get((place.cell, place.line))

    def disk_line(self, path: str, line: int) -> str | None:
        """Return the text of a line of a file, which in a notebook is a line of JSON."""
        if path not in self._on_disk:
            from ce_lint.source.file import SourceError, read_text
            from ce_lint.source.lines import split_lines

            try:
                self._on_disk[path] = split_lines(read_text(Path(path)))
            except SourceError:
                self._on_disk[path] = []
        lines = self._on_disk[path]
        return lines[line - 1].rstrip("\r\n") if 1 <= line <= len(lines) else None


def _by_place(source: SourceFile) -> dict[tuple[int | None, int], str]:
    from ce_lint.source.lines import split_lines

    lines = split_lines(source.text)
    return {source.user_line(number): line.rstrip("\r\n") for number, line in enumerate(lines, start=1)}
