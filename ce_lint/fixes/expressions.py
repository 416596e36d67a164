"""An expression in place of the call around it, as it is written, with parentheses where it needs them."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

import libcst as cst

from ce_lint.fixes.statements import without_statement, without_target
from ce_lint.fixes.syntax import ModuleSyntax
from ce_lint.fixes.text import Span, Splice, spliced

_PURE = (
    cst.Name, cst.Attribute, cst.Comparison, cst.ComparisonTarget, cst.BooleanOperation, cst.UnaryOperation,
    cst.Integer,
    cst.SimpleString, cst.BaseCompOp, cst.BaseBooleanOp, cst.BaseUnaryOp, cst.Dot, cst.BaseParenthesizableWhitespace,
    cst.LeftParen, cst.RightParen,
)  # fmt: skip
"""What a condition may be made of to be left out: nothing is called."""


def input_instead(module: ModuleSyntax, call: cst.Call, kept: cst.BaseExpression) -> tuple[Splice, ...] | None:
    """Put a part of a call in its place; a statement that then does nothing goes. None where that cannot be shown."""
    outer = _widened(module, call, kept)
    removed = _without_assignment(module, outer, kept)
    if removed is not None:
        return removed if parses(spliced(module.text, removed)) else None
    wanted = _expected(module, outer, kept)
    if wanted is None:
        return None
    target = without_target(module, outer, module.source(kept))
    for candidate in _candidates(module, outer, kept):
        tree = _tree(spliced(module.text, candidate))
        if tree is not None and ast.dump(tree) == wanted:
            return (*target, *candidate)
    return None


def parses(text: str) -> bool:
    """Is a text Python?"""
    return _tree(text) is not None


def _tree(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _widened(module: ModuleSyntax, call: cst.BaseExpression, kept: cst.BaseExpression) -> cst.BaseExpression:
    """The expression that is no more than what is kept, once the call is: `(x := f(x))`, `f(x) if flag else x`."""
    text = _bare(module, kept)
    current = call
    while True:
        parent = module.parent(current)
        if isinstance(parent, cst.IfExp) and current is not parent.test:
            other = parent.orelse if current is parent.body else parent.body
            if _bare(module, other) != text or not all(isinstance(one, _PURE) for one in _parts(parent.test)):
                return current
        elif not isinstance(parent, cst.NamedExpr) or _bare(module, parent.target) != text:
            return current
        current = parent


def _parts(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _parts(child)


def _bare(module: ModuleSyntax, node: cst.BaseExpression) -> str:
    span = module.span(node)
    return module.text[span.start : span.end]


def _without_assignment(
    module: ModuleSyntax, outer: cst.BaseExpression, kept: cst.BaseExpression
) -> tuple[Splice, ...] | None:
    """`x = softmax(x)` goes as a whole; None for any other statement."""
    statement = module.parent(outer)
    text = _bare(module, kept)
    if isinstance(statement, cst.Assign):
        only = len(statement.targets) == 1 and _bare(module, statement.targets[0].target) == text
    elif isinstance(statement, cst.AnnAssign):
        in_function = module.first_above(statement, cst.FunctionDef) is not None
        only = in_function and statement.value is outer and _bare(module, statement.target) == text
    else:
        return None
    return without_statement(module, statement) if only and _is_path(kept) else None


def _is_path(node: cst.BaseExpression) -> bool:
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name)


def _candidates(
    module: ModuleSyntax, outer: cst.BaseExpression, kept: cst.BaseExpression
) -> Iterator[tuple[Splice, ...]]:
    """Ways to take away what stands around an expression: the bare one first, unless comments are there to be kept."""
    around, inner = module.span(outer), module.full_span(kept)
    before, after = Span(around.start, inner.start), Span(inner.end, around.end)
    comments = [[comment.value for comment in _comments(module, outer, span)] for span in (before, after)]
    if not any(comments):
        # `softmax(x)if flag else y` has no blank to keep the two words apart.
        follows = module.text[after.end : after.end + 1]
        yield _both(before, "", after, " " if follows.isalnum() else "")
    opened, closed = _opened(module, before, comments[0]), _closed(module, after, comments[1])
    yield _both(before, "(" + opened, after, closed + ")")


def _both(before: Span, left: str, after: Span, right: str) -> tuple[Splice, ...]:
    found = (Splice(*before, left), Splice(*after, right))
    return tuple(one for one in found if one.start < one.end or one.new_text)


def _comments(module: ModuleSyntax, outer: cst.BaseExpression, span: Span) -> Iterator[cst.Comment]:
    for comment in module.inside(outer, cst.Comment):
        if span.start <= module.span(comment).start < span.end:
            yield comment


def _opened(module: ModuleSyntax, before: Span, comments: list[str]) -> str:
    """What stays between an opening parenthesis and the expression."""
    text = module.text[before.start : before.end]
    if not comments and "\n" not in text:
        return ""
    said = "".join(f"  {comment}" for comment in comments)
    return f"{said}\n{_indentation(module, before.end)}"


def _closed(module: ModuleSyntax, after: Span, comments: list[str]) -> str:
    """What stays between the expression and a closing parenthesis."""
    line = module.text[after.start : after.end - 1].rpartition("\n")
    is_alone = bool(line[1]) and not line[2].strip()
    if not comments and not is_alone:
        return ""
    said = "".join(f"  {comment}" for comment in comments)
    return f"{said}\n{_indentation(module, after.end - 1)}"


def _indentation(module: ModuleSyntax, offset: int) -> str:
    """The blanks before an offset on its line; of its line, where something else stands before it."""
    line, column = module.ruler.position(offset)
    text = module.text[offset - column : offset]
    start = module.ruler.offset(line, 0)
    return text[: len(text) - len(text.lstrip())] if text.strip() else module.text[start:offset]


def _expected(module: ModuleSyntax, outer: cst.BaseExpression, kept: cst.BaseExpression) -> str | None:
    """Python's own tree with the expression in place of what stands around it."""
    tree = _tree(module.text)
    if tree is None:
        return None
    wanted = [_bounds(module, module.span(node)) for node in (outer, kept)]
    replacer = _Replacer(*wanted)
    tree = replacer.visit(tree)
    return ast.dump(tree) if replacer.done else None


_Bounds = tuple[int, int, int, int]


def _bounds(module: ModuleSyntax, span: Span) -> _Bounds:
    """A span as Python's tree has it: columns count bytes."""
    (line, column), (end_line, end_column) = (module.ruler.position(offset) for offset in span)
    begin, finish = module.text[span.start - column : span.start], module.text[span.end - end_column : span.end]
    return line, len(begin.encode("utf-8", "replace")), end_line, len(finish.encode("utf-8", "replace"))


class _Replacer(ast.NodeTransformer):
    def __init__(self, outer: _Bounds, kept: _Bounds) -> None:
        self.done = False
        self._outer = outer
        self._kept = kept

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if _place(node) == self._outer:
            kept = next((one for one in ast.walk(node) if one is not node and _place(one) == self._kept), None)
            if kept is not None:
                self.done = True
                return kept
        return super().generic_visit(node)


def _place(node: ast.AST) -> _Bounds | None:
    if not isinstance(node, ast.expr) or node.end_lineno is None or node.end_col_offset is None:
        return None
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
