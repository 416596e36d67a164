"""An argument as it is written and as a node, followed down to the value that methods and subscripts are applied to."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import Scores
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ModuleIR
from ce_lint.knowledge.schema import Effect


class Link(NamedTuple):
    """An expression and the node that it is."""

    syntax: cst.BaseExpression
    node: int


def argument(module: ModuleSyntax, call: int, position: int) -> Link | None:
    """An argument of a call."""
    syntax, node = module.node(call), module.ir.nodes[call]
    return of_call(syntax, node, position)


def of_call(syntax: cst.CSTNode | None, node: ir.AnyNode, position: int) -> Link | None:
    """An argument of a call, as syntax and as a node."""
    if not isinstance(syntax, cst.Call) or not isinstance(node, ir.Call):
        return None
    if position >= len(syntax.args) or len(syntax.args) != len(node.arguments) or syntax.args[position].star:
        return None
    return Link(syntax.args[position].value, node.arguments[position].value)


def below(nodes: tuple[ir.AnyNode, ...], link: Link) -> Link | None:
    """What a method is called on, or an item taken of."""
    node = nodes[link.node]
    if isinstance(link.syntax, cst.Subscript) and isinstance(node, ir.Item):
        return Link(link.syntax.value, node.object)
    if isinstance(link.syntax, cst.Call) and isinstance(node, ir.Call) and isinstance(link.syntax.func, cst.Attribute):
        function = nodes[node.function]
        if isinstance(function, ir.Attribute):
            return Link(link.syntax.func.value, function.object)
    return None


def base(project: ProjectSyntax, module: ModuleIR, link: Link, frames: list[int]) -> tuple[Link, int]:
    """The end of a chain of what keeps scores what they are, and how long the chain is."""
    length = 0
    while (inner := below(module.nodes, link)) is not None and _keeps(project, module, link, inner, frames):
        link = inner
        length += 1
    return link, length


def _keeps(project: ProjectSyntax, module: ModuleIR, link: Link, inner: Link, frames: list[int]) -> bool:
    node = module.nodes[link.node]
    if isinstance(node, ir.Call):
        function = module.nodes[node.function]
        assert isinstance(function, ir.Attribute)
        operation = project.machine.knowledge.method_operation(function.name)
        return operation is not None and operation.effect is Effect.PRESERVE and not function.name.endswith("_")
    values = [one.value for frame in frames for one in alternatives(project.machine.evaluate(frame, inner.node))]
    return any(isinstance(value, Scores) for value in values)


def along(nodes: tuple[ir.AnyNode, ...], link: Link, length: int) -> Link | None:
    """The end of a chain of a known length."""
    for _ in range(length):
        inner = below(nodes, link)
        if inner is None:
            return None
        link = inner
    return link
