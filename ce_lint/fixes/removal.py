"""The activation out: what it is applied to stays in its place, and what was built for it alone goes as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from ce_lint.fixes.aliases import changed_in_place
from ce_lint.fixes.containers import without_layer
from ce_lint.fixes.expressions import input_instead, parses
from ce_lint.fixes.holders import is_given_away, is_listed, reads_of
from ce_lint.fixes.origins import Built, Called, cause_of
from ce_lint.fixes.reapply import Reapply, reapplied
from ce_lint.fixes.statements import without_statement
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.fixes.text import RangeEdit, Splice, spliced
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Site


@dataclass(frozen=True, slots=True)
class Removal:
    """The edits that take an activation out, and how it is put back elsewhere."""

    edits: tuple[RangeEdit, ...]
    applied: Reapply | None
    """None where it cannot be written behind an expression with the same result."""
    doubts: tuple[str, ...] = ()
    """What may make the result another one, in a few words each."""


def removal(project: ProjectSyntax, flow: Flow) -> Removal | None:
    """Take the activation at a flow's origin out; None where that may change anything else."""
    origin = cause_of(project, flow)
    if origin is None:
        return None
    module = origin.module
    if isinstance(origin, Called):
        splices = input_instead(module, origin.call, origin.kept)
        others = _unused(project, origin) if splices is not None else ()
    else:
        splices, others = without_layer(project, origin), ()
    if splices is None:
        return None
    together = [(module, splices), *others]
    edits = _edits(together)
    return Removal(edits, reapplied(origin), _doubts(project, origin)) if edits is not None else None


def _doubts(project: ProjectSyntax, origin: Called | Built) -> tuple[str, ...]:
    if isinstance(origin, Built):
        return ()
    changed = changed_in_place(origin.module, origin.call, origin.kept)
    return (
        *(["the layer is read elsewhere, too"] if _is_watched(project, origin) else []),
        *([f"{changed} is changed in place"] if changed else []),
    )


def _edits(changes: Sequence[tuple[ModuleSyntax, tuple[Splice, ...]]]) -> tuple[RangeEdit, ...] | None:
    """The edits of some modules, where each of them is Python after them."""
    by_module: dict[ModuleSyntax, list[Splice]] = {}
    for module, splices in changes:
        by_module.setdefault(module, []).extend(splices)
    for module, found in by_module.items():
        if not parses(spliced(module.text, found)):
            return None
    return tuple(edit for module, found in by_module.items() for edit in module.ruler.edits(found))


def _unused(project: ProjectSyntax, origin: Called) -> list[tuple[ModuleSyntax, tuple[Splice, ...]]]:
    """The assignment of a layer that nothing but the call read: `self.softmax = nn.Softmax(dim=1)`."""
    if len(origin.built) != 1:
        return []
    found = project.at(origin.built[0])
    callee = _layer(origin)
    statement = found[0].parent(found[1]) if found is not None else None
    if found is None or not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
        return []
    module, target = found[0], statement.targets[0].target
    if isinstance(target, cst.Attribute) and isinstance(callee, cst.Attribute):
        is_read = target.attr.value != callee.attr.value or _is_read(project, callee, origin.built[0])
    elif isinstance(target, cst.Name) and isinstance(callee, cst.Name):
        is_read = target.value != callee.value or _is_read_in_function(module, statement, callee)
    else:
        return []
    splices = None if is_read else without_statement(module, statement)
    return [(module, splices)] if splices is not None else []


def _is_watched(project: ProjectSyntax, origin: Called) -> bool:
    """Is a layer that a call calls read for anything but a call: given to a hook, which runs when it is called?"""
    callee = _layer(origin)
    if not isinstance(callee, cst.Attribute):
        return False
    return any(is_given_away(project, callee.attr.value, callee, built) for built in origin.built)


def _layer(origin: Called) -> cst.BaseExpression:
    """What is called: `self.act` of `self.act(x)` and of `self.act.forward(x)`."""
    callee = origin.call.func
    is_method = isinstance(callee, cst.Attribute) and callee.attr.value in ("forward", "__call__")
    return callee.value if isinstance(callee, cst.Attribute) and is_method else callee


def _is_read(project: ProjectSyntax, callee: cst.Attribute, built: Site) -> bool:
    """May anything but a call read an attribute? What is listed without names is taken to be."""
    attribute = callee.attr.value
    return is_listed(project) or any(True for _ in reads_of(project, attribute, callee, built))


def _is_read_in_function(module: ModuleSyntax, statement: cst.Assign, callee: cst.Name) -> bool:
    function = module.first_above(statement, cst.FunctionDef)
    if function is None or module.first_above(callee, cst.FunctionDef) is not function:
        return True
    named = [one for one in module.inside(function, cst.Name) if one.value == callee.value]
    return len(named) > 2
