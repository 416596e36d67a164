"""Functions and classes → IR; the body is lowered by whoever knows statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ce_lint.frontend.builder import Scope
from ce_lint.frontend.expressions import lower, lower_parameters
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ClassIR

LowerBody = Callable[[Scope, Sequence[ast.stmt]], bool]


def lower_function(scope: Scope, syntax: ast.FunctionDef | ast.AsyncFunctionDef, lower_body: LowerBody) -> None:
    """Lower a function's body and bind its name."""
    decorators = tuple(lower(scope, decorator) for decorator in syntax.decorator_list)
    inner = Scope(scope.module, scope, scope.child_name(syntax.name), scope.index if scope.is_class else None)
    inner.open_function()
    parameters = lower_parameters(scope, inner, syntax.args)
    if scope.is_class and parameters and not _is_static(syntax):
        inner.self_name = parameters[0].name
    lower_body(inner, syntax.body)
    index = inner.close_function(syntax.name, parameters, decorators)
    node = scope.module.add(ir.Function(index), syntax)
    _decorate(scope, syntax.decorator_list, decorators, node)
    scope.bind(syntax.name, node)


def _decorate(scope: Scope, syntax: Sequence[ast.expr], decorators: tuple[int, ...], node: int) -> None:
    """A decorator is called with what it decorates; what it gives back is taken to be that."""
    for decorator, function in zip(syntax, decorators, strict=True):
        scope.call(ir.Call(function, (ir.Argument(node),), scope.module.serial()), decorator)


def _written(base: ast.expr) -> str:
    """The last name of an expression that is one, or an attribute of another; empty for any other."""
    return base.id if isinstance(base, ast.Name) else base.attr if isinstance(base, ast.Attribute) else ""


def _is_static(syntax: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in syntax.decorator_list)


def lower_class(scope: Scope, syntax: ast.ClassDef, lower_body: LowerBody) -> None:
    """Lower a class's body and bind its name."""
    bases = tuple(lower(scope, base) for base in syntax.bases if not isinstance(base, ast.Starred))
    decorators = tuple(lower(scope, decorator) for decorator in syntax.decorator_list)
    inner = Scope(scope.module, scope, scope.child_name(syntax.name))
    inner.is_class = True
    inner.index = len(scope.module.classes)
    scope.module.classes.append(None)
    inner.guards = scope.guards
    lower_body(inner, syntax.body)
    node = scope.module.add(ir.Class(inner.index), syntax)
    scope.module.classes[inner.index] = ClassIR(
        name=syntax.name,
        bases=bases,
        base_names=tuple([name for base in syntax.bases if (name := _written(base))]),
        decorators=decorators,
        members={path: value for path, value in inner.env.items() if "." not in path},
        fields=tuple(inner.fields),
        parent=scope.function_scope().index,
        node=node,
    )
    _decorate(scope, syntax.decorator_list, decorators, node)
    scope.bind(syntax.name, node)
