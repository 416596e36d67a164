"""Expressions → IR nodes: one function a kind of expression, found through one table."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ce_lint.frontend.arguments import arguments_of
from ce_lint.frontend.builder import MAX_DEPTH, NestedTooDeeplyError, Scope
from ce_lint.frontend.mutators import changes_its_object
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import Guard, ParameterIR, ParameterKind, Return

_Handler: TypeAlias = Callable[[Scope, Any], int]
"""Takes syntax of the kind under which it stands in the table."""

_LARGEST = 2**63 - 1
"""The integer up to which all of them, and their negations, can be kept and sent."""

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "Add",
    ast.Sub: "Subtract",
    ast.Mult: "Multiply",
    ast.MatMult: "MatrixMultiply",
    ast.Div: "Divide",
    ast.FloorDiv: "FloorDivide",
    ast.Mod: "Modulo",
    ast.Pow: "Power",
    ast.LShift: "LeftShift",
    ast.RShift: "RightShift",
    ast.BitOr: "BitOr",
    ast.BitAnd: "BitAnd",
    ast.BitXor: "BitXor",
    ast.And: "And",
    ast.Or: "Or",
    ast.Invert: "BitInvert",
    ast.Not: "Not",
    ast.UAdd: "Plus",
    ast.USub: "Minus",
    ast.Eq: "Equal",
    ast.NotEq: "NotEqual",
    ast.Lt: "LessThan",
    ast.LtE: "LessThanEqual",
    ast.Gt: "GreaterThan",
    ast.GtE: "GreaterThanEqual",
    ast.Is: "Is",
    ast.IsNot: "IsNot",
    ast.In: "In",
    ast.NotIn: "NotIn",
}


def operator_name(operator: ast.AST) -> str:
    """The name that an operator has in the IR."""
    return _OPERATORS[type(operator)]


def lower(scope: Scope, syntax: ast.expr) -> int:
    """The node that an expression's value is."""
    module = scope.module
    depth = module.depth
    if depth == MAX_DEPTH:
        raise NestedTooDeeplyError
    module.depth = depth + 1
    handler = _HANDLERS.get(type(syntax))
    index = module.opaque(type(syntax).__name__) if handler is None else handler(scope, syntax)
    module.depth = depth
    if module.observer is not None:
        module.observer(scope, syntax, index)
    return index


def dotted_path(syntax: ast.expr) -> str | None:
    """`a.b.c` as text, None for anything else."""
    if isinstance(syntax, ast.Name):
        return syntax.id
    if not isinstance(syntax, ast.Attribute):
        return None
    base = dotted_path(syntax.value)
    return None if base is None else f"{base}.{syntax.attr}"


def bind_target(scope: Scope, target: ast.expr, value: int) -> None:
    """Assign a value to a target: a name, an attribute, an item, or several of them."""
    if isinstance(target, ast.Name):
        scope.bind(target.id, value)
    elif isinstance(target, ast.Attribute):
        _bind_attribute(scope, target, value)
    elif isinstance(target, ast.Subscript):
        _bind_item(scope, target, value)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(scope, target.elts, value)
    elif isinstance(target, ast.Starred):
        bind_target(scope, target.value, value)


def update_path(scope: Scope, syntax: ast.expr, value: int) -> None:
    """Rebind a path whose object was changed in place; what was known of its attributes stays."""
    path = dotted_path(syntax)
    if path is not None:
        scope.update(path, value)


def _bind_attribute(scope: Scope, target: ast.Attribute, value: int) -> None:
    path = dotted_path(target)
    if path is None:
        lower(scope, target.value)
        _blur_root(scope, target.value)
        return
    _write_through(scope, path, value)
    scope.bind(path, value)


def _bind_item(scope: Scope, target: ast.Subscript, value: int) -> None:
    changed = scope.module.add(ir.SetItem(lower(scope, target.value), _key(scope, target.slice), value))
    change_path(scope, target.value, changed)


def change_path(scope: Scope, syntax: ast.expr, value: int) -> None:
    """Make a new version of the object that a path leads to, and so of every object on the way."""
    path = dotted_path(syntax)
    if path is None:
        _blur_root(scope, syntax)
        return
    if "." in path:
        _write_through(scope, path, value)
    update_path(scope, syntax, value)


def _write_through(scope: Scope, path: str, value: int) -> None:
    """`a.b.c = v` makes a new `a.b`, and with it a new `a`; what a method sets on `self` stays an attribute."""
    base, _, name = path.rpartition(".")
    if scope.is_self(base):
        return
    changed = scope.module.add(ir.SetAttribute(scope.read(base), name, value))
    if "." in base:
        _write_through(scope, base, changed)
    scope.update(base, changed)


def _blur_root(scope: Scope, syntax: ast.expr) -> None:
    """`net[-1].act = v`: what is deep inside is not followed, so nothing of the object is known any more."""
    while isinstance(syntax, ast.Attribute | ast.Subscript):
        syntax = syntax.value
    if isinstance(syntax, ast.Name) and not scope.is_self(syntax.id) and syntax.id in scope.env:
        scope.update(syntax.id, scope.module.opaque("something changed deep inside"))


def _unpack(scope: Scope, elements: Sequence[ast.expr], value: int) -> None:
    stars = [position for position, element in enumerate(elements) if isinstance(element, ast.Starred)]
    for position, element in enumerate(elements):
        if not stars or position < stars[0]:
            key: ir.AnyNode = ir.Constant(position)
        elif position == stars[0]:
            key = _rest(scope, position, position + 1 - len(elements))
        else:
            key = ir.Constant(position - len(elements))
        bind_target(scope, element, scope.module.add(ir.Item(value, scope.module.add(key))))


def _rest(scope: Scope, lower_bound: int, upper_bound: int) -> ir.Slice:
    upper = scope.module.constant(upper_bound) if upper_bound else None
    return ir.Slice(scope.module.constant(lower_bound), upper, None)


def _name(scope: Scope, syntax: ast.Name) -> int:
    return scope.read(syntax.id)


def _attribute(scope: Scope, syntax: ast.Attribute) -> int:
    path = dotted_path(syntax)
    if path is not None:
        return scope.read(path)
    return scope.module.attribute(lower(scope, syntax.value), syntax.attr)


def _call(scope: Scope, syntax: ast.Call) -> int:
    function = lower(scope, syntax.func)
    arguments = tuple([ir.Argument(lower(scope, one), keyword, stars) for one, keyword, stars in arguments_of(syntax)])
    index = scope.call(ir.Call(function, arguments, scope.module.serial()), syntax)
    if isinstance(syntax.func, ast.Attribute) and changes_its_object(syntax.func.attr):
        path = dotted_path(syntax.func.value)
        if path is not None and not scope.is_self(path):
            changed = ir.Mutate(scope.read(path), syntax.func.attr, index)
            change_path(scope, syntax.func.value, scope.module.add(changed))
    return index


def _subscript(scope: Scope, syntax: ast.Subscript) -> int:
    return scope.module.add(ir.Item(lower(scope, syntax.value), _key(scope, syntax.slice)), syntax)


def _key(scope: Scope, key: ast.expr) -> int:
    if isinstance(key, ast.Tuple) and any(isinstance(one, ast.Slice) for one in key.elts):
        return scope.module.add(ir.Display("tuple", tuple([_key(scope, one) for one in key.elts])))
    return lower(scope, key)


def _slice(scope: Scope, syntax: ast.Slice) -> int:
    lower_bound, upper_bound, step = (
        None if bound is None else lower(scope, bound) for bound in (syntax.lower, syntax.upper, syntax.step)
    )
    return scope.module.add(ir.Slice(lower_bound, upper_bound, step))


def _display(kind: str) -> _Handler:
    def handler(scope: Scope, syntax: ast.Tuple | ast.List | ast.Set) -> int:
        items = tuple([lower(scope, one.value if isinstance(one, ast.Starred) else one) for one in syntax.elts])
        starred = tuple([i for i, one in enumerate(syntax.elts) if isinstance(one, ast.Starred)])
        return scope.module.add(ir.Display(kind, items, starred))

    return handler


def _dictionary(scope: Scope, syntax: ast.Dict) -> int:
    keys: list[int | None] = []
    values: list[int] = []
    for key, value in zip(syntax.keys, syntax.values, strict=True):
        keys.append(None if key is None else lower(scope, key))
        values.append(lower(scope, value))
    return scope.module.add(ir.Dictionary(tuple(keys), tuple(values)))


def _comprehension(kind: str) -> _Handler:
    def handler(scope: Scope, syntax: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> int:
        outer = dict(scope.env)
        guards: list[Guard] = []
        for clause in syntax.generators:
            bind_target(scope, clause.target, scope.module.add(ir.Element(lower(scope, clause.iter))))
            guards += [Guard(lower(scope, condition), True) for condition in clause.ifs]
        with scope.under(*guards):
            key = lower(scope, syntax.key) if isinstance(syntax, ast.DictComp) else None
            element = lower(scope, syntax.value if isinstance(syntax, ast.DictComp) else syntax.elt)
        scope.env = outer
        return scope.module.add(ir.Collect(kind, element, key, scope.module.serial()))

    return handler


def _conditional(scope: Scope, syntax: ast.IfExp) -> int:
    condition = lower(scope, syntax.test)
    with scope.under(Guard(condition, True)):
        then = lower(scope, syntax.body)
    with scope.under(Guard(condition, False)):
        other = lower(scope, syntax.orelse)
    return then if then == other else scope.module.add(ir.Choice(condition, then, other))


def _boolean(scope: Scope, syntax: ast.BoolOp) -> int:
    """`a and b and c` is `(a and b) and c`."""
    operator = "and" if isinstance(syntax.op, ast.And) else "or"
    left = lower(scope, syntax.values[0])
    for value in syntax.values[1:]:
        with scope.under(Guard(left, operator == "and")):
            right = lower(scope, value)
        left = scope.module.add(ir.Boolean(operator, left, right))
    return left


def _comparison(scope: Scope, syntax: ast.Compare) -> int:
    operands = [lower(scope, one) for one in (syntax.left, *syntax.comparators)]
    if len(operands) > 2:
        return scope.module.opaque("chained comparison")
    return scope.module.add(ir.Compare(operator_name(syntax.ops[0]), *operands))


def _unary(scope: Scope, syntax: ast.UnaryOp) -> int:
    operand = lower(scope, syntax.operand)
    if isinstance(syntax.op, ast.Not):
        return scope.module.add(ir.Not(operand))
    node = scope.module.nodes[operand]
    if isinstance(syntax.op, ast.USub) and isinstance(node, ir.Constant) and isinstance(node.value, int | float):
        return scope.module.constant(-node.value)
    return scope.module.add(ir.Unary(operator_name(syntax.op), operand))


def _binary(scope: Scope, syntax: ast.BinOp) -> int:
    left = lower(scope, syntax.left)
    return scope.module.add(ir.Binary(operator_name(syntax.op), left, lower(scope, syntax.right)))


def _constant(scope: Scope, syntax: ast.Constant) -> int:
    value = syntax.value
    if isinstance(value, str):
        is_text = value.isascii() or _is_text(value)
        return scope.module.constant(value) if is_text else scope.module.opaque("string with half of a surrogate pair")
    if isinstance(value, int) and value > _LARGEST:
        return scope.module.opaque("number of more than 64 bits")
    if value is None or isinstance(value, int | float):
        return scope.module.constant(value)
    if value is Ellipsis:
        return scope.module.free("Ellipsis")
    return scope.module.opaque("no plain string" if isinstance(value, bytes) else "complex number")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _format(scope: Scope, syntax: ast.JoinedStr) -> int:
    for part in syntax.values:
        if isinstance(part, ast.FormattedValue):
            lower(scope, part.value)
    return scope.module.opaque("formatted string")


def _lambda(scope: Scope, syntax: ast.Lambda) -> int:
    inner = Scope(scope.module, scope, scope.child_name("<lambda>"))
    inner.open_function()
    parameters = lower_parameters(scope, inner, syntax.args)
    inner.returns.append(Return(lower(inner, syntax.body), ()))
    return scope.module.add(ir.Function(inner.close_function("<lambda>", parameters)), syntax)


def lower_parameters(outer: Scope, inner: Scope, syntax: ast.arguments) -> tuple[ParameterIR, ...]:
    """Bind a function's parameters inside it, with the defaults evaluated outside."""
    positional = [*syntax.posonlyargs, *syntax.args]
    without = len(positional) - len(syntax.defaults)
    found: list[tuple[ast.arg, ParameterKind, ast.expr | None]] = [
        (one, ParameterKind.POSITIONAL, syntax.defaults[place - without] if place >= without else None)
        for place, one in enumerate(positional)
    ]
    if syntax.vararg is not None:
        found.append((syntax.vararg, ParameterKind.STAR, None))
    found += [
        (one, ParameterKind.KEYWORD, default)
        for one, default in zip(syntax.kwonlyargs, syntax.kw_defaults, strict=True)
    ]
    if syntax.kwarg is not None:
        found.append((syntax.kwarg, ParameterKind.STARS, None))
    parameters = []
    for param, kind, value in found:
        default = None if value is None else lower(outer, value)
        parameters.append(ParameterIR(param.arg, kind, default))
        inner.env[param.arg] = inner.module.add(ir.Parameter(param.arg))
    return tuple(parameters)


def _await(scope: Scope, syntax: ast.Await) -> int:
    return lower(scope, syntax.value)


def _yield(scope: Scope, syntax: ast.Yield) -> int:
    if syntax.value is not None:
        scope.yields.append(lower(scope, syntax.value))
    return scope.module.opaque("sent into a generator")


def _yield_from(scope: Scope, syntax: ast.YieldFrom) -> int:
    scope.yields.append(scope.module.add(ir.Element(lower(scope, syntax.value))))
    return scope.module.opaque("sent into a generator")


def _named(scope: Scope, syntax: ast.NamedExpr) -> int:
    value = lower(scope, syntax.value)
    bind_target(scope, syntax.target, value)
    return value


_HANDLERS: dict[type[ast.expr], _Handler] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple: _display("tuple"),
    ast.List: _display("list"),
    ast.Set: _display("set"),
    ast.Dict: _dictionary,
    ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"),
    ast.GeneratorExp: _comprehension("list"),
    ast.DictComp: _comprehension("dict"),
    ast.IfExp: _conditional,
    ast.BoolOp: _boolean,
    ast.Compare: _comparison,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.JoinedStr: _format,
    ast.Lambda: _lambda,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.NamedExpr: _named,
}
