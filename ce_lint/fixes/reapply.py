"""An activation put back where its values are wanted."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from ce_lint.fixes.origins import Built, Called
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.fixes.text import RangeEdit, Span, Splice
from ce_lint.ir.kinds import Site

_PRIMARY = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.List, cst.Dict, cst.ListComp)
_WITH_DIM = frozenset(["softmax", "log_softmax"])
_WITHOUT_DIM = frozenset(["sigmoid"])


@dataclass(frozen=True, slots=True)
class Reapply:
    """What is written behind an expression to do to it what was taken away elsewhere."""

    suffix: str
    """`.softmax(dim=1)`"""


def reapplied(origin: Called | Built) -> Reapply | None:
    """The activation as a method of a tensor; None where there is no such method, or its dimension is not written."""
    activation = origin.activation
    is_torch = activation.name.startswith("torch.") or "." not in activation.name
    if is_torch and activation.word in _WITH_DIM and origin.dim is not None:
        return Reapply(f".{activation.word}(dim={origin.dim})")
    if is_torch and activation.word in _WITHOUT_DIM:
        return Reapply(f".{activation.word}()")
    return None


def wrap(module: ModuleSyntax, expression: cst.BaseExpression, applied: Reapply) -> tuple[RangeEdit, ...]:
    """Do it to an expression: two insertions around one that needs parentheses, one behind any other."""
    return module.ruler.edits(wrapping(module.full_span(expression), applied, is_primary=is_primary(expression)))


def wrapping(span: Span, applied: Reapply, *, is_primary: bool) -> tuple[Splice, ...]:
    """Insertions that do it to what stands in a span."""
    if is_primary:
        return (Splice(span.end, span.end, applied.suffix),)
    return (Splice(span.start, span.start, "("), Splice(span.end, span.end, ")" + applied.suffix))


def wrap_site(project: ProjectSyntax, site: Site, applied: Reapply) -> tuple[RangeEdit, ...] | None:
    """Do it to what stands at a site: a node, or an argument of a call; None where nothing of the kind is written."""
    found = project.at(Site(site.path, site.node))
    if found is None:
        return None
    module, node = found
    if site.argument is not None:
        if not isinstance(node, cst.Call) or site.argument >= len(node.args) or node.args[site.argument].star:
            return None
        node = node.args[site.argument].value
    if not isinstance(node, cst.BaseExpression) or isinstance(node, cst.GeneratorExp):
        return None
    return wrap(module, node, applied)


def is_primary(expression: cst.BaseExpression) -> bool:
    """Can an expression be followed by `.method()` as it is written?"""
    return bool(expression.lpar) or isinstance(expression, _PRIMARY)
