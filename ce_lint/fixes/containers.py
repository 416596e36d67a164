"""A layer out of what holds it: the last one goes, any other makes room for an identity, so that no key shifts."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from ce_lint.fixes.holders import is_indexed
from ce_lint.fixes.origins import IDENTITY, Built
from ce_lint.fixes.spelling import renamed, span_of_call_from_name
from ce_lint.fixes.statements import without_last, without_statement
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.fixes.text import Splice
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import ClassValue, FunctionValue, Library, Value
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Site

SEQUENTIAL = "torch.nn.Sequential"
MODULE_LIST = "torch.nn.ModuleList"
ORDERED = "collections.OrderedDict"
_NAMED = 2
"""A layer with its name: the arguments of `add_module`, the pairs of an OrderedDict."""


def without_layer(project: ProjectSyntax, origin: Built) -> tuple[Splice, ...] | None:
    """Take a layer out of its container; None where it is not certain what else wants it."""
    module, call = origin.module, origin.call
    argument = module.parent(call)
    if isinstance(argument, cst.Arg):
        outer = module.parent(argument)
        return _of_call(project, module, call, argument, outer) if isinstance(outer, cst.Call) else None
    if not isinstance(argument, cst.Element):
        return None
    holder = module.parent(argument)
    if isinstance(holder, cst.List):
        return _of_list(project, module, call, argument, holder)
    if isinstance(holder, cst.Tuple) and len(holder.elements) == _NAMED and holder.elements[1] is argument:
        return _of_pair(project, module, call, holder)
    return None


def identity(project: ProjectSyntax, module: ModuleSyntax, call: cst.Call) -> tuple[Splice, ...] | None:
    """`nn.Identity()` in place of a layer's construction."""
    name = renamed(project, module, call.func, IDENTITY)
    if name is None:
        return None
    return (Splice(name.start, span_of_call_from_name(module, call).end, f"{name.new_text}()"),)


def is_in_container(project: ProjectSyntax, origin: Built) -> bool:
    """Is a layer built for one place in one container, where another can stand?"""
    return without_layer(project, origin) is not None


def _of_call(
    project: ProjectSyntax, module: ModuleSyntax, call: cst.Call, argument: cst.Arg, outer: cst.Call
) -> tuple[Splice, ...] | None:
    kinds = _callees(project, module, outer)
    if _is_only(project, kinds, SEQUENTIAL) and argument.keyword is None:
        return _last_or_identity(project, module, call, outer.args, argument, "Sequential")
    method = outer.func.attr.value if isinstance(outer.func, cst.Attribute) else ""
    statement = module.parent(outer)
    if method in ("add_module", "append") and isinstance(statement, cst.Expr):
        return _added(project, module, call, outer, statement)
    if method == "__init__" or (kinds and all(isinstance(one, ClassValue | FunctionValue) for one in kinds)):
        return identity(project, module, call)
    return None


def _of_list(
    project: ProjectSyntax, module: ModuleSyntax, call: cst.Call, element: cst.Element, holder: cst.List
) -> tuple[Splice, ...] | None:
    parent = module.parent(holder)
    if isinstance(parent, cst.Arg):
        outer = module.parent(parent)
        kinds = _callees(project, module, outer) if isinstance(outer, cst.Call) else []
        for name in (SEQUENTIAL, MODULE_LIST):
            if _is_only(project, kinds, name):
                word = name.rpartition(".")[2]
                return _last_or_identity(project, module, call, holder.elements, element, word)
        return None
    if not isinstance(parent, cst.Assign | cst.AugAssign):
        return None
    listed = _listed(project, module, parent)
    if listed is None:
        return None
    if not listed.is_last_there(parent):
        return identity(project, module, call)
    if len(holder.elements) == 1 and isinstance(parent, cst.AugAssign) and not is_indexed(project, listed.kind):
        return without_statement(module, parent)
    return _last_or_identity(project, module, call, holder.elements, element, listed.kind)


def _of_pair(
    project: ProjectSyntax, module: ModuleSyntax, call: cst.Call, pair: cst.Tuple
) -> tuple[Splice, ...] | None:
    element = module.parent(pair)
    holder = None if element is None else module.parent(element)
    argument = None if holder is None else module.parent(holder)
    outer = None if argument is None else module.parent(argument)
    if not isinstance(holder, cst.List | cst.Tuple) or not isinstance(outer, cst.Call) or len(outer.args) != 1:
        return None
    around = module.parent(outer)
    container = None if around is None else module.parent(around)
    if not isinstance(container, cst.Call) or not _is_only(project, _callees(project, module, outer), ORDERED):
        return None
    if not _is_only(project, _callees(project, module, container), SEQUENTIAL) or not isinstance(element, cst.Element):
        return None
    return _last_or_identity(project, module, call, holder.elements, element, "Sequential")


def _added(
    project: ProjectSyntax, module: ModuleSyntax, call: cst.Call, outer: cst.Call, statement: cst.Expr
) -> tuple[Splice, ...] | None:
    """`net.add_module("softmax", nn.Softmax())` and `layers.append(nn.Softmax())`, as statements."""
    assert isinstance(outer.func, cst.Attribute)
    if outer.func.attr.value == "append":
        listed = _listed(project, module, outer)
        if listed is None or not listed.is_last_there(outer) or is_indexed(project, listed.kind):
            return identity(project, module, call)
        return without_statement(module, statement)
    if len(outer.args) != _NAMED or outer.args[1].value is not call:
        return None
    key = outer.args[0].value
    value = key.evaluated_value if isinstance(key, cst.SimpleString) else None
    is_named = isinstance(value, str) and not value.isdigit()
    if not is_named or is_indexed(project, "Sequential"):
        return identity(project, module, call)
    return without_statement(module, statement)


def _last_or_identity(
    project: ProjectSyntax,
    module: ModuleSyntax,
    call: cst.Call,
    elements: Sequence[cst.Arg] | Sequence[cst.BaseElement],
    element: cst.Arg | cst.BaseElement,
    kind: str,
) -> tuple[Splice, ...] | None:
    if len(elements) > 1 and elements[-1] is element and not is_indexed(project, kind):
        return without_last(module, elements)
    return identity(project, module, call)


class _Listed:
    """A local list of layers that does nothing but become a container."""

    def __init__(self, module: ModuleSyntax, uses: list[cst.Name], kind: str) -> None:
        self._module = module
        self._uses = uses
        self.kind = kind

    def is_last_there(self, statement: cst.CSTNode) -> bool:
        """Is nothing put into the list behind a statement, which runs once?"""
        end = self._module.span(statement).end
        if self._module.first_above(statement, cst.For) or self._module.first_above(statement, cst.While):
            return False
        later = [one for one in self._uses if self._module.span(one).start >= end]
        return all(_container_argument(self._module, one) is not None for one in later)


def _listed(project: ProjectSyntax, module: ModuleSyntax, statement: cst.CSTNode) -> _Listed | None:
    """The list that a statement fills, where all of its uses in the function around it are known."""
    name = _filled(statement)
    function = module.first_above(statement, cst.FunctionDef)
    if name is None:
        return None
    scope = module.tree if function is None else function
    uses = [one for one in module.inside(scope, cst.Name) if one.value == name]
    kinds: set[str] = set()
    for use in uses:
        outer = _container_argument(module, use)
        if outer is not None:
            found = _callees(project, module, outer)
            kind = next((one for one in (SEQUENTIAL, MODULE_LIST) if _is_only(project, found, one)), None)
            if kind is None:
                return None
            kinds.add(kind.rpartition(".")[2])
        elif not _fills(module, use):
            return None
    return _Listed(module, uses, kinds.pop()) if len(kinds) == 1 else None


def _filled(statement: cst.CSTNode) -> str | None:
    target: cst.BaseExpression | None = None
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target = statement.targets[0].target
    elif isinstance(statement, cst.AugAssign):
        target = statement.target
    elif isinstance(statement, cst.Call) and isinstance(statement.func, cst.Attribute):
        target = statement.func.value
    return target.value if isinstance(target, cst.Name) else None


def _container_argument(module: ModuleSyntax, use: cst.Name) -> cst.Call | None:
    """The call to which a list is given, spread or whole, as its only argument."""
    argument = module.parent(use)
    call = module.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or len(call.args) != 1:
        return None
    return call


def _fills(module: ModuleSyntax, use: cst.Name) -> bool:
    """Is a list assigned here, or does it grow at its end?"""
    parent = module.parent(use)
    if isinstance(parent, cst.AssignTarget):
        return True
    if isinstance(parent, cst.AugAssign):
        return parent.target is use
    return isinstance(parent, cst.Attribute) and parent.attr.value in ("append", "extend")


def _callees(project: ProjectSyntax, module: ModuleSyntax, call: cst.Call) -> list[Value]:
    """What a call may call, seen from nowhere."""
    machine = project.machine
    machine.begin()
    for index in module.indices(call):
        node = module.ir.nodes[index]
        definition = project.function_of(Site(str(module.path), index))
        if isinstance(node, ir.Call) and definition is not None:
            value = machine.evaluate(machine.root(definition), node.function)
            return [one.value for one in alternatives(value)]
    return []


def _is_only(project: ProjectSyntax, values: list[Value], name: str) -> bool:
    known = project.machine.knowledge
    return len(values) == 1 and isinstance(values[0], Library) and known.canonical(values[0].name) == name
