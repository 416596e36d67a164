"""Which nodes a node is made of."""

from __future__ import annotations

from collections.abc import Sequence

from ce_lint.ir import nodes as ir


def operands(node: ir.AnyNode) -> tuple[int, ...]:
    """The indices of a node's operands."""
    if isinstance(node, ir.Call):
        return node.function, *(argument.value for argument in node.arguments)
    if isinstance(node, ir.Attribute):
        return (node.object,)
    if isinstance(node, ir.Item):
        return node.object, node.key
    if isinstance(node, ir.Slice):
        return tuple(bound for bound in (node.lower, node.upper, node.step) if bound is not None)
    if isinstance(node, ir.Display):
        return node.items
    if isinstance(node, ir.Dictionary):
        return (*(key for key in node.keys if key is not None), *node.values)
    if isinstance(node, ir.Choice):
        return node.condition, node.then, node.other
    if isinstance(node, ir.Loop):
        return node.before, *node.after
    return _small(node)


def _small(node: ir.AnyNode) -> tuple[int, ...]:
    if isinstance(node, ir.Collect):
        return (node.element,) if node.key is None else (node.key, node.element)
    if isinstance(node, ir.Element):
        return (node.iterable,)
    if isinstance(node, ir.Enter):
        return (node.manager,)
    if isinstance(node, ir.Binary | ir.Boolean | ir.Compare):
        return node.left, node.right
    if isinstance(node, ir.Unary | ir.Not):
        return (node.operand,)
    if isinstance(node, ir.Matches):
        return (node.subject,)
    if isinstance(node, ir.SetAttribute):
        return node.object, node.value
    if isinstance(node, ir.SetItem):
        return node.object, node.key, node.value
    if isinstance(node, ir.Mutate):
        return node.object, node.call
    return ()


def decisions(nodes: Sequence[ir.AnyNode], start: int) -> frozenset[int]:
    """The conditions of all choices that a node is made of, however far down."""
    found: set[int] = set()
    seen: set[int] = set()
    pending = [start]
    while pending:
        index = pending.pop()
        if index in seen:
            continue
        seen.add(index)
        node = nodes[index]
        if isinstance(node, ir.Choice):
            found.add(node.condition)
        pending += operands(node)
    return frozenset(found)
