"""What a module's text must not be: too long, or no Python."""

from __future__ import annotations

import ast
import symtable
import warnings

from ce_lint.source.lines import ended_lines

MAX_LINES = 20_000
OUT_OF_MEMORY = "cannot be parsed: an expression is nested too deeply, or takes too much memory"
"""The reason that can be due to the machine."""


def refusal(text: str) -> tuple[int | None, str] | None:
    """The line and the reason for which a text is not analysed, however it reads; None for one that can be tried."""
    lines = ended_lines(text)
    if lines > MAX_LINES:
        return None, f"is too long: {lines} lines, and more than {MAX_LINES} are not analysed"
    return None


def parsed(text: str) -> ast.Module | tuple[int | None, str]:
    """A text's syntax tree; the line and the reason where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return error.lineno, f"cannot be parsed: {error.msg}"
    except ValueError as error:
        return None, f"cannot be parsed: {error}"
    except RecursionError:
        return None, "cannot be parsed: an expression is nested too deeply"
    except MemoryError:  # also what some Pythons raise for nesting
        return None, OUT_OF_MEMORY


def syntax_error(text: str) -> tuple[int | None, str] | None:
    """What is wrong with a text for Python's parser, None where nothing is."""
    found = None if _has_symbols(text) else parsed(text)
    return found if isinstance(found, tuple) else None


def _has_symbols(text: str) -> bool:
    """Tell, in less time than a tree takes, whether a text is Python; False for some that are."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            symtable.symtable(text, "<text>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
