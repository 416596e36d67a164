"""A source file → its IR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst

from ce_lint.frontend.builder import ModuleBuilder, Scope
from ce_lint.frontend.guard import NestedTooDeeplyError, refusal, syntax_error
from ce_lint.frontend.statements import lower_body
from ce_lint.ir.records import ModuleIR


@dataclass(frozen=True, slots=True)
class SyntaxFailure:
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
    except (SyntaxError, ValueError) as error:
        return SyntaxFailure(None, f"cannot be analysed: {error}")
    return freeze(builder)


def parse(text: str) -> cst.Module | SyntaxFailure:
    """The syntax tree of a module's text."""
    if (refused := refusal(text)) is not None:
        return SyntaxFailure(*refused)
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        # Where Python fails too, its place and words are the better ones.
        line, reason = syntax_error(text) or (error.raw_line, f"cannot be parsed: {error.message.splitlines()[0]}")
        return SyntaxFailure(line, reason)
    except RecursionError:
        return SyntaxFailure(None, "cannot be parsed: an expression is nested too deeply")
    except (TypeError, UnicodeError, cst.CSTValidationError) as error:
        # libcst raises these on some valid code (Instagram/LibCST#1061) and on lone surrogates.
        return SyntaxFailure(None, f"cannot be parsed: {str(error).splitlines()[0]}")


def lower_module(
    module: cst.Module, observer: Callable[[Scope, cst.CSTNode, int], None] | None = None
) -> ModuleBuilder:
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
