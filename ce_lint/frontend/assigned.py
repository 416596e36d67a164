"""Which names and dotted paths a loop's body gives a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from ce_lint.frontend.expressions import dotted_path

MUTATORS = frozenset(
    "append extend insert appendleft add update setdefault add_module register_module train eval "
    "pop popitem remove clear reverse sort popleft discard".split()
)
"""Methods that change their object; their call as a statement makes a new version of it."""


def mutated(statement: cst.BaseSmallStatement) -> tuple[cst.BaseExpression, str, cst.Call] | None:
    """The object, method and call of a statement like `layers.append(x)`."""
    if not isinstance(statement, cst.Expr) or not isinstance(statement.value, cst.Call):
        return None
    function = statement.value.func
    if not isinstance(function, cst.Attribute) or not _changes_its_object(function.attr.value):
        return None
    if dotted_path(function.value) is None:
        return None
    return function.value, function.attr.value, statement.value


def _changes_its_object(method: str) -> bool:
    """Is a method one of a list, dict or module that changes it, or of a tensor in place: `log_`, `clamp_`?"""
    return method in MUTATORS or (method.endswith("_") and not method.startswith("_"))


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
    if isinstance(statement, cst.Assign):
        for target in statement.targets:
            yield from _target(target.target)
    elif isinstance(statement, cst.AugAssign | cst.AnnAssign | cst.Del):
        yield from _target(statement.target)
    elif (change := mutated(statement)) is not None:
        yield from _target(change[0])


def _target(target: cst.BaseExpression) -> Iterator[str]:
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _target(element.value)
    elif isinstance(target, cst.Subscript):
        yield from _target(target.value)
    elif (path := dotted_path(target)) is not None:
        yield path
