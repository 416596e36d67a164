"""Where a comment has to go that takes a code back, and what it has to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ce_lint.lsp.positions import Point
from ce_lint.source.magics import python_of_cell
from ce_lint.source.suppressions import Lines, Suppression, suppressions


class Insertion(NamedTuple):
    """A text that is inserted at a point."""

    point: Point
    text: str


def insertion(lines: Sequence[str], place: Lines, code: str, *, is_cell: bool = False) -> Insertion | None:
    """Return what takes a code back in the first of some lines; None where no comment can stand.

    An existing comment of ours is extended; else one is made at the end of the line, or where none can stand there, as
    within a string or above a backslash, on a line of its own above.
    """
    first = Lines(place.first, place.first)
    return next(
        (
            found
            for found in _candidates(lines, place.first, code, is_cell=is_cell)
            if any(_takes_back(one, code, first) for one in _comments(_inserted(lines, found), is_cell=is_cell))
            or any(
                _takes_back(one, code, Lines(place.first + 1, place.first + 1))
                for one in _comments(_inserted(lines, found), is_cell=is_cell)
                if found.text.endswith("\n")
            )
        ),
        None,
    )


def _candidates(lines: Sequence[str], line: int, code: str, *, is_cell: bool) -> Iterator[Insertion]:
    for one in _comments(lines, is_cell=is_cell):
        if not one.is_noqa and one.codes is not None and one.is_at(Lines(line, line)):
            yield Insertion(Point(one.line, one.column + len(one.text)), f", {code}" if one.codes else code)
    if not 0 < line <= len(lines):
        return
    bare = lines[line - 1].rstrip("\r\n")
    comment = f"# ce-lint: ignore[{code}]"
    if not bare.endswith("\\"):
        yield Insertion(Point(line, len(bare) + 1), f"  {comment}" if bare == bare.rstrip() else f" {comment}")
    while line > 1 and lines[line - 2].rstrip("\r\n").endswith("\\"):
        line -= 1
    indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip(" \t"))]
    yield Insertion(Point(line, 1), f"{indent}{comment}\n")


def _takes_back(comment: Suppression, code: str, lines: Lines) -> bool:
    return comment.is_comment and not comment.is_noqa and comment.takes_back(code) and comment.is_at(lines)


def _inserted(lines: Sequence[str], found: Insertion) -> list[str]:
    point, text = found
    result = list(lines)
    line = result[point.line - 1]
    new = line[: point.column - 1] + text + line[point.column - 1 :]
    result[point.line - 1 : point.line] = new.splitlines(keepends=True) if text.endswith("\n") else [new]
    return result


def _comments(lines: Sequence[str], *, is_cell: bool) -> tuple[Suppression, ...]:
    text = "".join(lines)
    return suppressions(python_of_cell(text) if is_cell else text)
