"""Lines as Python counts them: ended by LF, CR LF or a lone CR, and by nothing else."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def split_lines(text: str) -> list[str]:
    """Split `text` into lines that keep their line ends.

    `str.splitlines` would also split at form feeds and Unicode separators, which Python's own line numbers ignore.
    """
    return list(io.StringIO(text, newline=""))


def ended_lines(text: str) -> int:
    """Return how many lines of `text` have a line end."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def line_end(line: str) -> str:
    """Return the line end of `line`, or an empty string where the text stops without one."""
    return line[len(line.rstrip("\r\n")) :]


def join_lines(lines: Iterable[str]) -> str:
    """Join lines, some of them emptied, into a text with as many lines.

    A line that was emptied down to its LF would, below a lone CR, become half of one line end: a blank keeps it apart.
    """
    result: list[str] = []
    for line in lines:
        apart = line.startswith("\n") and bool(result) and result[-1].endswith("\r")
        result.append(" " + line if apart else line)
    return "".join(result)


def blank_lines(text: str) -> str:
    """Empty every line of `text` and keep the line ends."""
    return join_lines(map(line_end, split_lines(text)))


def line_starts(text: str) -> list[int]:
    """Return the offset at which each line of `text` starts; an empty text has one line."""
    starts = [0]
    for line in split_lines(text):
        starts.append(starts[-1] + len(line))
    if len(starts) > 1 and not text.endswith(("\n", "\r")):
        starts.pop()
    return starts
