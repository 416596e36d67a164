"""Notebooks as Python: the code cells in order, joined, with the place of every line kept."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from ce_lint.source.json_places import RawCell, RawNotebook, RawPiece, read_notebook
from ce_lint.source.lines import blank_lines, line_starts, split_lines
from ce_lint.source.magics import parse_problem, python_of_cell
from ce_lint.source.records import Cell, SourceError, SourceFile, SourceProblem
from ce_lint.source.strings import JsonString

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PYTHON = frozenset({"ipython", "pyspark", "python", "python2", "python3", "pythonkernel", "xpython"})
# Where editors with several languages in one notebook keep the language of a cell.
_CELL_LANGUAGE = (
    ("languageId",),
    ("vscode", "languageId"),
    ("polyglot_notebook", "kernelName"),
    ("dotnet_interactive", "language"),
    ("language",),
)
_NOTEBOOK_LANGUAGE = (
    ("language_info", "name"),
    ("kernelspec", "language"),
    ("language",),
)


@dataclass(slots=True)
class _Joined:
    """The joined text while it grows."""

    text: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)
    next_line: int = 1


def looks_like_notebook(text: str) -> bool:
    """Tell whether text of unknown origin is a notebook: a JSON object with cells."""
    if not text.lstrip().startswith("{") or '"cells"' not in text:
        return False
    try:
        notebook = read_notebook(text)
    except (ValueError, RecursionError):
        return False
    return notebook is not None and notebook.cells is not None


def notebook_source(path: Path, text: str) -> SourceFile:
    """Make a source of the JSON text of a notebook; an empty text is a notebook without cells."""
    if not text.strip():
        return SourceFile(path, "")
    notebook = raw_notebook(path, text)
    language = _foreign_language(notebook.members.get("metadata"), _NOTEBOOK_LANGUAGE)
    if language is not None:
        return SourceFile(path, "")  # skipped like a cell of another language: nothing is wrong with it
    joined = _Joined()
    starts = line_starts(text)
    for number, cell in enumerate(notebook.cells or (), start=1):
        if _is_python(cell):
            _add(joined, number, cell, starts)
    return SourceFile(path, "".join(joined.text), tuple(joined.cells), tuple(joined.problems))


def raw_notebook(path: Path, text: str) -> RawNotebook:
    """Read the JSON text of a notebook as the file has it; raise SourceError."""
    try:
        notebook = read_notebook(text)
    except RecursionError:
        raise SourceError(path, "is not a notebook: too deeply nested") from None
    except ValueError as error:
        place = getattr(error, "pos", None)
        line = None if place is None else bisect_right(line_starts(text), place)
        raise SourceError(path, f"is not a notebook: {getattr(error, 'msg', error)}", line) from None
    if notebook is None:
        raise SourceError(path, "is not a notebook: not a JSON object")
    if notebook.cells is None:
        raise SourceError(path, "is not a notebook: no list of cells")
    return notebook


def source_of_cells(path: Path, cells: Iterable[tuple[int, str]]) -> SourceFile:
    """Make a source of the Python cells of a notebook that is open in an editor, each with its number."""
    joined = _Joined()
    for number, text in cells:
        source = _ended(text)
        _append(joined, Cell(number, joined.next_line, len(split_lines(source)), ()), source)
    return SourceFile(path, "".join(joined.text), tuple(joined.cells), tuple(joined.problems))


def _add(joined: _Joined, number: int, cell: RawCell, starts: list[int]) -> None:
    """Append a code cell, or blank lines in its place where it is no Python."""
    if cell.pieces is None:
        joined.problems.append(SourceProblem(None, "cannot be read: its source is not text", number))
        return
    source = _ended("".join(piece.text for piece in cell.pieces))
    count = len(split_lines(source))
    strings = _strings(cell.pieces, starts)
    _append(joined, Cell(number, joined.next_line, count, _raw_lines(source, cell.pieces, strings), strings), source)


def _append(joined: _Joined, cell: Cell, source: str) -> None:
    text, problem = _python(source)
    if problem is not None:
        line, reason = problem
        line = None if line is None else min(line, cell.line_count)
        joined.problems.append(SourceProblem(line, f"cannot be parsed: {reason}", cell.number))
    joined.text.append(text)
    joined.cells.append(cell)
    joined.next_line += cell.line_count


def _ended(source: str) -> str:
    # A lone CR gets an LF too: before a cell that starts with LF, it would be half of a line end.
    return source if source.endswith("\n") else source + "\n"


def _python(source: str) -> tuple[str, tuple[int | None, str] | None]:
    # Python that parses holds no magic, and must reach the analysis untouched.
    if parse_problem(source) is None:
        return source, None
    text = python_of_cell(source)
    problem = parse_problem(text)
    return (text if problem is None else blank_lines(text)), problem


def _strings(pieces: tuple[RawPiece, ...], starts: list[int]) -> tuple[JsonString, ...]:
    """Return where the file has the code of a cell. Empty pieces hold none of it, and one is left to point at."""
    filled = [piece for piece in pieces if piece.text] or pieces[:1]
    lines = (bisect_right(starts, piece.place) for piece in filled)
    return tuple(
        JsonString(piece.literal, line, piece.place - starts[line - 1])
        for piece, line in zip(filled, lines, strict=True)
    )


def _raw_lines(source: str, pieces: tuple[RawPiece, ...], strings: tuple[JsonString, ...]) -> tuple[int, ...]:
    """Return for each line of the cell the line of the JSON on which the piece that it starts in is."""
    ends = list(accumulate(len(piece.text) for piece in pieces if piece.text))
    last = len(strings) - 1
    return tuple(strings[min(bisect_right(ends, start), last)].line for start in line_starts(source)[:-1])


def _is_python(cell: RawCell) -> bool:
    if cell.members.get("cell_type") != "code":
        return False
    # nbformat 3 has the language in the cell itself.
    own = cell.members.get("language")
    if isinstance(own, str) and not _names_python(own):
        return False
    return _foreign_language(cell.members.get("metadata"), _CELL_LANGUAGE) is None


def _foreign_language(metadata: object, places: tuple[tuple[str, ...], ...]) -> str | None:
    """Return the first language that is named in `metadata`, unless Python is named too or nothing is."""
    named = [name for name in (_member(metadata, place) for place in places) if isinstance(name, str) and name]
    if not named or any(map(_names_python, named)):
        return None
    return named[0]


def _member(value: object, place: tuple[str, ...]) -> object:
    for key in place:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _names_python(name: str) -> bool:
    return name.lower() in _PYTHON
