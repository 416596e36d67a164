"""A source file → its IR."""

from __future__ import annotations

import ast
from collections.abc import Callable

import msgspec

from ce_lint.frontend.builder import ModuleBuilder, NestedTooDeeplyError, Scope
from ce_lint.frontend.guard import parsed, refusal
from ce_lint.frontend.statements import lower_body
from ce_lint.ir.records import ModuleIR


class SyntaxFailure(msgspec.Struct, frozen=True):
    """Why a module could not be lowered."""

    line: int | None
    reason: str


def lower_text(text: str) -> ModuleIR | SyntaxFailure:
    """The IR of a module's text."""
    module = parse(text)
    if isinstance(module, SyntaxFailure):
        return module
    try:
        builder = lower_module(module)
    except (RecursionError, NestedTooDeeplyError):
        return SyntaxFailure(None, "cannot be analysed: an expression is nested too deeply")
    return freeze(builder)


def parse(text: str) -> ast.Module | SyntaxFailure:
    """The syntax tree of a module's text."""
    refused = refusal(text)
    if refused is not None:
        return SyntaxFailure(*refused)
    tree = parsed(text)
    return tree if isinstance(tree, ast.Module) else SyntaxFailure(*tree)


def lower_module(module: ast.Module, observer: Callable[[Scope, ast.expr, int], None] | None = None) -> ModuleBuilder:
    """Lower a module; the same tree always gives the same node numbers."""
    builder = ModuleBuilder(observer)
    scope = Scope(builder, None, "")
    scope.open_function()
    lower_body(scope, module.body)
    scope.close_function("<module>")
    return builder


def freeze(builder: ModuleBuilder) -> ModuleIR:
    """The builder's arrays as a record."""
    functions = tuple(function for function in builder.functions if function is not None)
    classes = tuple(definition for definition in builder.classes if definition is not None)
    return ModuleIR(tuple(builder.nodes), functions, classes, tuple(builder.star_imports))
