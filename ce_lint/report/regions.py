"""Ranges of a file as hosts want them: within one line, or in bytes."""

from __future__ import annotations

from ce_lint.findings import Place, Region
from ce_lint.report.view import View


def first_line_of(place: Place, view: View) -> Region:
    """Return the range on disk, cut off where its first line ends; an empty one where that cannot be read."""
    region = place.on_disk
    if region.end_line == region.line:
        return region
    line = view.disk_line(place.path, region.line)
    end = region.column if line is None else max(len(line) + 1, region.column)
    return Region(region.line, region.column, region.line, end)


def byte_column(path: str, line: int, column: int, view: View) -> int | None:
    """Return a column in bytes of UTF-8, from 1; None where the line cannot be read."""
    text = view.disk_line(path, line)
    return None if text is None else len(text[: column - 1].encode("utf-8", "surrogatepass")) + 1


def text_between(path: str, start: tuple[int, int], end: tuple[int, int], view: View) -> str | None:
    """Return the text of a file between two places, with LF line ends; None where a line of it cannot be read."""
    lines: list[str] = []
    for number in range(start[0], end[0] + 1):
        # Where the file ends, nothing can be read of the line below.
        line = "" if (number, 1) == end else view.disk_line(path, number)
        if line is None:
            return None
        lines.append(line[: end[1] - 1] if number == end[0] else line)
    return "\n".join(lines)[start[1] - 1 :]
