"""Which names and dotted paths a loop's body gives a value."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ce_lint.frontend.expressions import dotted_path
from ce_lint.frontend.mutators import changes_its_object


def assigned_paths(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """Every path that the statements assign or change, in any branch, but not in inner functions."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Assign | ast.Expr | ast.AugAssign | ast.AnnAssign | ast.Delete):
            yield from _simple(statement)
        else:
            yield from _compound(statement)


def _simple(statement: ast.Assign | ast.Expr | ast.AugAssign | ast.AnnAssign | ast.Delete) -> Iterator[str]:
    if isinstance(statement, ast.Assign | ast.Expr) and isinstance(statement.value, ast.Call):
        changed = _mutated(statement.value)
        if changed is not None:
            yield from _target(changed)
    if isinstance(statement, ast.Assign | ast.Delete):
        for target in statement.targets:
            yield from _target(target)
    elif not isinstance(statement, ast.Expr):
        yield from _target(statement.target)


def _compound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.For | ast.AsyncFor):
        yield from _target(statement.target)
    if isinstance(statement, ast.With | ast.AsyncWith):
        for item in statement.items:
            if item.optional_vars is not None:
                yield from _target(item.optional_vars)
    if isinstance(statement, ast.Match):
        for case in statement.cases:
            yield from assigned_paths(case.body)
    for part in ("body", "orelse", "finalbody"):
        yield from assigned_paths(getattr(statement, part, ()))
    for handler in getattr(statement, "handlers", ()):
        yield from assigned_paths(handler.body)


def _mutated(call: ast.Call) -> ast.expr | None:
    """The object that a call like `layers.append(x)` or `setattr(x, name, value)` changes."""
    function = call.func
    if isinstance(function, ast.Name) and function.id == "setattr" and call.args:
        return call.args[0]
    if not isinstance(function, ast.Attribute) or not changes_its_object(function.attr):
        return None
    return function.value


def _target(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _target(element.value if isinstance(element, ast.Starred) else element)
    elif isinstance(target, ast.Subscript):
        yield from _target(target.value)
    elif (path := dotted_path(target)) is not None:
        yield path
