"""Arguments of a call as they are written."""

from __future__ import annotations

import libcst as cst

from ce_lint.knowledge.schema import Argument


def taken(call: cst.Call, wanted: Argument) -> cst.Arg | None:
    """The argument that is given by keyword or position; None where it is not, or a star may give it."""
    if any(one.star for one in call.args):
        return None
    for one in call.args:
        if one.keyword is not None and wanted.keyword and one.keyword.value == wanted.keyword:
            return one
    positional = [one for one in call.args if one.keyword is None]
    if wanted.position is not None and wanted.position < len(positional):
        return positional[wanted.position]
    return None


def integer(value: cst.BaseExpression) -> int | None:
    """The value of a whole number as it is written."""
    if isinstance(value, cst.Integer):
        return value.evaluated_value
    if isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus):
        inner = integer(value.expression)
        return None if inner is None else -inner
    return None


def is_none(value: cst.BaseExpression) -> bool:
    """Is an expression `None`?"""
    return isinstance(value, cst.Name) and value.value == "None"
