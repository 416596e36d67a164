"""Node numbers → ranges of text: a module is read again only when something in it is reported."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from ce_lint.frontend.arguments import arguments_of
from ce_lint.frontend.lowering import SyntaxFailure, lower_module, parse
from ce_lint.source.lines import split_lines


class Range(NamedTuple):
    """A range of text: lines from 1, columns from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


START = Range(1, 0, 1, 0, "")
"""Stands in for a node without syntax of its own."""


class Ruler:
    """The lines of a text, by which the places of its syntax are told in code points."""

    def __init__(self, text: str) -> None:
        self._lines = split_lines(text)

    def range(self, syntax: ast.AST) -> Range | None:
        """Where syntax stands; None for syntax that has no place of its own."""
        if not isinstance(syntax, ast.expr | ast.stmt) or syntax.end_lineno is None or syntax.end_col_offset is None:
            return None
        first, last = syntax.lineno, syntax.end_lineno
        start = self._column(first, syntax.col_offset)
        end = self._column(last, syntax.end_col_offset)
        return Range(first, start, last, end, self.text(first, start, last, end))

    def text(self, line: int, column: int, end_line: int, end_column: int) -> str:
        """The code in a range, in one line."""
        lines = self._lines[line - 1 : end_line]
        lines[-1] = lines[-1][:end_column]
        lines[0] = lines[0][column:]
        return " ".join("".join(lines).split())

    def _column(self, line: int, offset: int) -> int:
        """The code points before an offset in the bytes of a line."""
        text = self._lines[line - 1]
        return offset if text.isascii() else len(text.encode("utf-8")[:offset].decode("utf-8"))


def locate(text: str, wanted: Iterable[tuple[int, int | None]]) -> dict[tuple[int, int | None], Range]:
    """Where nodes, or arguments of calls, stand in a module's text."""
    requests = sorted(set(wanted), key=str)
    module = parse(text)
    if isinstance(module, SyntaxFailure):
        return dict.fromkeys(requests, START)
    syntax = lower_module(module).syntax
    ruler = Ruler(text)
    found = {}
    for node, argument in requests:
        # A file may have changed since its nodes were numbered.
        place = _chosen(syntax[node], argument) if node < len(syntax) else None
        found[node, argument] = (None if place is None else ruler.range(place)) or START
    return found


def _chosen(syntax: ast.AST | None, argument: int | None) -> ast.AST | None:
    if argument is None or not isinstance(syntax, ast.Call):
        return syntax
    arguments = arguments_of(syntax)
    return arguments[argument][0] if argument < len(arguments) else syntax
