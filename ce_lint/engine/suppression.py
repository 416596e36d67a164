"""Comments that take findings back, at either end of a flow."""

from __future__ import annotations

from pathlib import Path

from ce_lint.findings import Finding, Place
from ce_lint.program.program import Program
from ce_lint.source.suppressions import file_is_suppressed, suppresses, suppression_lines


class Suppressions:
    """The comments of a program's texts, each file searched once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._lines: dict[Path, list[str] | None] = {}

    def cover(self, finding: Finding) -> bool:
        """Is a finding taken back where the loss is called, where it is given its input, or at the activation?"""
        return any(self.suppress(place, finding.code) for place in (finding.argument, finding.sink, finding.source))

    def suppress(self, place: Place, code: str) -> bool:
        """Does a comment on a place's line, or on its file, take a code back?"""
        path = Path(place.path).absolute()
        lines = self._of(path)
        if lines is None:
            return True
        module = self._program.module(path)
        number = place.line if module is None else module.source.text_line(place.cell, place.line)
        return 0 < number <= len(lines) and suppresses(lines[number - 1], code)

    def _of(self, path: Path) -> list[str] | None:
        """The lines searched for comments; None for a file that is taken back as a whole."""
        if path not in self._lines:
            module = self._program.module(path)
            text = "" if module is None else module.source.text
            self._lines[path] = None if file_is_suppressed(text) else suppression_lines(text)
        return self._lines[path]
