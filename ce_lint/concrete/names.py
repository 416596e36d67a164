"""Names as libcst has them."""

from __future__ import annotations

import libcst as cst


def dotted_path(syntax: cst.BaseExpression) -> str | None:
    """`a.b.c` as text, None for anything else."""
    names: list[str] = []
    while isinstance(syntax, cst.Attribute):
        names.append(syntax.attr.value)
        syntax = syntax.value
    if not isinstance(syntax, cst.Name):
        return None
    return ".".join([syntax.value, *reversed(names)])
