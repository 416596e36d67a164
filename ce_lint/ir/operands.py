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


def made_of(nodes: Sequence[ir.AnyNode], start: int) -> frozenset[int]:
    """A node and all nodes that it is made of, however far down."""
    seen: set[int] = set()
    pending = [start]
    while pending:
        index = pending.pop()
        if index not in seen:
            seen.add(index)
            pending += operands(nodes[index])
    return frozenset(seen)


def decisions(nodes: Sequence[ir.AnyNode], start: int) -> frozenset[int]:
    """The conditions of all choices that a node is made of."""
    parts = (nodes[index] for index in made_of(nodes, start))
    return frozenset(part.condition for part in parts if isinstance(part, ir.Choice))
