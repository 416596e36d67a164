"""A variable that stands for the scores once the activation is gone: what is done to it is done to them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ce_lint.fixes.syntax import ModuleSyntax

_HARMLESS = frozenset(("requires_grad_", "detach_"))


def changed_in_place(module: ModuleSyntax, call: cst.Call, kept: cst.BaseExpression) -> str:
    """What an activation is applied to, where that is changed in place behind it or in the same loop; else empty."""
    path = _text(module, kept)
    around = module.first_above(call, cst.FunctionDef) or module.tree
    if not isinstance(kept, cst.Name | cst.Attribute | cst.Subscript) or _is_assigned_to(module, call, path):
        return ""
    end = module.span(call).end
    loop = _outermost_loop(module, call, around)
    for changed in _changed(module, around):
        text = _text(module, changed)
        is_it = text == path or path.startswith((f"{text}[", f"{text}."))
        is_later = module.span(changed).start >= end or (
            loop is not None and any(one is loop for one in module.above(changed))
        )
        if is_it and is_later:
            return path
    return ""


def _is_assigned_to(module: ModuleSyntax, call: cst.Call, path: str) -> bool:
    """Is this `x = softmax(x)`, from where on the name is that of the result?"""
    statement = module.parent(call)
    targets = statement.targets if isinstance(statement, cst.Assign) else ()
    return any(_text(module, one.target) == path for one in targets)


def _outermost_loop(module: ModuleSyntax, node: cst.CSTNode, around: cst.CSTNode) -> cst.CSTNode | None:
    found = None
    for one in module.above(node):
        if one is around:
            break
        if isinstance(one, cst.For | cst.While):
            found = one
    return found


def _changed(module: ModuleSyntax, around: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """What is changed in place: `x += y`, `x[0] = y`, `x.add_(y)`, `relu(x, inplace=True)`, `add(x, y, out=x)`."""
    for augmented in module.inside(around, cst.AugAssign):
        yield _held(augmented.target)
    for target in module.inside(around, cst.AssignTarget):
        for one in module.inside(target.target, cst.Subscript):
            yield _held(one)
    for call in module.inside(around, cst.Call):
        function = call.func
        if isinstance(function, cst.Attribute) and _is_in_place(function.attr.value):
            yield _held(function.value)
        for argument in call.args:
            if argument.keyword is not None and argument.keyword.value == "out":
                yield _held(argument.value)
            elif argument.keyword is not None and argument.keyword.value == "inplace":
                yield _held(call.args[0].value)


def _is_in_place(method: str) -> bool:
    return method.endswith("_") and not method.endswith("__") and method not in _HARMLESS


def _held(node: cst.BaseExpression) -> cst.BaseExpression:
    """The variable whose memory an expression is: `x` of `x[0]` and of `x.data`."""
    while isinstance(node, cst.Subscript) or (isinstance(node, cst.Attribute) and node.attr.value == "data"):
        node = node.value
    return node


def _text(module: ModuleSyntax, node: cst.BaseExpression) -> str:
    span = module.span(node)
    return module.text[span.start : span.end]
