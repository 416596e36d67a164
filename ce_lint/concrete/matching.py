"""Python's syntax tree and libcst's of one text, side by side: which node of the one is which of the other.

Both trees are walked down together, child by child. Positions are not compared: those of Python count bytes, include
the parentheses of some expressions, and are wrong inside f-strings before Python 3.12.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import libcst as cst

Pairs = Iterator[tuple[ast.AST, cst.CSTNode]]


class MismatchError(Exception):
    """The two trees are not of one text, or of syntax that is not known here."""


def match(tree: ast.Module, module: cst.Module) -> dict[ast.AST, cst.CSTNode]:
    """The libcst node of every statement, expression, clause and pattern of a tree.

    Left out: what has no node of its own in libcst (the tuple in `a[i, j]`, the text of a format), and type parameters.
    """
    found: dict[ast.AST, cst.CSTNode] = {}
    pending: list[tuple[ast.AST, cst.CSTNode]] = [(tree, module)]
    while pending:
        python, concrete = pending.pop()
        row = _ROWS.get(type(python).__name__)
        if row is None or not isinstance(concrete, row.kinds):
            raise MismatchError(f"{type(python).__name__} and {type(concrete).__name__}")
        found[python] = concrete
        pending.extend(row.children(python, concrete))
    return found


def links(syntax: cst.BooleanOperation) -> list[cst.BooleanOperation]:
    """The operations of `a and b and c`, which is one to Python, from inside out."""
    found = [syntax]
    while True:
        left = found[-1].left
        if not isinstance(left, cst.BooleanOperation) or left.lpar:
            return found[::-1]
        if type(left.operator) is not type(syntax.operator):
            return found[::-1]
        found.append(left)


_HOLDERS: dict[type[cst.CSTNode], str] = {
    cst.SimpleStatementLine: "body",
    cst.SimpleStatementSuite: "body",
    cst.IndentedBlock: "body",
    cst.Else: "body",
    cst.Finally: "body",
    cst.Decorator: "decorator",
    cst.Annotation: "annotation",
    cst.AsName: "name",
    cst.AssignTarget: "target",
    cst.From: "item",
    cst.Element: "value",
    cst.CompIf: "test",
    cst.ComparisonTarget: "comparator",
    cst.SubscriptElement: "slice",
    cst.MatchSequenceElement: "value",
    cst.MatchKeywordElement: "pattern",
    cst.MatchOrElement: "pattern",
}
"""What Python's tree has no node for, and the field with what is in it."""


def _bare(value: object) -> Iterator[cst.CSTNode]:
    """A field of a libcst node, without what only holds something."""
    if isinstance(value, cst.CSTNode):
        field = "value" if _is_plain(value) else _HOLDERS.get(type(value))
        if field is None:
            yield value
        else:
            yield from _bare(getattr(value, field))
    elif isinstance(value, Sequence):
        for one in value:
            yield from _bare(one)


def _is_plain(value: cst.CSTNode) -> bool:
    """Is this an argument or index that Python's tree has as its value alone?"""
    if isinstance(value, cst.Arg):
        return value.keyword is None and not value.star
    return isinstance(value, cst.Index) and not value.star


def _nodes(value: object) -> list[ast.AST]:
    """A field of a node of Python's tree."""
    items = value if isinstance(value, list) else [value]
    return [one for one in items if isinstance(one, ast.AST)]


def _together(python: object, concrete: object) -> Pairs:
    """The content of a field of each tree, one by one."""
    left, right = _nodes(python), list(_bare(concrete))
    if len(left) != len(right):
        raise MismatchError(f"{len(left)} and {len(right)} nodes")
    return zip(left, right, strict=True)


class _Row(NamedTuple):
    """What a kind of Python's nodes is in libcst, and how the children of the two are found."""

    kinds: tuple[type[cst.CSTNode], ...]
    children: Callable[[ast.AST, cst.CSTNode], Pairs]


def _row(*kinds: type[cst.CSTNode], **fields: str) -> _Row:
    """Children in fields that hold the same in both trees."""

    def children(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
        return chain.from_iterable(
            _together(getattr(python, one), getattr(concrete, other)) for one, other in fields.items()
        )

    return _Row(kinds, children)


def _boolean(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.BoolOp)
    assert isinstance(concrete, cst.BooleanOperation)
    operations = links(concrete)
    return _together(python.values, [operations[0].left, *(one.right for one in operations)])


def _call(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.Call)
    assert isinstance(concrete, cst.Call)
    by_name = [one for one in concrete.args if one.keyword is not None or one.star == "**"]
    yield python.func, concrete.func
    yield from _together(python.args, [one for one in concrete.args if one not in by_name])
    yield from _together(python.keywords, by_name)


def _dict(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.Dict)
    assert isinstance(concrete, cst.Dict)
    yield from _together(python.keys, [one.key for one in concrete.elements if isinstance(one, cst.DictElement)])
    yield from _together(python.values, [one.value for one in concrete.elements])


def _subscript(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.Subscript)
    assert isinstance(concrete, cst.Subscript)
    first = concrete.slice[0]
    is_starred = isinstance(first.slice, cst.Index) and bool(first.slice.star)
    is_tuple = len(concrete.slice) > 1 or isinstance(first.comma, cst.Comma) or is_starred
    yield python.value, concrete.value
    if is_tuple and isinstance(python.slice, ast.Tuple):
        yield from _together(python.slice.elts, concrete.slice)
    else:
        yield from _together(python.slice, concrete.slice)


def _delete(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.Delete)
    assert isinstance(concrete, cst.Del)
    target = concrete.target
    if isinstance(target, cst.Tuple) and not target.lpar:
        return _together(python.targets, target.elements)
    return _together(python.targets, target)


def _comprehension(kind: type[cst.BaseComp], **fields: str) -> _Row:
    plain = _row(kind, **fields)

    def children(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
        assert isinstance(python, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp)
        assert isinstance(concrete, cst.BaseComp)
        clauses = []
        clause: cst.CompFor | None = concrete.for_in
        while clause is not None:
            clauses.append(clause)
            clause = clause.inner_for_in
        return chain(plain.children(python, concrete), _together(python.generators, clauses))

    return _Row(plain.kinds, children)


def _parameters(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.arguments)
    assert isinstance(concrete, cst.Parameters)
    before = (*concrete.posonly_params, *concrete.params)
    star = concrete.star_arg if isinstance(concrete.star_arg, cst.Param) else None
    yield from _together([*python.posonlyargs, *python.args], before)
    yield from _together(python.vararg, star)
    yield from _together(python.kwonlyargs, concrete.kwonly_params)
    yield from _together(python.kwarg, concrete.star_kwarg)
    yield from _together(python.defaults, [one.default for one in before])
    yield from _together(python.kw_defaults, [one.default for one in concrete.kwonly_params])


def _joined(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.JoinedStr)
    return _formatted(python, [part for text in _texts(concrete) for part in text.parts])


def _texts(syntax: cst.CSTNode) -> Iterator[cst.FormattedString]:
    """The f-strings that are written side by side, in order."""
    while isinstance(syntax, cst.ConcatenatedString):
        if isinstance(syntax.left, cst.FormattedString):
            yield syntax.left
        syntax = syntax.right
    if isinstance(syntax, cst.FormattedString):
        yield syntax


def _formatted(text: ast.expr | None, parts: Sequence[cst.BaseFormattedStringContent]) -> Pairs:
    values = text.values if isinstance(text, ast.JoinedStr) else []
    return _together(
        [one for one in values if isinstance(one, ast.FormattedValue)],
        [part for part in parts if isinstance(part, cst.FormattedStringExpression)],
    )


def _format(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.FormattedValue)
    assert isinstance(concrete, cst.FormattedStringExpression)
    return chain(((python.value, concrete.expression),), _formatted(python.format_spec, concrete.format_spec or ()))


def _mapping(python: ast.AST, concrete: cst.CSTNode) -> Pairs:
    assert isinstance(python, ast.MatchMapping)
    assert isinstance(concrete, cst.MatchMapping)
    yield from _together(python.keys, [one.key for one in concrete.elements])
    yield from _together(python.patterns, [one.pattern for one in concrete.elements])


_FUNCTION = _row(cst.FunctionDef, decorator_list="decorators", args="params", returns="returns", body="body")
_FOR = _row(cst.For, target="target", iter="iter", body="body", orelse="orelse")
_WITH = _row(cst.With, items="items", body="body")
_TRY = _row(cst.Try, cst.TryStar, body="body", handlers="handlers", orelse="orelse", finalbody="finalbody")
_DISPLAY = {"elts": "elements"}

_ROWS: dict[str, _Row] = {
    "Module": _row(cst.Module, body="body"),
    "FunctionDef": _FUNCTION,
    "AsyncFunctionDef": _FUNCTION,
    "ClassDef": _row(cst.ClassDef, decorator_list="decorators", bases="bases", keywords="keywords", body="body"),
    "arguments": _Row((cst.Parameters,), _parameters),
    "arg": _row(cst.Param, annotation="annotation"),
    "Return": _row(cst.Return, value="value"),
    "Delete": _Row((cst.Del,), _delete),
    "Assign": _row(cst.Assign, targets="targets", value="value"),
    "AugAssign": _row(cst.AugAssign, target="target", value="value"),
    "AnnAssign": _row(cst.AnnAssign, target="target", annotation="annotation", value="value"),
    "TypeAlias": _row(cst.TypeAlias, name="name", value="value"),
    "For": _FOR,
    "AsyncFor": _FOR,
    "While": _row(cst.While, test="test", body="body", orelse="orelse"),
    "If": _row(cst.If, test="test", body="body", orelse="orelse"),
    "With": _WITH,
    "AsyncWith": _WITH,
    "withitem": _row(cst.WithItem, context_expr="item", optional_vars="asname"),
    "Raise": _row(cst.Raise, exc="exc", cause="cause"),
    "Try": _TRY,
    "TryStar": _TRY,
    "ExceptHandler": _row(cst.ExceptHandler, cst.ExceptStarHandler, type="type", body="body"),
    "Assert": _row(cst.Assert, test="test", msg="msg"),
    "Expr": _row(cst.Expr, value="value"),
    "Import": _row(cst.Import),
    "ImportFrom": _row(cst.ImportFrom),
    "Global": _row(cst.Global),
    "Nonlocal": _row(cst.Nonlocal),
    "Pass": _row(cst.Pass),
    "Break": _row(cst.Break),
    "Continue": _row(cst.Continue),
    "Match": _row(cst.Match, subject="subject", cases="cases"),
    "match_case": _row(cst.MatchCase, pattern="pattern", guard="guard", body="body"),
    "MatchValue": _row(cst.MatchValue, value="value"),
    "MatchSingleton": _row(cst.MatchSingleton),
    "MatchSequence": _row(cst.MatchList, cst.MatchTuple, patterns="patterns"),
    "MatchStar": _row(cst.MatchStar),
    "MatchMapping": _Row((cst.MatchMapping,), _mapping),
    "MatchClass": _row(cst.MatchClass, cls="cls", patterns="patterns", kwd_patterns="kwds"),
    "MatchAs": _row(cst.MatchAs, pattern="pattern"),
    "MatchOr": _row(cst.MatchOr, patterns="patterns"),
    "BoolOp": _Row((cst.BooleanOperation,), _boolean),
    "NamedExpr": _row(cst.NamedExpr, target="target", value="value"),
    "BinOp": _row(cst.BinaryOperation, left="left", right="right"),
    "UnaryOp": _row(cst.UnaryOperation, operand="expression"),
    "Lambda": _row(cst.Lambda, args="params", body="body"),
    "IfExp": _row(cst.IfExp, test="test", body="body", orelse="orelse"),
    "Dict": _Row((cst.Dict,), _dict),
    "Set": _row(cst.Set, **_DISPLAY),
    "List": _row(cst.List, **_DISPLAY),
    "Tuple": _row(cst.Tuple, **_DISPLAY),
    "ListComp": _comprehension(cst.ListComp, elt="elt"),
    "SetComp": _comprehension(cst.SetComp, elt="elt"),
    "GeneratorExp": _comprehension(cst.GeneratorExp, elt="elt"),
    "DictComp": _comprehension(cst.DictComp, key="key", value="value"),
    "comprehension": _row(cst.CompFor, target="target", iter="iter", ifs="ifs"),
    "Await": _row(cst.Await, value="expression"),
    "Yield": _row(cst.Yield, value="value"),
    "YieldFrom": _row(cst.Yield, value="value"),
    "Compare": _row(cst.Comparison, left="left", comparators="comparisons"),
    "Call": _Row((cst.Call,), _call),
    "keyword": _row(cst.Arg, value="value"),
    "JoinedStr": _Row((cst.FormattedString, cst.ConcatenatedString), _joined),
    "FormattedValue": _Row((cst.FormattedStringExpression,), _format),
    "Constant": _row(
        cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.Imaginary, cst.Ellipsis, cst.Name
    ),
    "Attribute": _row(cst.Attribute, value="value"),
    "Subscript": _Row((cst.Subscript,), _subscript),
    "Starred": _row(cst.StarredElement, cst.Arg, cst.Index, value="value"),
    "Name": _row(cst.Name),
    "Slice": _row(cst.Slice, lower="lower", upper="upper", step="step"),
}
"""By the names of Python's kinds of nodes, some of which not every Python has."""
