"""A call's arguments, in the order in which they are written."""

from __future__ import annotations

import ast
from typing import TypeAlias

WrittenArgument: TypeAlias = tuple[ast.expr, str, int]
"""One argument of a call: its value, its keyword or "", and its stars: 1 for `*a` and 2 for `**a`."""


def arguments_of(call: ast.Call) -> list[WrittenArgument]:
    """The arguments of a call; `ast` keeps those with a keyword apart, between which a `*a` may stand."""
    found: list[WrittenArgument] = [
        (one.value, "", 1) if isinstance(one, ast.Starred) else (one, "", 0) for one in call.args
    ]
    if not call.keywords:
        return found
    found += [(one.value, "", 2) if one.arg is None else (one.value, one.arg, 0) for one in call.keywords]
    if call.args and isinstance(call.args[-1], ast.Starred):
        found.sort(key=_place)
    return found


def _place(written: WrittenArgument) -> tuple[int, int]:
    value, _, _ = written
    return value.lineno, value.col_offset
