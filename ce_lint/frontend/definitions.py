"""Functions and classes → IR; the body is lowered by whoever knows statements."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from ce_lint.frontend.builder import Scope
from ce_lint.frontend.expressions import lower, lower_parameters
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ClassIR

LowerSuite = Callable[[Scope, cst.BaseSuite], bool]


def lower_function(scope: Scope, syntax: cst.FunctionDef, lower_suite: LowerSuite) -> None:
    """Lower a function's body and bind its name."""
    decorators = tuple(lower(scope, decorator.decorator) for decorator in syntax.decorators)
    inner = Scope(scope.module, scope, scope.child_name(syntax.name.value), scope.index if scope.is_class else None)
    inner.open_function()
    parameters = lower_parameters(scope, inner, syntax.params)
    if scope.is_class and parameters and not _is_static(syntax):
        inner.self_name = parameters[0].name
    lower_suite(inner, syntax.body)
    index = inner.close_function(syntax.name.value, parameters, decorators)
    node = scope.module.add(ir.Function(index), syntax)
    _decorate(scope, syntax, decorators, node)
    scope.bind(syntax.name.value, node)


def _decorate(scope: Scope, syntax: cst.FunctionDef | cst.ClassDef, decorators: tuple[int, ...], node: int) -> None:
    """A decorator is called with what it decorates; what it gives back is taken to be that."""
    for decorator, function in zip(syntax.decorators, decorators, strict=True):
        scope.call(ir.Call(function, (ir.Argument(node),), scope.module.serial()), decorator)


def _is_static(syntax: cst.FunctionDef) -> bool:
    return any(
        isinstance(decorator.decorator, cst.Name) and decorator.decorator.value == "staticmethod"
        for decorator in syntax.decorators
    )


def lower_class(scope: Scope, syntax: cst.ClassDef, lower_suite: LowerSuite) -> None:
    """Lower a class's body and bind its name."""
    bases = tuple(lower(scope, base.value) for base in syntax.bases if not base.star)
    decorators = tuple(lower(scope, decorator.decorator) for decorator in syntax.decorators)
    inner = Scope(scope.module, scope, scope.child_name(syntax.name.value))
    inner.is_class = True
    inner.index = len(scope.module.classes)
    scope.module.classes.append(None)
    inner.guards = scope.guards
    lower_suite(inner, syntax.body)
    node = scope.module.add(ir.Class(inner.index), syntax)
    scope.module.classes[inner.index] = ClassIR(
        name=syntax.name.value,
        bases=bases,
        decorators=decorators,
        members={path: value for path, value in inner.env.items() if "." not in path},
        fields=tuple(inner.fields),
        parent=scope.function_scope().index,
        node=node,
    )
    _decorate(scope, syntax, decorators, node)
    scope.bind(syntax.name.value, node)
