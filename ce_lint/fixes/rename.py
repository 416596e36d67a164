"""The log taken: log-softmax where softmax stands, for a loss that wants the logarithms."""

from __future__ import annotations

import libcst as cst

from ce_lint.fixes.containers import is_in_container
from ce_lint.fixes.expressions import parses
from ce_lint.fixes.holders import is_listed, reads_of
from ce_lint.fixes.origins import Built, Called, cause_of
from ce_lint.fixes.spelling import renamed
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.fixes.text import RangeEdit, Splice, spliced
from ce_lint.interpreter.flow import Flow
from ce_lint.knowledge.schema import Form

_LOGS = {"Softmax": "torch.nn.LogSoftmax", "softmax": "torch.nn.functional.log_softmax"}


def take_log(project: ProjectSyntax, flow: Flow) -> tuple[RangeEdit, ...] | None:
    """Make the softmax at a flow's origin a log-softmax; None where that is not certain to change nothing else."""
    origin = cause_of(project, flow)
    if origin is None or origin.activation.word != "softmax":
        return None
    word = origin.activation.name.rpartition(".")[2]
    if word not in _LOGS or not (origin.activation.name.startswith("torch.") or word == origin.activation.name):
        return None
    found = _called(project, origin) if isinstance(origin, Called) else _built(project, origin)
    if found is None:
        return None
    module, splices = found
    return module.ruler.edits(splices) if parses(spliced(module.text, splices)) else None


_Change = tuple[ModuleSyntax, tuple[Splice, ...]]


def _built(project: ProjectSyntax, origin: Built) -> _Change | None:
    if not is_in_container(project, origin):
        return None
    splice = renamed(project, origin.module, origin.call.func, _LOGS["Softmax"])
    return None if splice is None else (origin.module, (splice,))


def _called(project: ProjectSyntax, origin: Called) -> _Change | None:
    module, function = origin.module, origin.call.func
    form = origin.activation.form
    if form is Form.METHOD and isinstance(function, cst.Attribute):
        return module, (Splice(*module.span(function.attr), "log_softmax"),)
    if form is Form.FUNCTION:
        splice = renamed(project, module, function, _LOGS["softmax"])
        return (module, (splice,)) if splice is not None else _as_method(origin)
    return _layer(project, origin)


def _as_method(origin: Called) -> _Change | None:
    """`softmax(x, dim=1)` as `x.log_softmax(dim=1)`, where the module has no name for the function."""
    module, call, kept = origin.module, origin.call, origin.kept
    if origin.dim is None or any(True for _ in module.inside(call, cst.Comment)):
        return None
    around, inner = module.span(call), module.full_span(kept)
    is_primary = bool(kept.lpar) or isinstance(kept, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    left, right = ("", "") if is_primary else ("(", ")")
    suffix = f"{right}.log_softmax(dim={origin.dim})"
    return module, (Splice(around.start, inner.start, left), Splice(inner.end, around.end, suffix))


def _layer(project: ProjectSyntax, origin: Called) -> _Change | None:
    """The construction of the layer that is called, where nothing else calls it."""
    if len(origin.built) != 1:
        return None
    found = project.call_at(origin.built[0])
    if found is None:
        return None
    module, construction = found
    callee = origin.call.func
    if construction is not callee and not _is_only_call(project, module, construction, origin):
        return None
    splice = renamed(project, module, construction.func, _LOGS["Softmax"])
    return None if splice is None else (module, (splice,))


def _is_only_call(project: ProjectSyntax, module: ModuleSyntax, construction: cst.Call, origin: Called) -> bool:
    """Is a layer put under one name, and read under it by one call only?"""
    callee, statement = origin.call.func, module.parent(construction)
    if isinstance(statement, cst.Element):  # self.fc, self.softmax = nn.Linear(8, 3), nn.Softmax(dim=1)
        pair = module.parent(statement)
        statement = module.parent(pair) if isinstance(pair, cst.Tuple) else None
    if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
        return False
    if isinstance(callee, cst.Attribute):
        named = module.inside(statement.targets[0], cst.Attribute)
        is_put = any(one.attr.value == callee.attr.value for one in named)
        reads = reads_of(project, callee.attr.value, callee, origin.built[0])
        return is_put and not is_listed(project) and not any(True for _ in reads)
    function = module.first_above(statement, cst.FunctionDef)
    if not isinstance(callee, cst.Name) or origin.module is not module:
        return False
    scope = module.tree if function is None else function
    return sum(one.value == callee.value for one in module.inside(scope, cst.Name)) == 2
