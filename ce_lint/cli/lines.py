"""The lines that code frames show."""

from __future__ import annotations

from pathlib import Path

from ce_lint.findings import Place
from ce_lint.source.file import read_source, source_from_text
from ce_lint.source.lines import split_lines
from ce_lint.source.records import SourceError, SourceFile


class LineReader:
    """Reads each file once; standard input stands for the file that it was given for."""

    def __init__(self, stdin_path: str = "", stdin_text: str = "") -> None:
        """Start with what was read from standard input, if anything was."""
        self._lines: dict[str, dict[tuple[int | None, int], str]] = {}
        if stdin_path:
            self._lines[stdin_path] = _by_place(source_from_text(Path(stdin_path), stdin_text))

    def line_of(self, place: Place) -> str | None:
        """Return the text of the line on which a place starts."""
        if place.path not in self._lines:
            try:
                self._lines[place.path] = _by_place(read_source(Path(place.path)))
            except SourceError:
                # The file was there when it was analysed; a frame is not worth an error.
                self._lines[place.path] = {}
        return self._lines[place.path].get((place.cell, place.line))


def _by_place(source: SourceFile) -> dict[tuple[int | None, int], str]:
    lines = split_lines(source.text)
    return {source.user_line(number): line.rstrip("\r\n") for number, line in enumerate(lines, start=1)}
