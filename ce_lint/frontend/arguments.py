"""A call's arguments, in the order in which they are written."""

from __future__ import annotations

import ast
from typing import NamedTuple


class WrittenArgument(NamedTuple):
    """One argument of a call; `stars` is 1 for `*a` and 2 for `**a`."""

    value: ast.expr
    keyword: str = ""
    stars: int = 0


def arguments_of(call: ast.Call) -> list[WrittenArgument]:
    """The arguments of a call; `ast` keeps those with a keyword apart, between which a `*a` may stand."""
    found = [
        WrittenArgument(one.value, "", 1) if isinstance(one, ast.Starred) else WrittenArgument(one) for one in call.args
    ]
    if not call.keywords:
        return found
    found += [
        WrittenArgument(one.value, "", 2) if one.arg is None else WrittenArgument(one.value, one.arg)
        for one in call.keywords
    ]
    if call.args and isinstance(call.args[-1], ast.Starred):
        found.sort(key=lambda one: (one.value.lineno, one.value.col_offset))
    return found
