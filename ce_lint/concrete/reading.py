"""A text that is read to be edited: libcst's tree of it, and what the IR knows of each node of that."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from ce_lint.concrete.matching import MismatchError, links, match
from ce_lint.concrete.parsing import parse
from ce_lint.frontend import lowering
from ce_lint.frontend.builder import ModuleBuilder, NestedTooDeeplyError, Scope
from ce_lint.frontend.expressions import dotted_path
from ce_lint.frontend.lowering import SyntaxFailure
from ce_lint.ir import nodes as ir

MAX_KEPT = 32
"""Texts whose trees, which are large, are kept to be asked for again."""

_Observed = dict[ast.AST, tuple[int, int]]


class UnreadableError(Exception):
    """Python can read a text, and libcst cannot: nothing can be said of what stands in it."""


@dataclass(frozen=True, eq=False, repr=False)
class Concrete:
    """A module's libcst tree, and the IR's numbers in it."""

    text: str
    module: cst.Module
    nodes: tuple[ir.AnyNode, ...]
    syntax: tuple[cst.CSTNode | None, ...]
    """What each node of the IR was made of."""
    values: Mapping[cst.CSTNode, tuple[int, int]]
    """The function that evaluates an expression, and the node that its value is."""
    functions: Mapping[cst.CSTNode, int]
    """The numbers of functions and lambdas."""

    @cached_property
    def positions(self) -> Mapping[cst.CSTNode, CodeRange]:
        """Where each node stands: an expression without parentheses of its own."""
        return MetadataWrapper(self.module, unsafe_skip_copy=True).resolve(PositionProvider)


class Reader:
    """Reads texts, each of them once as long as it is among those that were asked for last."""

    def __init__(self) -> None:
        self._found: dict[str, Concrete | SyntaxFailure] = {}

    def read(self, text: str) -> Concrete:
        """A text as it can be edited; raise UnreadableError."""
        found = self._found.pop(text, None) or read(text)
        self._found[text] = found
        if len(self._found) > MAX_KEPT:
            del self._found[next(iter(self._found))]
        if isinstance(found, SyntaxFailure):
            raise UnreadableError(found.reason)
        return found


def read(text: str) -> Concrete | SyntaxFailure:
    """A text as it can be edited."""
    tree = lowering.parse(text)
    if isinstance(tree, SyntaxFailure):
        return tree
    module = parse(text, tree)
    if isinstance(module, SyntaxFailure):
        return module
    observed: _Observed = {}
    try:
        matched = match(tree, module)
        builder = lowering.lower_module(tree, lambda scope, syntax, node: _observe(observed, scope, syntax, node))
    except (RecursionError, NestedTooDeeplyError):
        return SyntaxFailure(None, "cannot be edited: an expression is nested too deeply")
    except MismatchError as error:
        return SyntaxFailure(None, f"cannot be edited: its syntax is not known ({error})")
    return Concrete(
        text=text,
        module=module,
        nodes=tuple(builder.nodes),
        syntax=_syntax(builder, matched),
        values=_values(builder, matched, observed),
        functions={
            matched[syntax]: node.index
            for node, syntax in zip(builder.nodes, builder.syntax, strict=True)
            if isinstance(node, ir.Function) and syntax is not None
        },
    )


def _observe(observed: _Observed, scope: Scope, syntax: ast.expr, node: int) -> None:
    if syntax in observed:
        return
    function = scope.function_scope().index
    observed[syntax] = function, node
    inner = syntax.value if isinstance(syntax, ast.Attribute) and dotted_path(syntax) else None
    while inner is not None:  # what is read as one dotted path
        part = scope.peek(dotted_path(inner) or "")
        if part is not None and inner not in observed:
            observed[inner] = function, part
        inner = inner.value if isinstance(inner, ast.Attribute) else None


def _syntax(builder: ModuleBuilder, matched: Mapping[ast.AST, cst.CSTNode]) -> tuple[cst.CSTNode | None, ...]:
    found = [None if one is None else matched.get(one) for one in builder.syntax]
    # The call of a decorator has the syntax of the decorator, which may be a call of its own, made before that.
    last = {syntax: index for index, syntax in enumerate(builder.syntax) if isinstance(builder.nodes[index], ir.Call)}
    for definition, concrete in matched.items():
        if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            assert isinstance(concrete, cst.FunctionDef | cst.ClassDef)
            for python, decorator in zip(definition.decorator_list, concrete.decorators, strict=True):
                if python in last:
                    found[last[python]] = decorator
    return tuple(found)


def _values(
    builder: ModuleBuilder, matched: Mapping[ast.AST, cst.CSTNode], observed: _Observed
) -> dict[cst.CSTNode, tuple[int, int]]:
    found = {}
    for python, value in observed.items():
        concrete = matched.get(python)
        if concrete is None:
            continue
        found[concrete] = value
        if isinstance(python, ast.BoolOp) and isinstance(concrete, cst.BooleanOperation):
            found |= _links(builder, python, concrete, observed)
    return found


def _links(
    builder: ModuleBuilder, python: ast.BoolOp, concrete: cst.BooleanOperation, observed: _Observed
) -> dict[cst.CSTNode, tuple[int, int]]:
    """The values of the parts of `a and b and c`, which is one operation to Python only."""
    found: dict[cst.CSTNode, tuple[int, int]] = {}
    operator = "and" if isinstance(python.op, ast.And) else "or"
    function, left = observed[python.values[0]]
    for right, operation in zip(python.values[1:], links(concrete), strict=True):
        node = builder.find(ir.Boolean(operator, left, observed[right][1]))
        assert node is not None
        found[operation] = function, node
        left = node
    return found
