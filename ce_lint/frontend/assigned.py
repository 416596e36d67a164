"""Which names and dotted paths a loop's body gives a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from ce_lint.frontend.expressions import dotted_path
from ce_lint.frontend.mutators import changes_its_object


def _mutated(call: cst.Call) -> cst.BaseExpression | None:
    """The object that a call like `layers.append(x)` or `setattr(x, name, value)` changes."""
    function = call.func
    if isinstance(function, cst.Name) and function.value == "setattr" and call.args:
        return call.args[0].value
    if not isinstance(function, cst.Attribute) or not changes_its_object(function.attr.value):
        return None
    return function.value


def assigned_paths(statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> Iterator[str]:
    """Every path that the statements assign or change, in any branch, but not in inner functions."""
    for statement in statements:
        if isinstance(statement, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            for small in statement.body:
                yield from _small(small)
        elif isinstance(statement, cst.BaseSmallStatement):
            yield from _small(statement)  # a suite on the line of its `for`
        elif isinstance(statement, cst.FunctionDef | cst.ClassDef):
            yield statement.name.value
        else:
            yield from _compound(statement)


def _compound(statement: cst.BaseStatement | cst.BaseSmallStatement) -> Iterator[str]:
    if isinstance(statement, cst.For):
        yield from _target(statement.target)
    if isinstance(statement, cst.With):
        for item in statement.items:
            if item.asname is not None:
                yield from _target(item.asname.name)
    if isinstance(statement, cst.Match):
        for case in statement.cases:
            yield from assigned_paths(case.body.body)
    for part in ("body", "orelse", "finalbody"):
        block = getattr(statement, part, None)
        if isinstance(block, cst.If):
            yield from assigned_paths([block])
        elif isinstance(block, cst.BaseSuite | cst.Else | cst.Finally):
            yield from assigned_paths(_statements(block))
    if isinstance(statement, cst.Try | cst.TryStar):
        for handler in statement.handlers:
            yield from assigned_paths(_statements(handler.body))


def _statements(block: cst.BaseSuite | cst.Else | cst.Finally) -> Sequence[cst.BaseStatement | cst.BaseSmallStatement]:
    if isinstance(block, cst.Else | cst.Finally):
        block = block.body
    return block.body


def _small(statement: cst.BaseSmallStatement) -> Iterator[str]:
    if isinstance(statement, cst.Assign | cst.Expr) and isinstance(statement.value, cst.Call):
        changed = _mutated(statement.value)
        if changed is not None:
            yield from _target(changed)
    if isinstance(statement, cst.Assign):
        for target in statement.targets:
            yield from _target(target.target)
    elif isinstance(statement, cst.AugAssign | cst.AnnAssign | cst.Del):
        yield from _target(statement.target)


def _target(target: cst.BaseExpression) -> Iterator[str]:
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _target(element.value)
    elif isinstance(target, cst.Subscript):
        yield from _target(target.value)
    elif (path := dotted_path(target)) is not None:
        yield path
