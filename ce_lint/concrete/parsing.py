"""A text → libcst's tree, with every space and comment in it."""

from __future__ import annotations

import ast

import libcst as cst

from ce_lint.frontend.lowering import SyntaxFailure

MAX_DEPTH = 300
"""Levels of libcst's tree; code written by hand has fewer than 40."""


def parse(text: str, tree: ast.Module) -> cst.Module | SyntaxFailure:
    """The libcst tree of a text, of which Python's tree is there already.

    On thousands of levels libcst's parser ends the process, and on a long chain of calls it takes minutes.
    """
    if _is_too_deep(tree):
        return SyntaxFailure(None, "cannot be edited: an expression is nested too deeply")
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:  # libcst does not know all of Python
        return SyntaxFailure(error.raw_line, f"cannot be edited: {error.message.splitlines()[0]}")
    except RecursionError:
        return SyntaxFailure(None, "cannot be edited: an expression is nested too deeply")
    except (TypeError, UnicodeError, cst.CSTValidationError) as error:
        # libcst raises these on some valid code (Instagram/LibCST#1061) and on lone surrogates.
        return SyntaxFailure(None, f"cannot be edited: {str(error).splitlines()[0]}")


def _is_too_deep(tree: ast.Module) -> bool:
    pending: list[tuple[ast.AST, int]] = [(tree, 1)]
    while pending:
        node, above = pending.pop()
        depth = above + _levels(node)
        if depth > MAX_DEPTH:
            return True
        pending.extend((child, depth) for child in ast.iter_child_nodes(node))
    return False


def _levels(node: ast.AST) -> int:
    """How deep libcst nests what is one node to Python."""
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        return len(node.generators)
    if isinstance(node, ast.alias):
        return 1 + node.name.count(".")
    return 1 + (node.module or "").count(".") if isinstance(node, ast.ImportFrom) else 1
