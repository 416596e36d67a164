"""The origin of a flow → the activation, what it is applied to, and what was built for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ce_lint.concrete.names import dotted_path
from ce_lint.fixes.arguments import integer, is_none, taken
from ce_lint.fixes.holders import are_kin
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.interpreter import attributes
from ce_lint.interpreter.flow import Flow
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import Bound, Definition, Fresh, Library, LibraryObject, Literal, Scores, Unknown, Value
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Site
from ce_lint.knowledge.schema import Activation, Argument, Form

IDENTITY = "torch.nn.Identity"
_IGNORED = frozenset(["_stacklevel"])
"""Arguments that change no number."""


@dataclass(frozen=True, slots=True)
class Called:
    """An activation that is applied where it stands: `F.softmax(x, dim=1)`, `x.softmax(1)`, `self.softmax(x)`."""

    module: ModuleSyntax
    call: cst.Call
    activation: Activation
    kept: cst.BaseExpression
    """What it is applied to."""
    dim: int | None
    """As it is written; None where it is not, or not as a number."""
    built: tuple[Site, ...] = ()
    """Where the layers that are called were built."""


@dataclass(frozen=True, slots=True)
class Built:
    """An activation that is built where it stands, for a container or a model that applies it."""

    module: ModuleSyntax
    call: cst.Call
    activation: Activation
    dim: int | None


def cause_of(project: ProjectSyntax, flow: Flow) -> Called | Built | None:
    """The activation without which a flow would not be wrong; None where that is more than the one at its origin."""
    if is_clamped(flow):
        return None
    origin = origin_of(project, flow.origin)
    # Of another kind, it is no longer what reaches the loss: the logarithm of a softmax.
    return origin if origin is not None and origin.activation.kind is flow.kind else None


def is_clamped(flow: Flow) -> bool:
    """Is anything done to the scores that is right for probabilities alone, and leaves them what they are?"""
    operations = flow.recipe.operations if flow.recipe is not None else ()
    return any(one.name.rpartition(".")[2].startswith(("clamp", "clip")) for one in operations)


def origin_of(project: ProjectSyntax, site: Site) -> Called | Built | None:
    """What stands at a flow's origin; None where that is no activation, or one of several things."""
    found = project.call_at(site)
    definition = project.function_of(site)
    if found is None or definition is None:
        return None
    module, call = found
    built = _built(project, module, call, definition, site)
    if built is not None:
        return built
    called = _certain(project, definition, site, call)
    if called:
        return _called(project, module, call, called)
    return _handed(project, definition, site)


def _built(
    project: ProjectSyntax, module: ModuleSyntax, call: cst.Call, definition: Definition, site: Site
) -> Built | None:
    values = callees(project, definition, site, [project.machine.root(definition)])
    if len(values) != 1 or not isinstance(values[0], Library):
        return None
    activation = _activation(project, values[0].name)
    if activation is None or activation.form is not Form.CLASS:
        return None
    return Built(module, call, activation, dim_of(activation, call))


def _handed(project: ProjectSyntax, definition: Definition, site: Site) -> Built | None:
    """The construction of a layer that a caller hands to whoever applies it; None where there are several."""
    found = {
        value.site for value in callees(project, definition, site, project.frames(definition))
        if isinstance(value, LibraryObject) and _activation(project, value.name) is not None
    }  # fmt: skip
    if len(found) != 1:
        return None
    (construction,) = found
    standing, function = project.call_at(construction), project.function_of(construction)
    if standing is None or function is None:
        return None
    return _built(project, standing[0], standing[1], function, construction)


def callees(project: ProjectSyntax, definition: Definition, site: Site, frames: list[int]) -> list[Value]:
    """What a call may call in some frames, each value once."""
    machine = project.machine
    machine.begin()
    call = machine.module_ir(definition.path).nodes[site.node]
    assert isinstance(call, ir.Call)
    values = (one.value for frame in frames for one in alternatives(attributes.callee(machine, frame, call)))
    return list(dict.fromkeys(values))


@dataclass(frozen=True, slots=True)
class _Callee:
    activation: Activation
    site: Site | None


def _certain(project: ProjectSyntax, definition: Definition, site: Site, call: cst.Call) -> list[_Callee]:
    """The activations of one name that a call may call; none where it may call anything else but an identity."""
    values = callees(project, definition, site, project.frames(definition))
    attribute = _attribute(call)
    found = [_callee(project, value) for value in values]
    if attribute is not None and any(one is None or one.site is not None for one in found):
        # Of an object that is not seen built, or of a class below, it is one of the things that are ever put there.
        if is_set_deep_inside(project, attribute):
            return []
        stored = list(stored_values(project, attribute, definition))
        unknown = [value for value, one in zip(values, found, strict=True) if one is None and _is_open(value)]
        values = [*(value for value in values if not stored or value not in unknown), *stored]
    named = [value for value in values if not is_identity(value) and value != Literal(None)]
    found = [_callee(project, value) for value in named]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len({one.activation.name for one in known}) != 1:
        return []
    return known


def _attribute(call: cst.Call) -> str | None:
    """The attribute that a call calls: `act` of `self.act(x)` and of `self.act.forward(x)`."""
    callee = call.func
    if isinstance(callee, cst.Attribute) and callee.attr.value in ("forward", "__call__"):
        callee = callee.value
    return callee.attr.value if isinstance(callee, cst.Attribute) else None


def _is_open(value: Value) -> bool:
    return isinstance(value, Unknown | Bound)


def stored_values(project: ProjectSyntax, attribute: str, reader: Definition) -> Iterator[Value]:
    """What is put under an attribute of the objects of a method's class, by it, its kin, and from outside."""
    machine = project.machine
    owner = machine.function_ir(reader).owner
    for module in machine.program.mentioning(attribute):
        for number, function in enumerate(module.ir.functions):
            own = function.parameters[0].name if function.owner is not None and function.parameters else None
            frame = machine.root(Definition(module.path, number))
            for binding in function.bindings:
                base, _, name = binding.path.rpartition(".")
                inside = base == own and owner is not None and function.owner is not None
                if name != attribute or not base:
                    continue
                if inside and not are_kin(machine, (reader.path, owner or 0), (module.path, function.owner or 0)):
                    continue
                yield from (one.value for one in alternatives(machine.evaluate(frame, binding.value)))
        for index, definition in enumerate(module.ir.classes):
            if attribute not in definition.members or owner is None:
                continue
            if are_kin(machine, (reader.path, owner), (module.path, index)):
                frame = machine.root(Definition(module.path, definition.parent))
                value = machine.evaluate(frame, definition.members[attribute])
                yield from (one.value for one in alternatives(value))


def is_set_deep_inside(project: ProjectSyntax, attribute: str) -> bool:
    """Is an attribute set on something that has no name: `nets[0].act = nn.ReLU()`?"""
    for module in project.mentioning(attribute):
        for target in module.each(cst.AssignTarget):
            for one in module.inside(target, cst.Attribute):
                if one.attr.value == attribute and dotted_path(one) is None:
                    return True
    return False


def is_identity(value: Value) -> bool:
    """Is a value a module that gives back what it gets?"""
    return isinstance(value, LibraryObject) and value.name == IDENTITY


def _activation(project: ProjectSyntax, name: str) -> Activation | None:
    known = project.machine.knowledge
    return known.activation(known.canonical(name))


def _callee(project: ProjectSyntax, value: Value) -> _Callee | None:
    if isinstance(value, Bound) and value.function is None and value.name in ("forward", "__call__"):
        return _callee(project, value.receiver)
    if isinstance(value, Library):
        activation = _activation(project, value.name)
        is_function = activation is not None and activation.form is Form.FUNCTION
        return _Callee(activation, None) if activation is not None and is_function else None
    if isinstance(value, LibraryObject) and not value.overrides:
        activation = _activation(project, value.name)
        is_layer = activation is not None and activation.form is Form.CLASS
        return _Callee(activation, value.site) if activation is not None and is_layer else None
    if isinstance(value, Bound) and value.function is None and isinstance(value.receiver, Scores | Unknown | Fresh):
        method = project.machine.knowledge.method_activation(value.name)
        return _Callee(method, None) if method is not None else None
    return None


def _called(project: ProjectSyntax, module: ModuleSyntax, call: cst.Call, found: list[_Callee]) -> Called | None:
    activation = found[0].activation
    if activation.name.endswith("_"):
        return None  # it changes the tensor in place, which others may look at
    if activation.form is Form.METHOD:
        kept = call.func.value if isinstance(call.func, cst.Attribute) else None
        wanted = {activation.dim} if activation.dim is not None else set()
    else:
        argument = taken(call, Argument("input", 0))
        kept = argument.value if argument is not None else None
        wanted = {Argument("input", 0)}
        if activation.form is Form.FUNCTION and activation.dim is not None:
            wanted.add(activation.dim)
    if kept is None or isinstance(kept, cst.GeneratorExp | cst.Tuple) or not _has_only(call, wanted):
        return None
    built = tuple(dict.fromkeys(one.site for one in found if one.site is not None))
    dims = {_constructed_dim(project, activation, site) for site in built} or {dim_of(activation, call)}
    return Called(module, call, activation, kept, dims.pop() if len(dims) == 1 else None, built)


def _has_only(call: cst.Call, wanted: set[Argument]) -> bool:
    """Has a call no arguments but some, and those that change no number?"""
    known = [argument for one in wanted if (argument := taken(call, one)) is not None]
    return all(
        argument in known
        or (argument.keyword is not None and argument.keyword.value in _IGNORED)
        or (argument.keyword is not None and is_none(argument.value))
        for argument in call.args
    )


def _constructed_dim(project: ProjectSyntax, activation: Activation, site: Site) -> int | None:
    found = project.call_at(site)
    return dim_of(activation, found[1]) if found is not None else None


def dim_of(activation: Activation, call: cst.Call) -> int | None:
    """The dimension that is written in the call of a function or method, or in a layer's construction.

    Where none is written torch takes the second one of scores in rows, and of images.
    """
    if activation.name == "torch.nn.Softmax2d":
        return -3
    if activation.dim is None:
        return None
    argument = taken(call, activation.dim)
    if argument is None:
        return None if any(one.star for one in call.args) else 1
    return 1 if is_none(argument.value) else integer(argument.value)
