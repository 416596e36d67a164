"""How a module can name something of a library: as another name is spelt there, or by what it imports."""

from __future__ import annotations

import libcst as cst

from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.fixes.text import Span, Splice
from ce_lint.interpreter import names
from ce_lint.interpreter.values import Definition, Library, ModuleValue
from ce_lint.ir import nodes as ir


def renamed(project: ProjectSyntax, module: ModuleSyntax, callee: cst.BaseExpression, name: str) -> Splice | None:
    """Another name in place of a callee's: `nn.Softmax` → `nn.Identity` for `torch.nn.Identity`; None without a way."""
    word = name.rpartition(".")[2]
    if isinstance(callee, cst.Attribute) and _is_module(project, module, callee.value, name.rpartition(".")[0]):
        return Splice(*module.span(callee.attr), word)
    spelt = spelling(project, module, name, callee)
    return None if spelt is None else Splice(*module.full_span(callee), spelt)


def _is_module(project: ProjectSyntax, module: ModuleSyntax, syntax: cst.BaseExpression, wanted: str) -> bool:
    """Does a dotted name lead to a module of a library, through what is imported at the top?"""
    parts: list[str] = []
    root = syntax
    while isinstance(root, cst.Attribute):
        parts.insert(0, root.attr.value)
        root = root.value
    found = imported(project, module, root.value, syntax) if isinstance(root, cst.Name) else None
    return found is not None and project.machine.knowledge.canonical(".".join([found, *parts])) in _spaces(wanted)


def _spaces(name: str) -> frozenset[str]:
    """The modules that have what one of them has."""
    same = frozenset(["torch", "torch.nn.functional", "torch.special"])
    return same if name in same else frozenset([name])


def imported(project: ProjectSyntax, module: ModuleSyntax, name: str, near: cst.CSTNode) -> str | None:
    """The full name of what a name at some place is, where an import at the top of the module binds it."""
    if name in _hidden(module, near):
        return None
    value = module.ir.functions[0].exits.get(name)
    if value is None and not module.ir.star_imports:
        return None
    if value is not None and not isinstance(module.ir.nodes[value], ir.Import):
        return None
    if value is not None and project.machine.is_rebound(Definition(module.path, 0), name):
        return None
    if value is not None:
        found = project.machine.evaluate(project.machine.body(module.path), value)
    else:
        found = names.module_name(project.machine, module.path, name)
    if isinstance(found, ModuleValue):
        return str(found.path)
    is_library = isinstance(found, Library) and not found.name.startswith("builtins.")
    return project.machine.knowledge.canonical(found.name) if is_library and isinstance(found, Library) else None


def spelling(project: ProjectSyntax, module: ModuleSyntax, name: str, near: cst.CSTNode) -> str | None:
    """A way to write a library's name at some place of a module: the shortest that its imports allow."""
    found: list[str] = []
    bound_names = module.ir.functions[0].exits
    word = name.rpartition(".")[2]
    for bound in sorted({*bound_names, word}):
        full = imported(project, module, bound, near) if "." not in bound else None
        if full is None or (bound in bound_names and not _is_before(module, bound, near)):
            continue
        if full == name:
            found.append(bound)
        elif name.startswith(f"{full}."):
            found.append(bound + name.removeprefix(full))
    return min(found, key=lambda one: (one.count("."), len(one), one), default=None)


def _hidden(module: ModuleSyntax, near: cst.CSTNode) -> frozenset[str]:
    """Names that the functions around a place bind themselves."""
    found: set[str] = set()
    for above in module.above(near):
        if isinstance(above, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            found |= {one.value for one in module.inside(above, cst.Name) if _is_bound(module, one)}
    return frozenset(found)


def _is_bound(module: ModuleSyntax, name: cst.Name) -> bool:
    above = module.parent(name)
    while isinstance(above, cst.Element | cst.Tuple | cst.List | cst.StarredElement):
        above = module.parent(above)
    if isinstance(above, cst.Param | cst.FunctionDef | cst.ClassDef):
        return above.name is name
    if isinstance(above, cst.ImportAlias | cst.AsName):
        return True
    if isinstance(above, cst.NamedExpr | cst.AnnAssign | cst.AugAssign | cst.For | cst.CompFor):
        return any(one is name for one in module.inside(above.target, cst.Name))
    return isinstance(above, cst.AssignTarget)


def _is_before(module: ModuleSyntax, bound: str, near: cst.CSTNode) -> bool:
    """Is a name imported above a place, where that is no function that runs later?"""
    start = module.span(near).start
    if module.first_above(near, cst.FunctionDef) is not None:
        return True
    return any(
        module.span(statement).start < start
        for kind in (cst.Import, cst.ImportFrom)
        for statement in module.each(kind)
        if any(one.value == bound for one in module.inside(statement, cst.Name))
    )


def span_of_call_from_name(module: ModuleSyntax, call: cst.Call) -> Span:
    """From the last name of a callee to the end of its call: what `Identity()` is written over."""
    callee = call.func
    start = module.span(callee.attr).start if isinstance(callee, cst.Attribute) else module.full_span(callee).start
    return Span(start, module.span(call).end)
