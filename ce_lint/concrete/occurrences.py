"""Every expression of a module, one by one: where it stands, its node, and how what is around it uses it.

Equal nodes are one node; the places where a value is read are told apart here.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst
from libcst.metadata import CodePosition

from ce_lint.concrete.names import dotted_path
from ce_lint.concrete.reading import Concrete
from ce_lint.frontend.places import Range
from ce_lint.source.lines import split_lines


class Role(enum.Enum):
    """How the code around an expression uses its value; `key` of an occurrence says more."""

    ARGUMENT = "argument of a call"  # key: its position among the arguments as they are written
    CALLEE = "called"
    OBJECT = "object of an attribute"  # key: the attribute
    SUBSCRIPTED = "subscripted"
    KEY = "key of a subscript"
    OPERAND = "operand"  # key: the operator
    COMPARED = "compared"  # key: the first operator
    ITEM = "item of a display"
    ASSIGNED = "assigned"  # `targets` say to what
    NAMED = "assigned by :="
    AUGMENTED = "target of an augmented assignment"
    RETURNED = "returned"
    YIELDED = "yielded"
    AWAITED = "awaited"
    CONDITION = "condition"
    BRANCH = "side of a conditional expression"
    ITERATED = "iterated"
    ELEMENT = "element of a comprehension"
    FORMATTED = "formatted"
    STATEMENT = "statement"
    DEFAULT = "default of a parameter"
    MANAGER = "entered by with"
    DELETED = "deleted"
    ITEM_SET = "object of an item that is set"
    ATTRIBUTE_SET = "object of an attribute that is set"
    OTHER = "used otherwise"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that is assigned to: a name, an attribute or an item."""

    kind: str
    """`name`, `attribute` or `item`."""
    path: str
    """The dotted path of a name or attribute, of what holds an item; empty where it is none."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where an expression is evaluated."""

    number: int
    span: Range
    """With the parentheses around it, if there are any."""
    node: int | None
    """None for what is never lowered: code that cannot be reached, or that the front end does not look at."""
    function: int
    role: Role
    key: str | int | None
    parent: int | None
    """The number of the expression around."""
    path: str
    """The dotted path that the expression is; empty for anything else."""
    is_primary: bool
    """May a method call follow it without parentheses?"""
    targets: tuple[Target, ...] = ()
    is_reached: bool = True
    """Is anything else of the statement around it lowered?"""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The occurrences of a module, in the order of the text."""

    all: tuple[Occurrence, ...]
    by_node: Mapping[tuple[int, int], tuple[Occurrence, ...]]
    """Under function and node."""
    by_path: Mapping[tuple[int, str], tuple[Occurrence, ...]]
    """Names and dotted paths, under function and path."""
    outer: frozenset[tuple[int, str]] = frozenset()
    """By function: the names that `global` or `nonlocal` hands to another one."""


def occurrences(concrete: Concrete) -> Occurrences:
    """The occurrences of a module."""
    collector = _Collector(concrete)
    concrete.module.visit(collector)
    return _indexed(collector.finished(), frozenset(collector.outer))


def _indexed(found: tuple[Occurrence, ...], outer: frozenset[tuple[int, str]]) -> Occurrences:
    by_node: defaultdict[tuple[int, int], list[Occurrence]] = defaultdict(list)
    by_path: defaultdict[tuple[int, str], list[Occurrence]] = defaultdict(list)
    for one in found:
        if one.node is not None:
            by_node[one.function, one.node].append(one)
        if one.path:
            by_path[one.function, one.path].append(one)
    return Occurrences(
        found,
        {key: tuple(values) for key, values in by_node.items()},
        {key: tuple(values) for key, values in by_path.items()},
        outer,
    )


_PRIMARY = (cst.Name, cst.Call, cst.Attribute, cst.Subscript, cst.List, cst.Dict, cst.SimpleString)

_SKIPPED = frozenset(
    {
        (cst.Attribute, "attr"), (cst.Arg, "keyword"), (cst.Param, "name"), (cst.FunctionDef, "name"),
        (cst.ClassDef, "name"), (cst.MatchKeywordElement, "key"), (cst.MatchAs, "name"), (cst.MatchStar, "name"),
        (cst.MatchMapping, "rest"), (cst.NameItem, "name"),
    }
)  # fmt: skip
"""Slots in which a name is no expression."""

_SKIPPED_WHOLE = (cst.Annotation, cst.Import, cst.ImportFrom, cst.Global, cst.Nonlocal)

_STORED = frozenset(
    {
        (cst.AssignTarget, "target"), (cst.AnnAssign, "target"), (cst.For, "target"), (cst.CompFor, "target"),
        (cst.NamedExpr, "target"), (cst.AsName, "name"), (cst.Del, "target"),
    }
)  # fmt: skip

_PLAIN: dict[tuple[type[cst.CSTNode], str], Role] = {
    (cst.Call, "func"): Role.CALLEE,
    (cst.Subscript, "value"): Role.SUBSCRIPTED,
    (cst.Index, "value"): Role.KEY,
    (cst.Slice, "lower"): Role.KEY,
    (cst.Slice, "upper"): Role.KEY,
    (cst.Slice, "step"): Role.KEY,
    (cst.DictElement, "value"): Role.ITEM,
    (cst.StarredDictElement, "value"): Role.ITEM,
    (cst.Element, "value"): Role.ITEM,
    (cst.StarredElement, "value"): Role.ITEM,
    (cst.NamedExpr, "value"): Role.NAMED,
    (cst.AugAssign, "target"): Role.AUGMENTED,
    (cst.Return, "value"): Role.RETURNED,
    (cst.Lambda, "body"): Role.RETURNED,
    (cst.Yield, "value"): Role.YIELDED,
    (cst.From, "item"): Role.YIELDED,
    (cst.Await, "expression"): Role.AWAITED,
    (cst.If, "test"): Role.CONDITION,
    (cst.While, "test"): Role.CONDITION,
    (cst.IfExp, "test"): Role.CONDITION,
    (cst.CompIf, "test"): Role.CONDITION,
    (cst.Assert, "test"): Role.CONDITION,
    (cst.IfExp, "body"): Role.BRANCH,
    (cst.IfExp, "orelse"): Role.BRANCH,
    (cst.For, "iter"): Role.ITERATED,
    (cst.CompFor, "iter"): Role.ITERATED,
    (cst.ListComp, "elt"): Role.ELEMENT,
    (cst.SetComp, "elt"): Role.ELEMENT,
    (cst.GeneratorExp, "elt"): Role.ELEMENT,
    (cst.DictComp, "value"): Role.ELEMENT,
    (cst.FormattedStringExpression, "expression"): Role.FORMATTED,
    (cst.Expr, "value"): Role.STATEMENT,
    (cst.Param, "default"): Role.DEFAULT,
    (cst.WithItem, "item"): Role.MANAGER,
}

_STATEMENTS = (
    cst.BaseSmallStatement, cst.If, cst.For, cst.While, cst.With, cst.Try, cst.TryStar, cst.Match, cst.FunctionDef,
    cst.ClassDef,
)  # fmt: skip


@dataclass(slots=True)
class _Open:
    """A node that is being visited."""

    syntax: cst.CSTNode
    slot: str = ""
    """The field whose content is being visited."""
    is_stored: bool = False
    is_skipped: bool = False
    occurrence: int | None = None
    statement: int = -1
    function: int = 0


class _Collector(cst.CSTVisitor):
    """Makes the occurrences, outer ones first."""

    def __init__(self, concrete: Concrete) -> None:
        super().__init__()
        self._values = concrete.values
        self._functions = concrete.functions
        self._positions = concrete.positions
        self._lines = split_lines(concrete.text)
        self._stack: list[_Open] = []
        self._found: list[Occurrence] = []
        self._statement_of: list[int] = []
        self._reached: set[int] = set()
        self._statements = 0
        self.outer: set[tuple[int, str]] = set()

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        """Note which field of the node is next."""
        if self._stack:
            self._stack[-1].slot = attribute

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Make an occurrence of an expression that is read."""
        above = self._stack[-1] if self._stack else _Open(node)
        where = (type(above.syntax), above.slot)
        opened = _Open(node, statement=above.statement, function=above.function, occurrence=above.occurrence)
        opened.is_skipped = above.is_skipped or isinstance(node, _SKIPPED_WHOLE)
        opened.is_stored = self._is_stored(node, above, where)
        if isinstance(node, _STATEMENTS):
            self._statements += 1
            opened.statement = self._statements
            opened.occurrence = None
        if isinstance(node, cst.FunctionDef | cst.Lambda) and node in self._functions:
            opened.function = self._functions[node]
        if isinstance(node, cst.Global | cst.Nonlocal):
            self.outer.update((above.function, item.name.value) for item in node.names)
        self._stack.append(opened)
        is_read = isinstance(node, cst.BaseExpression) and not opened.is_stored and not opened.is_skipped
        if is_read and where not in _SKIPPED and not isinstance(node, cst.StarredElement):
            assert isinstance(node, cst.BaseExpression)
            self._add(node, above, opened)
        return not opened.is_skipped

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Forget the node."""
        self._stack.pop()

    @staticmethod
    def _is_stored(node: cst.CSTNode, above: _Open, where: tuple[type[cst.CSTNode], str]) -> bool:
        """Is this assigned to? Of an attribute or item that is, the object is read."""
        if where in _STORED:
            return True
        if not above.is_stored or isinstance(above.syntax, cst.Attribute | cst.Subscript | cst.Name):
            return False
        return isinstance(node, cst.BaseExpression | cst.BaseElement)

    def _add(self, node: cst.BaseExpression, above: _Open, opened: _Open) -> None:
        lowered = self._values.get(node)
        number = len(self._found)
        if lowered is not None:
            self._reached.add(opened.statement)
        role, key = self._role(above)
        function = above.function if lowered is None else lowered[0]
        self._found.append(
            Occurrence(
                number=number,
                span=self._span(node),
                node=None if lowered is None else lowered[1],
                function=function,
                role=role,
                key=key,
                parent=above.occurrence,
                path=dotted_path(node) or "",
                is_primary=bool(node.lpar) or isinstance(node, _PRIMARY),
                targets=tuple(self._targets(role)),
            )
        )
        self._statement_of.append(opened.statement)
        opened.occurrence = number

    def _role(self, above: _Open) -> tuple[Role, str | int | None]:
        syntax, slot = above.syntax, above.slot
        if isinstance(syntax, cst.Attribute):
            return (Role.ATTRIBUTE_SET if above.is_stored else Role.OBJECT), syntax.attr.value
        if isinstance(syntax, cst.Subscript) and above.is_stored and slot == "value":
            return Role.ITEM_SET, None
        if isinstance(syntax, cst.Arg):
            call = self._stack[-3].syntax
            if isinstance(call, cst.Call):
                return Role.ARGUMENT, next(i for i, one in enumerate(call.args) if one is syntax)
            return Role.OTHER, None
        if isinstance(syntax, cst.BinaryOperation | cst.BooleanOperation | cst.UnaryOperation):
            return Role.OPERAND, type(syntax.operator).__name__
        if isinstance(syntax, cst.Comparison):
            return Role.COMPARED, type(syntax.comparisons[0].operator).__name__
        if isinstance(syntax, cst.ComparisonTarget):
            return Role.COMPARED, type(syntax.operator).__name__
        if isinstance(syntax, cst.Assign | cst.AnnAssign) and slot == "value":
            return Role.ASSIGNED, None
        if isinstance(syntax, cst.AugAssign) and slot == "value":
            return Role.OPERAND, type(syntax.operator).__name__.removesuffix("Assign")
        if isinstance(syntax, cst.Del) or above.is_stored:
            return Role.DELETED, None
        return _PLAIN.get((type(syntax), slot), Role.OTHER), None

    def _targets(self, role: Role) -> Iterator[Target]:
        """What the value of the statement or clause around is assigned to."""
        syntax = self._stack[-2].syntax if len(self._stack) > 1 else None
        if role not in (Role.ASSIGNED, Role.NAMED, Role.ITERATED):
            return
        if isinstance(syntax, cst.Assign):
            for one in syntax.targets:
                yield from _assigned(one.target)
        elif isinstance(syntax, cst.AnnAssign | cst.NamedExpr | cst.For | cst.CompFor):
            yield from _assigned(syntax.target)

    def _span(self, node: cst.BaseExpression) -> Range:
        inner = self._positions[node]
        start = self._positions[node.lpar[0]].start if node.lpar else inner.start
        end = self._positions[node.rpar[-1]].end if node.rpar else inner.end
        return Range(start.line, start.column, end.line, end.column, self._code(start, end))

    def _code(self, start: CodePosition, end: CodePosition) -> str:
        first, last = start.line - 1, end.line - 1
        if first == last:
            return self._lines[first][start.column : end.column]
        parts = [self._lines[first][start.column :], *self._lines[first + 1 : last], self._lines[last][: end.column]]
        return " ".join("".join(parts).split())

    def finished(self) -> tuple[Occurrence, ...]:
        """The occurrences, each with whether its statement is reached."""
        return tuple(
            one if statement in self._reached else replace(one, is_reached=False)
            for one, statement in zip(self._found, self._statement_of, strict=True)
        )


def _assigned(target: cst.BaseExpression) -> Iterator[Target]:
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _assigned(element.value)
    elif isinstance(target, cst.StarredElement):
        yield from _assigned(target.value)
    elif isinstance(target, cst.Subscript):
        yield Target("item", dotted_path(target.value) or "")
    elif isinstance(target, cst.Attribute):
        yield Target("attribute", dotted_path(target) or "")
    elif isinstance(target, cst.Name):
        yield Target("name", target.value)
