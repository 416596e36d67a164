"""What a module's text must not be: too long, or nested so deeply that a parser written in recursion fails.

libcst's parser ends the process on thousands of nested brackets and takes minutes for a long chain of calls;
Python's own parser refuses the first and finds the second in milliseconds.
"""

from __future__ import annotations

import ast
import warnings

MAX_LINES = 20_000
MAX_DEPTH = 300
"""Levels of Python's syntax tree; code written by hand has fewer than 40."""


class NestedTooDeeplyError(Exception):
    """An expression that libcst nests more deeply than its own functions can follow."""


def refusal(text: str) -> tuple[int | None, str] | None:
    """The line and the reason for which a text is not analysed; None for one that can be tried."""
    lines = text.count("\n")
    if lines > MAX_LINES:
        return None, f"is too long: {lines} lines, and more than {MAX_LINES} are not analysed"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        # What this Python does not know yet, libcst may; and the other way round.
        return (error.lineno, f"cannot be parsed: {error.msg}") if "too many nested" in str(error.msg) else None
    except ValueError as error:
        return None, f"cannot be parsed: {error}"
    except (RecursionError, MemoryError):
        return None, "cannot be parsed: an expression is nested too deeply"
    return (None, "cannot be parsed: an expression is nested too deeply") if _is_too_deep(tree) else None


def syntax_error(text: str) -> tuple[int | None, str] | None:
    """Python's own words for what is wrong with a text, None where nothing is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno, f"cannot be parsed: {error.msg}"
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _is_too_deep(tree: ast.AST) -> bool:
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return True
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return False
