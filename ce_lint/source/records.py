"""The records of this package: a source file, its cells, and what is wrong with it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from ce_lint.compared import Compared
from ce_lint.source.lines import blank_lines, join_lines, line_starts, split_lines

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from ce_lint.source.strings import JsonString


class SourceError(Exception):
    """A file that cannot be read as source at all."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        """Keep the parts apart for reporters, and in `args` for pickling between processes."""
        reason = " ".join(reason.split())
        super().__init__(path, reason, line)
        self.path = path
        self.reason = reason
        self.line = line

    def __str__(self) -> str:
        """Say it in one line."""
        place = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.reason}"


class Cell(Compared, frozen=True):
    """A code cell of a notebook and where its lines are.

    `number` counts all cells from 1, `first_line` is a line of the joined text, and `raw_lines` holds for each line
    of the cell its line in the JSON (nothing where that is not known).
    """

    number: int
    first_line: int
    line_count: int
    raw_lines: tuple[int, ...]
    strings: tuple[JsonString, ...] = ()
    """The code as the JSON has it (nothing where that is not known); cells are equal whatever it is."""

    def _compared(self) -> tuple[object, ...]:
        return self.number, self.first_line, self.line_count, self.raw_lines


class SourceProblem(msgspec.Struct, frozen=True):
    """A part of a file that was left out, and why; `line` is within the cell where there is one."""

    line: int | None
    message: str
    cell: int | None = None


class SourceFile(msgspec.Struct, frozen=True):
    """A file as Python text; for a notebook the code cells in order, joined."""

    path: Path
    text: str
    cells: tuple[Cell, ...] = ()
    problems: tuple[SourceProblem, ...] = ()

    def user_line(self, line: int) -> tuple[int | None, int]:
        """Return the cell number (or None) and the line within the cell or file, as a user counts them."""
        cell = self._cell_at(line)
        if cell is None:
            return None, line
        return cell.number, _line_in_cell(cell, line)

    def text_line(self, cell: int | None, line: int) -> int:
        """Return the line of the text that a user calls by a cell (or None) and a line; the inverse of `user_line`."""
        for one in self.cells:
            if one.number == cell:
                return one.first_line + line - 1
        return line

    def raw_line(self, line: int) -> int:
        """Return the line of the file on disk: for a notebook, a line of its JSON."""
        cell = self._cell_at(line)
        if cell is None:
            return line
        # Line 1 exists in every file, so a place that is not known still points into the right one.
        return cell.raw_lines[_line_in_cell(cell, line) - 1] if cell.raw_lines else 1

    def raw_range(self, line: int, column: int, end_line: int, end_column: int) -> tuple[int, int, int, int] | None:
        """Return where a range of the text stands in the file on disk: for a notebook, in its JSON.

        Lines count from 1, columns from 0 in code points, and the end is exclusive. None where that is not known.
        """
        cell = self._cell_at(line)
        if cell is None:
            return line, column, end_line, end_column
        if not cell.strings:
            return None
        from ce_lint.source.strings import decoded, raw_places

        starts = line_starts(decoded(cell.strings))
        first, last = (
            starts[_line_in_cell(cell, one) - 1] + inside for one, inside in ((line, column), (end_line, end_column))
        )
        return raw_places(cell.strings, first, last)

    @property
    def digest(self) -> str:
        """A hash of the text, to recognise it by."""
        # Imported here, because it loads a library that most runs do not need.
        import hashlib

        # A JSON string can hold half of a surrogate pair, which plain UTF-8 refuses to encode.
        data = self.text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=32).hexdigest()

    def without(self, cell_numbers: Collection[int], reason: str) -> SourceFile:
        """Blank these cells, keep their lines, and add a problem for each."""
        lines = split_lines(self.text)
        problems = list(self.problems)
        for cell in self.cells:
            if cell.number not in cell_numbers:
                continue
            place = slice(cell.first_line - 1, cell.first_line - 1 + cell.line_count)
            lines[place] = split_lines(blank_lines("".join(lines[place])))
            problems.append(SourceProblem(None, reason, cell.number))
        return msgspec.structs.replace(self, text=join_lines(lines), problems=tuple(problems))

    def _cell_at(self, line: int) -> Cell | None:
        if not self.cells:
            return None
        after = bisect_right(self.cells, line, key=lambda cell: cell.first_line)
        return self.cells[max(after - 1, 0)]


def _line_in_cell(cell: Cell, line: int) -> int:
    # A parser reports an unexpected end of file one line below the last one.
    return min(max(line - cell.first_line + 1, 1), cell.line_count)
