"""A small scanner that knows which lines of a text start a statement, without parsing the text.

IPython's additions are no Python, so neither `tokenize` nor `ast` gets past them; brackets, strings, comments and
continued lines are all that has to be told apart here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRIPLE = ('"""', "'''")
# What can end a string with this quote, or keep it from ending.
_STRING_MARKS = {quote: re.compile(rf"\\.?|{quote}") for quote in (*_TRIPLE, '"', "'")}
# Outside strings: anything else between two of these is skipped in one step.
_MARK = re.compile(r'"""|\'\'\'|["\'#()\[\]{}]|=(?=[ \t]*[%!](?!=))')


@dataclass(frozen=True, slots=True)
class State:
    """What a line inherits from the lines above it."""

    depth: int = 0
    quote: str = ""
    continued: bool = False

    @property
    def starts_statement(self) -> bool:
        """Whether the next line starts a statement."""
        return not (self.depth or self.quote or self.continued)


@dataclass(frozen=True, slots=True)
class Scan:
    """What one line was found to hold.

    `escape` is the column of the `%` or `!` that an assignment at statement level assigns, `asks` tells that the
    code of the line ends with a question mark at that level.
    """

    after: State
    escape: int | None = None
    asks: bool = False


def scan_line(line: str, state: State) -> Scan:
    """Scan one line (without its line end) that starts in `state`."""
    depth, quote, column, code_end = state.depth, state.quote, 0, 0
    while True:
        if quote:
            column = _string_end(line, column, quote)
            if column < 0:
                # Only a backslash carries a plain string over the line end; without it the text is broken anyway.
                kept = quote if quote in _TRIPLE or _ends_with_backslash(line) else ""
                return Scan(State(depth, kept))
            quote, code_end = "", column
            continue
        match = _MARK.search(line, column)
        if match is None:
            break
        mark, column = match[0], match.end()
        if mark == "#":
            asks = depth == 0 and line[code_end : match.start()].rstrip().endswith("?")
            return Scan(State(depth), asks=asks)
        if mark == "=":
            if depth == 0:
                escape = column + len(line[column:]) - len(line[column:].lstrip(" \t"))
                return Scan(State(depth), escape=escape)
        elif mark in _STRING_MARKS:
            quote = mark
        else:
            depth = depth + 1 if mark in "([{" else max(depth - 1, 0)
        code_end = column
    asks = depth == 0 and line[code_end:].rstrip().endswith("?")
    return Scan(State(depth, continued=_ends_with_backslash(line)), asks=asks)


def _string_end(line: str, column: int, quote: str) -> int:
    # Raw strings too: a backslash keeps the quote after it from ending the string.
    for match in _STRING_MARKS[quote].finditer(line, column):
        if match[0] == quote:
            return match.end()
    return -1


def _ends_with_backslash(line: str) -> bool:
    return line.endswith("\\")
