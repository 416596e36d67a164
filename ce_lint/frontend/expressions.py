"""Expressions → IR nodes: one function a kind of expression, found through one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import libcst as cst

from ce_lint.frontend.builder import Scope
from ce_lint.frontend.guard import MAX_DEPTH, NestedTooDeeplyError
from ce_lint.frontend.mutators import changes_its_object
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import Guard, ParameterIR, ParameterKind, Return

_Syntax = TypeVar("_Syntax", bound=cst.CSTNode)


def lower(scope: Scope, syntax: cst.BaseExpression) -> int:
    """The node that an expression's value is."""
    handler = _HANDLERS.get(type(syntax))
    index = scope.module.opaque(type(syntax).__name__) if handler is None else handler(scope, syntax)
    if scope.module.observer is not None:
        scope.module.observer(scope, syntax, index)
    return index


def dotted_path(syntax: cst.BaseExpression) -> str | None:
    """`a.b.c` as text, None for anything else."""
    names: list[str] = []
    while isinstance(syntax, cst.Attribute):
        names.append(syntax.attr.value)
        syntax = syntax.value
    if not isinstance(syntax, cst.Name):
        return None
    return ".".join([syntax.value, *reversed(names)])


def bind_target(scope: Scope, target: cst.BaseExpression, value: int) -> None:
    """Assign a value to a target: a name, an attribute, an item, or several of them."""
    if isinstance(target, cst.Name):
        scope.bind(target.value, value)
    elif isinstance(target, cst.Attribute):
        _bind_attribute(scope, target, value)
    elif isinstance(target, cst.Subscript):
        _bind_item(scope, target, value)
    elif isinstance(target, cst.Tuple | cst.List):
        _unpack(scope, target.elements, value)
    elif isinstance(target, cst.StarredElement):
        bind_target(scope, target.value, value)


def update_path(scope: Scope, syntax: cst.BaseExpression, value: int) -> None:
    """Rebind a path whose object was changed in place; what was known of its attributes stays."""
    path = dotted_path(syntax)
    if path is not None:
        scope.update(path, value)


def _bind_attribute(scope: Scope, target: cst.Attribute, value: int) -> None:
    path = dotted_path(target)
    if path is None:
        lower(scope, target.value)
        _blur_root(scope, target.value)
        return
    _write_through(scope, path, value)
    scope.bind(path, value)


def _bind_item(scope: Scope, target: cst.Subscript, value: int) -> None:
    changed = scope.module.add(ir.SetItem(lower(scope, target.value), _key(scope, target.slice), value))
    change_path(scope, target.value, changed)


def change_path(scope: Scope, syntax: cst.BaseExpression, value: int) -> None:
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


def _blur_root(scope: Scope, syntax: cst.BaseExpression) -> None:
    """`net[-1].act = v`: what is deep inside is not followed, so nothing of the object is known any more."""
    while isinstance(syntax, cst.Attribute | cst.Subscript):
        syntax = syntax.value
    if isinstance(syntax, cst.Name) and not scope.is_self(syntax.value) and syntax.value in scope.env:
        scope.update(syntax.value, scope.module.opaque("something changed deep inside"))


def _unpack(scope: Scope, elements: Sequence[cst.BaseElement], value: int) -> None:
    stars = [position for position, element in enumerate(elements) if isinstance(element, cst.StarredElement)]
    for position, element in enumerate(elements):
        if not stars or position < stars[0]:
            key: ir.AnyNode = ir.Constant(position)
        elif position == stars[0]:
            key = _rest(scope, position, position + 1 - len(elements))
        else:
            key = ir.Constant(position - len(elements))
        bind_target(scope, element.value, scope.module.add(ir.Item(value, scope.module.add(key))))


def _rest(scope: Scope, lower_bound: int, upper_bound: int) -> ir.Slice:
    upper = scope.module.add(ir.Constant(upper_bound)) if upper_bound else None
    return ir.Slice(scope.module.add(ir.Constant(lower_bound)), upper, None)


def _name(scope: Scope, syntax: cst.Name) -> int:
    constants = {"True": True, "False": False, "None": None}
    if syntax.value in constants:
        return scope.module.add(ir.Constant(constants[syntax.value]))
    return scope.read(syntax.value)


def _attribute(scope: Scope, syntax: cst.Attribute) -> int:
    path = dotted_path(syntax)
    if path is not None:
        return scope.read(path)
    return scope.module.add(ir.Attribute(lower(scope, syntax.value), syntax.attr.value))


def _call(scope: Scope, syntax: cst.Call) -> int:
    function = lower(scope, syntax.func)
    arguments = tuple(
        ir.Argument(
            lower(scope, argument.value), argument.keyword.value if argument.keyword else "", len(argument.star)
        )
        for argument in syntax.args
    )
    index = scope.call(ir.Call(function, arguments, scope.module.serial()), syntax)
    if isinstance(syntax.func, cst.Attribute) and changes_its_object(syntax.func.attr.value):
        path = dotted_path(syntax.func.value)
        if path is not None and not scope.is_self(path):
            changed = ir.Mutate(scope.read(path), syntax.func.attr.value, index)
            change_path(scope, syntax.func.value, scope.module.add(changed))
    return index


def _subscript(scope: Scope, syntax: cst.Subscript) -> int:
    return scope.module.add(ir.Item(lower(scope, syntax.value), _key(scope, syntax.slice)), syntax)


def _key(scope: Scope, elements: Sequence[cst.SubscriptElement]) -> int:
    keys = [_one_key(scope, element.slice) for element in elements]
    single = len(keys) == 1 and not isinstance(elements[0].comma, cst.Comma)
    return keys[0] if single else scope.module.add(ir.Display("tuple", tuple(keys)))


def _one_key(scope: Scope, key: cst.BaseSlice) -> int:
    if isinstance(key, cst.Index):
        return lower(scope, key.value)
    assert isinstance(key, cst.Slice)
    lower_bound, upper_bound, step = (
        None if bound is None else lower(scope, bound) for bound in (key.lower, key.upper, key.step)
    )
    return scope.module.add(ir.Slice(lower_bound, upper_bound, step))


def _display(kind: str) -> Callable[[Scope, cst.Tuple | cst.List | cst.Set], int]:
    def handler(scope: Scope, syntax: cst.Tuple | cst.List | cst.Set) -> int:
        items = tuple(lower(scope, element.value) for element in syntax.elements)
        starred = tuple(i for i, element in enumerate(syntax.elements) if isinstance(element, cst.StarredElement))
        return scope.module.add(ir.Display(kind, items, starred))

    return handler


def _dictionary(scope: Scope, syntax: cst.Dict) -> int:
    keys: list[int | None] = []
    values: list[int] = []
    for element in syntax.elements:
        keys.append(lower(scope, element.key) if isinstance(element, cst.DictElement) else None)
        values.append(lower(scope, element.value))
    return scope.module.add(ir.Dictionary(tuple(keys), tuple(values)))


def _comprehension(kind: str) -> Callable[[Scope, cst.BaseSimpleComp | cst.DictComp], int]:
    def handler(scope: Scope, syntax: cst.BaseSimpleComp | cst.DictComp) -> int:
        outer = dict(scope.env)
        guards: list[Guard] = []
        clause: cst.CompFor | None = syntax.for_in
        while clause is not None:
            bind_target(scope, clause.target, scope.module.add(ir.Element(lower(scope, clause.iter))))
            guards += [Guard(lower(scope, condition.test), True) for condition in clause.ifs]
            clause = clause.inner_for_in
        with scope.under(*guards):
            key = lower(scope, syntax.key) if isinstance(syntax, cst.DictComp) else None
            element = lower(scope, syntax.value if isinstance(syntax, cst.DictComp) else syntax.elt)
        scope.env = outer
        return scope.module.add(ir.Collect(kind, element, key, scope.module.serial()))

    return handler


def _conditional(scope: Scope, syntax: cst.IfExp) -> int:
    condition = lower(scope, syntax.test)
    with scope.under(Guard(condition, True)):
        then = lower(scope, syntax.body)
    with scope.under(Guard(condition, False)):
        other = lower(scope, syntax.orelse)
    return then if then == other else scope.module.add(ir.Choice(condition, then, other))


def _boolean(scope: Scope, syntax: cst.BooleanOperation) -> int:
    operator = "and" if isinstance(syntax.operator, cst.And) else "or"
    left = lower(scope, syntax.left)
    with scope.under(Guard(left, operator == "and")):
        right = lower(scope, syntax.right)
    return scope.module.add(ir.Boolean(operator, left, right))


def _comparison(scope: Scope, syntax: cst.Comparison) -> int:
    operands = [lower(scope, syntax.left), *(lower(scope, target.comparator) for target in syntax.comparisons)]
    if len(syntax.comparisons) > 1:
        return scope.module.opaque("chained comparison")
    operator = type(syntax.comparisons[0].operator).__name__
    return scope.module.add(ir.Compare(operator, operands[0], operands[1]))


def _ellipsis(scope: Scope, _syntax: cst.Ellipsis) -> int:
    return scope.module.add(ir.Free("Ellipsis"))


def _unary(scope: Scope, syntax: cst.UnaryOperation) -> int:
    operand = lower(scope, syntax.expression)
    if isinstance(syntax.operator, cst.Not):
        return scope.module.add(ir.Not(operand))
    node = scope.module.nodes[operand]
    if isinstance(syntax.operator, cst.Minus) and isinstance(node, ir.Constant) and isinstance(node.value, int | float):
        return scope.module.add(ir.Constant(-node.value))
    return scope.module.add(ir.Unary(type(syntax.operator).__name__, operand))


def _binary(scope: Scope, syntax: cst.BinaryOperation) -> int:
    left = lower(scope, syntax.left)
    return scope.module.add(ir.Binary(type(syntax.operator).__name__, left, lower(scope, syntax.right)))


def _text(scope: Scope, syntax: cst.SimpleString | cst.ConcatenatedString) -> int:
    part: cst.BaseExpression = syntax
    for _ in range(MAX_DEPTH):
        if not isinstance(part, cst.ConcatenatedString):
            break
        part = part.right
    else:
        raise NestedTooDeeplyError  # Python's own tree, which was looked at before, does not nest these
    value = evaluated(syntax)
    return scope.module.add(ir.Constant(value)) if value is not None else scope.module.opaque("no plain string")


def evaluated(syntax: cst.SimpleString | cst.ConcatenatedString) -> str | None:
    """A string literal's value; None for bytes, for parts that are formatted, and for an escape that is none."""
    try:
        value = syntax.evaluated_value
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None


def _format(scope: Scope, syntax: cst.FormattedString) -> int:
    for part in syntax.parts:
        if isinstance(part, cst.FormattedStringExpression):
            lower(scope, part.expression)
    return scope.module.opaque("formatted string")


def _number(scope: Scope, syntax: cst.Integer | cst.Float) -> int:
    try:
        return scope.module.add(ir.Constant(syntax.evaluated_value))
    except ValueError:  # an integer of more digits than Python converts
        return scope.module.opaque("huge number")


def _lambda(scope: Scope, syntax: cst.Lambda) -> int:
    inner = Scope(scope.module, scope, scope.child_name("<lambda>"))
    inner.open_function()
    parameters = lower_parameters(scope, inner, syntax.params)
    inner.returns.append(Return(lower(inner, syntax.body), ()))
    return scope.module.add(ir.Function(inner.close_function("<lambda>", parameters)), syntax)


def lower_parameters(outer: Scope, inner: Scope, syntax: cst.Parameters) -> tuple[ParameterIR, ...]:
    """Bind a function's parameters inside it, with the defaults evaluated outside."""
    found: list[tuple[cst.Param, ParameterKind]] = [
        *((param, ParameterKind.POSITIONAL) for param in (*syntax.posonly_params, *syntax.params)),
        *([(syntax.star_arg, ParameterKind.STAR)] if isinstance(syntax.star_arg, cst.Param) else []),
        *((param, ParameterKind.KEYWORD) for param in syntax.kwonly_params),
        *([(syntax.star_kwarg, ParameterKind.STARS)] if syntax.star_kwarg is not None else []),
    ]
    parameters = []
    for param, kind in found:
        default = None if param.default is None else lower(outer, param.default)
        parameters.append(ParameterIR(param.name.value, kind, default))
        inner.env[param.name.value] = inner.module.add(ir.Parameter(param.name.value))
    return tuple(parameters)


def _await(scope: Scope, syntax: cst.Await) -> int:
    return lower(scope, syntax.expression)


def _yield(scope: Scope, syntax: cst.Yield) -> int:
    if isinstance(syntax.value, cst.From):
        scope.yields.append(scope.module.add(ir.Element(lower(scope, syntax.value.item))))
    elif syntax.value is not None:
        scope.yields.append(lower(scope, syntax.value))
    return scope.module.opaque("sent into a generator")


def _named(scope: Scope, syntax: cst.NamedExpr) -> int:
    value = lower(scope, syntax.value)
    bind_target(scope, syntax.target, value)
    return value


def _handler(
    kind: type[_Syntax], function: Callable[[Scope, _Syntax], int]
) -> tuple[type[cst.CSTNode], Callable[[Scope, cst.CSTNode], int]]:
    """One row of the table: the handler, called with syntax of its own kind only."""

    def call(scope: Scope, syntax: cst.CSTNode) -> int:
        assert isinstance(syntax, kind)
        return function(scope, syntax)

    return kind, call


_HANDLERS: dict[type[cst.CSTNode], Callable[[Scope, cst.CSTNode], int]] = dict(
    (
        _handler(cst.Name, _name),
        _handler(cst.Ellipsis, _ellipsis),
        _handler(cst.Attribute, _attribute),
        _handler(cst.Call, _call),
        _handler(cst.Subscript, _subscript),
        _handler(cst.Tuple, _display("tuple")),
        _handler(cst.List, _display("list")),
        _handler(cst.Set, _display("set")),
        _handler(cst.Dict, _dictionary),
        _handler(cst.ListComp, _comprehension("list")),
        _handler(cst.SetComp, _comprehension("set")),
        _handler(cst.GeneratorExp, _comprehension("list")),
        _handler(cst.DictComp, _comprehension("dict")),
        _handler(cst.IfExp, _conditional),
        _handler(cst.BooleanOperation, _boolean),
        _handler(cst.Comparison, _comparison),
        _handler(cst.UnaryOperation, _unary),
        _handler(cst.BinaryOperation, _binary),
        _handler(cst.SimpleString, _text),
        _handler(cst.ConcatenatedString, _text),
        _handler(cst.FormattedString, _format),
        _handler(cst.Integer, _number),
        _handler(cst.Float, _number),
        _handler(cst.Lambda, _lambda),
        _handler(cst.Await, _await),
        _handler(cst.Yield, _yield),
        _handler(cst.NamedExpr, _named),
    )
)
