"""Another criterion where the probabilities have to stay: NLLLoss, and the logarithm of what it is given."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ce_lint.fixes.arguments import taken
from ce_lint.fixes.expressions import parses
from ce_lint.fixes.origins import callees
from ce_lint.fixes.reapply import Reapply, is_primary, wrapping
from ce_lint.fixes.spelling import renamed
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.fixes.text import RangeEdit, Splice, spliced
from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.flow import Flow
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import Bound, Definition, Library, LibraryObject, Scores, Unknown, Value
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import ScoreKind, Site
from ce_lint.knowledge.schema import Argument
from ce_lint.program.names import Names, NamesHere, attribute

CLASS, FUNCTION = "torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy"
_LOG = Reapply(".clamp_min(1e-12).log()")
_OPTIONS = ("weight", "size_average", "ignore_index", "reduce", "reduction")
"""What both losses take, in this order."""
_INPUT, _TARGET = Argument("input", 0), Argument("target", 1)

_Changes = list[tuple[ModuleSyntax, tuple[Splice, ...]]]


def change_criterion(project: ProjectSyntax, flow: Flow) -> tuple[RangeEdit, ...] | None:
    """Make the loss one of log-probabilities, and give it those; None where it serves anything else as well."""
    loss = flow.recipe.loss if flow.recipe is not None else ""
    if flow.kind is not ScoreKind.PROBABILITIES or loss not in (CLASS, FUNCTION):
        return None
    changes = _function(project, flow.sink) if loss == FUNCTION else _object(project, flow.sink)
    if not changes:
        return None
    by_module: dict[ModuleSyntax, list[Splice]] = {}
    for module, splices in changes:
        by_module.setdefault(module, []).extend(splices)
    if not all(parses(spliced(module.text, splices)) for module, splices in by_module.items()):
        return None
    return tuple(edit for module, splices in by_module.items() for edit in module.ruler.edits(splices))


def _function(project: ProjectSyntax, sink: Site) -> _Changes | None:
    found, function = project.call_at(sink), project.function_of(sink)
    if found is None or function is None:
        return None
    module, call = found
    values = callees(project, function, sink, project.frames(function))
    named = all(isinstance(value, Library) and _canonical(project, value) == FUNCTION for value in values)
    if not named or not _has_options_of_both(call, ("input", "target", *_OPTIONS)):
        return None
    if not _is_of_probabilities_only(project, Candidate(function, sink.node)):
        return None
    name = renamed(project, module, call.func, "torch.nn.functional.nll_loss")
    logged = _logged(project, module, sink, function)
    return None if name is None or logged is None else [(module, (name,)), (module, logged)]


def _object(project: ProjectSyntax, sink: Site) -> _Changes | None:
    function = project.function_of(sink)
    construction = None if function is None else _construction(project, function, sink)
    if construction is None:
        return None
    found = project.call_at(construction)
    if found is None or not _has_options_of_both(found[1], _OPTIONS):
        return None
    name = renamed(project, found[0], found[1].func, "torch.nn.NLLLoss")
    if name is None or _is_handed_to_a_library(project, construction):
        return None
    changes: _Changes = [(found[0], (name,))]
    for served in _served(project, construction):
        site = Site(str(served.function.path), served.call)
        standing = project.at(site)
        if standing is None or not _is_of_probabilities_only(project, served):
            return None
        logged = _logged(project, standing[0], site, served.function)
        if logged is None:
            return None
        changes.append((standing[0], logged))
    return changes if len(changes) > 1 else None


def _canonical(project: ProjectSyntax, value: Library) -> str:
    return project.machine.knowledge.canonical(value.name)


def _has_options_of_both(call: cst.Call, names: tuple[str, ...]) -> bool:
    """Has a call no argument that one of the two losses does not know?"""
    positional = [one for one in call.args if one.keyword is None]
    known = all(one.keyword is None or one.keyword.value in names for one in call.args)
    return known and len(positional) <= len(names) and not any(one.star for one in call.args)


def _loss_object(value: Value) -> LibraryObject | None:
    if isinstance(value, Bound) and value.function is None and value.name in ("forward", "__call__"):
        return _loss_object(value.receiver)
    return value if isinstance(value, LibraryObject) else None


def _construction(project: ProjectSyntax, function: Definition, sink: Site) -> Site | None:
    """Where the one loss is built that a call calls."""
    values = callees(project, function, sink, project.frames(function))
    known = [value for value in values if not _is_open(value)]
    found = {one.site if one is not None and one.name == CLASS else None for one in map(_loss_object, known)}
    return found.pop() if len(found) == 1 else None


def _is_open(value: Value) -> bool:
    inner = value.receiver if isinstance(value, Bound) else value
    return isinstance(inner, Unknown) and inner.open is not None


def _served(project: ProjectSyntax, construction: Site) -> Iterator[Candidate]:
    """The calls that call a loss."""
    for candidate in project.interpreter.candidates():
        site = Site(str(candidate.function.path), candidate.call)
        values = callees(project, candidate.function, site, project.frames(candidate.function))
        if any(one is not None and one.site == construction for one in map(_loss_object, values)):
            yield candidate


def _is_of_probabilities_only(project: ProjectSyntax, candidate: Candidate) -> bool:
    """Is a loss called with probabilities on every way that leads there?"""
    report = project.interpreter.report(candidate)
    only = bool(report.flows) and all(flow.kind is ScoreKind.PROBABILITIES for flow in report.flows)
    return only and not report.right and not report.reasons


def _logged(
    project: ProjectSyntax, module: ModuleSyntax, sink: Site, function: Definition
) -> tuple[Splice, ...] | None:
    """The logarithm of a loss call's input; None where its target may be probabilities too."""
    call = module.node(sink.node)
    if not isinstance(call, cst.Call):
        return None
    given, target = taken(call, _INPUT), taken(call, _TARGET)
    if given is None or isinstance(given.value, cst.GeneratorExp):
        return None
    if target is not None and _is_soft(project, module, sink, function, call.args.index(target)):
        return None
    return wrapping(module.full_span(given.value), _LOG, is_primary=is_primary(given.value))


def _is_soft(project: ProjectSyntax, module: ModuleSyntax, sink: Site, function: Definition, position: int) -> bool:
    node = module.ir.nodes[sink.node]
    assert isinstance(node, ir.Call)
    target = node.arguments[position].value
    frames = project.frames(function)
    values = [one.value for frame in frames for one in alternatives(project.machine.evaluate(frame, target))]
    call = module.ir.nodes[target]
    name = module.ir.nodes[call.function] if isinstance(call, ir.Call) else None
    made = isinstance(name, ir.Attribute) and name.name in ("float", "one_hot", "double", "softmax")
    return made or any(isinstance(value, Scores) for value in values)


def _is_handed_to_a_library(project: ProjectSyntax, construction: Site) -> bool:
    """Is a loss given to a call of which it is not known what it does with it?"""
    machine = project.machine
    names = project.interpreter.callers.carriers.closure(Names.of_class("CrossEntropyLoss"))
    for module in project.interpreter.callers.carriers.modules(names):
        here = names.at(module.path)
        for number, function in enumerate(module.ir.functions):
            frame = machine.root(Definition(module.path, number))
            for site in function.calls:
                call = module.ir.nodes[site.node]
                assert isinstance(call, ir.Call)
                if not any(_is_named(module.ir.nodes[one.value], here) for one in call.arguments):
                    continue
                machine.begin()
                values = [machine.evaluate(frame, one.value) for one in call.arguments]
                given = any(isinstance(value, LibraryObject) and value.site == construction for value in values)
                if given and isinstance(machine.evaluate(frame, call.function), Library | LibraryObject | Unknown):
                    return True
    return False


def _is_named(node: ir.AnyNode, here: NamesHere) -> bool:
    """May a node be a loss, by its name?"""
    if isinstance(node, ir.Attribute):
        return here.is_object(attribute(node.name))
    if isinstance(node, ir.Parameter | ir.Free):
        return here.is_object(node.name)
    return isinstance(node, ir.Call)
