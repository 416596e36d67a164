"""What is there already: the value that the activation was applied to, given to the loss instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ce_lint.concrete.reading import read
from ce_lint.fixes import chains
from ce_lint.fixes.chains import Link
from ce_lint.fixes.expressions import input_instead
from ce_lint.fixes.origins import Called, is_clamped, origin_of
from ce_lint.fixes.siblings import Sibling, resolved, sibling
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.fixes.text import RangeEdit, Splice, spliced
from ce_lint.frontend.lowering import SyntaxFailure
from ce_lint.interpreter.flow import Flow
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import Definition, Literal, Nothing, Scores, Thunk, Unknown, Value
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Family
from ce_lint.ir.recipe import Act

MAX_CANDIDATES = 8
"""Spellings that are tried: each means reading the module again."""

_WANT_LOGITS = frozenset([Family.CROSS_ENTROPY, Family.BCE_WITH_LOGITS])
_TAKEN_OUT = frozenset([Act.MODEL, Act.PICK])
"""What leaves the tensor as the activation made it."""


@dataclass(frozen=True, slots=True)
class _Sink:
    """The loss call, and the value that its argument is made of."""

    module: ModuleSyntax
    call: int
    position: int
    base: Link
    length: int
    """Of the chain from the argument to the value."""
    frames: tuple[int, ...]
    """Those in which it is known what arrives."""
    function: Definition


def pass_existing(project: ProjectSyntax, flow: Flow) -> tuple[RangeEdit, ...] | None:
    """Give the loss what is there; None where it is not certain that it is the same on all ways."""
    wants = flow.family in _WANT_LOGITS and not is_clamped(flow)
    sink = _sink(project, flow) if wants else None
    if sink is None:
        return None
    origin = origin_of(project, flow.origin)
    if isinstance(origin, Called) and origin.activation.kind is flow.kind and sink.base.syntax is origin.call:
        return _nested(origin)
    found = [_before(project, sink, frame, flow) for frame in sink.frames]
    if not found or any(one is None for one in found):
        return None
    wanted = {one for one in found if one is not None}
    if len(wanted) != 1:
        return None
    (one,) = wanted
    for splices in _spellings(sink, one, origin if isinstance(origin, Called) else None):
        if _gives(sink, splices, one):
            return sink.module.ruler.edits(splices)
    return None


def _nested(origin: Called) -> tuple[RangeEdit, ...] | None:
    """`criterion(softmax(out), y)`: nobody else sees what the activation made."""
    splices = input_instead(origin.module, origin.call, origin.kept)
    return None if splices is None else origin.module.ruler.edits(splices)


def _sink(project: ProjectSyntax, flow: Flow) -> _Sink | None:
    found, function = project.at(flow.sink), project.function_of(flow.sink)
    if found is None or function is None or flow.argument.argument is None:
        return None
    module = found[0]
    link = chains.argument(module, flow.sink.node, flow.argument.argument)
    if link is None:
        return None
    project.machine.begin()
    frames = project.frames(function)
    known = tuple(frame for frame in frames if not _is_open(project, frame, link.node))
    end, length = chains.base(project, module.ir, link, list(known))
    return _Sink(module, flow.sink.node, flow.argument.argument, end, length, known, function)


def _is_open(project: ProjectSyntax, frame: int, node: int) -> bool:
    """Is it not known what arrives, because a caller says so?"""
    values = [one.value for one in alternatives(project.machine.evaluate(frame, node))]
    return all(isinstance(value, Nothing) or (isinstance(value, Unknown) and value.open) for value in values)


def _before(project: ProjectSyntax, sink: _Sink, frame: int, flow: Flow) -> int | Sibling | None:
    """What the activation was applied to: a node of the function around the loss, or another item of a result."""
    machine = project.machine

    def activated(value: Value) -> Thunk | None:
        """What the flow's activation made a value of, with nothing done to it since."""
        if not isinstance(value, Scores) or value.origin != flow.origin or value.kind is not flow.kind:
            return None
        is_plain = all(one.act in _TAKEN_OUT for one in value.performed[1:])
        return resolved(machine, value.before) if is_plain else None

    values = [one.value for one in alternatives(machine.evaluate(frame, sink.base.node))]
    found = {activated(value) for value in values if value not in (Nothing(), Literal(None))}
    if not found or None in found:
        return None
    here = {one.node for one in found if one is not None and one.frame == frame}
    if not here:
        return sibling(project, frame, sink.base, activated)
    is_certain = len(found) == 1 and _is_of_a_call(sink.module.ir.nodes, sink.base.node)
    return here.pop() if is_certain else None


def _is_of_a_call(nodes: tuple[ir.AnyNode, ...], index: int) -> bool:
    """Is a node what one call gave, or a part of it, and not of whichever round of a loop?"""
    node = nodes[index]
    while isinstance(node, ir.Item | ir.Attribute):
        node = nodes[node.object]
    return isinstance(node, ir.Call)


def _spellings(sink: _Sink, wanted: int | Sibling, origin: Called | None) -> Iterator[tuple[Splice, ...]]:
    """Ways to write what is wanted in place of what is given, the plainest first."""
    place = sink.module.full_span(sink.base.syntax)
    texts = dict.fromkeys(_texts(sink, wanted, origin))
    for text in list(texts)[:MAX_CANDIDATES]:
        yield (Splice(*place, text),)
    if isinstance(wanted, Sibling):
        named = _named(sink, wanted)
        if named is not None:
            target, name = named
            yield (Splice(*sink.module.span(target), name), Splice(*place, name))


def _texts(sink: _Sink, wanted: int | Sibling, origin: Called | None) -> Iterator[str]:
    nodes = sink.module.ir.nodes
    record = sink.module.ir.functions[sink.function.number]
    bound = [(one.path, one.value) for one in record.bindings]
    bound += [(one.name, nodes.index(ir.Parameter(one.name))) for one in record.parameters
              if ir.Parameter(one.name) in nodes]  # fmt: skip
    names = sorted({path for path, value in bound if _is_wanted(nodes, value, wanted)}, key=lambda one: (len(one), one))
    yield from (name for name in names if not name.startswith("_"))
    if isinstance(wanted, int):
        if origin is not None and origin.module is sink.module and _is_read(origin.kept):
            yield sink.module.source(origin.kept)
        return
    own = wanted.instead(sink.module, sink.base.syntax)
    if own is not None:
        yield own
    yield from sorted(wanted.of(path) for path, value in bound if value == wanted.holder)


def _is_read(syntax: cst.BaseExpression) -> bool:
    """Is an expression a variable, or an attribute or item of one?"""
    while isinstance(syntax, cst.Attribute | cst.Subscript):
        syntax = syntax.value
    return isinstance(syntax, cst.Name)


def _is_wanted(nodes: tuple[ir.AnyNode, ...], value: int, wanted: int | Sibling) -> bool:
    return value == wanted if isinstance(wanted, int) else wanted.is_read_by(nodes, value)


def _named(sink: _Sink, wanted: Sibling) -> tuple[cst.Name, str] | None:
    """`_, probabilities = net(x)`: the variable that nobody was meant to read, and a name for it."""
    call = sink.module.node(wanted.holder)
    statement = sink.module.parent(call) if call is not None else None
    if not isinstance(statement, cst.Assign) or len(statement.targets) != 1 or not isinstance(wanted.key, int):
        return None
    target = statement.targets[0].target
    if not isinstance(target, cst.Tuple) or any(isinstance(one, cst.StarredElement) for one in target.elements):
        return None
    if wanted.key >= len(target.elements):
        return None
    name = target.elements[wanted.key].value
    around = sink.module.first_above(statement, cst.FunctionDef) or sink.module.tree
    is_free = not any(one.value == "logits" for one in sink.module.inside(around, cst.Name))
    return (name, "logits") if isinstance(name, cst.Name) and name.value == "_" and is_free else None


def _gives(sink: _Sink, splices: tuple[Splice, ...], wanted: int | Sibling) -> bool:
    """Is the loss given what is wanted, once the module is read again?

    Nodes are numbered in the order of the text: what stands above the loss call keeps its numbers.
    """
    spelled = read(spliced(sink.module.text, splices))
    if isinstance(spelled, SyntaxFailure):
        return False
    nodes = spelled.nodes
    before = sum(isinstance(one, ir.Call) for one in sink.module.ir.nodes[: sink.call])
    calls = [index for index, one in enumerate(nodes) if isinstance(one, ir.Call)]
    if before >= len(calls):
        return False
    syntax, node = spelled.syntax[calls[before]], nodes[calls[before]]
    link = chains.of_call(syntax, node, sink.position)
    end = chains.along(nodes, link, sink.length) if link is not None else None
    return end is not None and _is_wanted(nodes, end.node, wanted)
