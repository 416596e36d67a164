"""Statements → IR: what they bind, what they return, and under which conditions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ce_lint.frontend.assigned import assigned_paths
from ce_lint.frontend.builder import LoopExits, Scope
from ce_lint.frontend.definitions import lower_class, lower_function
from ce_lint.frontend.expressions import bind_target, change_path, dotted_path, lower, operator_name
from ce_lint.frontend.imports import lower_import, lower_import_from
from ce_lint.frontend.matching import lower_match
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ANY_ATTRIBUTE, Binding, Guard, Return

_Handler: TypeAlias = Callable[[Scope, Any], bool]
"""Takes a statement of the kind under which it stands in the table; True when the next one cannot be reached."""

EXITS = frozenset(("exit", "quit", "sys.exit", "os._exit"))
"""Calls after which nothing is run."""

if sys.version_info >= (3, 11):
    _TRIES = (ast.Try, ast.TryStar)
    _Try: TypeAlias = ast.Try | ast.TryStar
else:
    _TRIES = (ast.Try,)
    _Try: TypeAlias = ast.Try


def lower_body(scope: Scope, body: Sequence[ast.stmt], *, keeps_guards: bool = False) -> bool:
    """Lower statements in order; True when the end of them cannot be reached.

    `keeps_guards`: what an early return inside them guards is guarded behind them too.
    """
    before = scope.guards
    scope.module.deepen()
    ended = False
    for statement in body:
        if lower_statement(scope, statement):
            ended = True
            break
    scope.module.rise()
    if not keeps_guards:
        scope.guards = before
    return ended


def lower_statement(scope: Scope, statement: ast.stmt) -> bool:
    """Lower one statement; True when the next one cannot be reached."""
    handler = _HANDLERS.get(type(statement))
    return handler is not None and handler(scope, statement)


def _match(scope: Scope, statement: ast.Match) -> bool:
    return lower_match(scope, lower(scope, statement.subject), statement.cases, lower_body)


def _function(scope: Scope, statement: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    lower_function(scope, statement, lower_body)
    return False


def _class(scope: Scope, statement: ast.ClassDef) -> bool:
    lower_class(scope, statement, lower_body)
    return False


def _assign(scope: Scope, statement: ast.Assign) -> bool:
    value = lower(scope, statement.value)
    for target in statement.targets:
        bind_target(scope, target, value)
    return False


def _import(scope: Scope, statement: ast.Import) -> bool:
    lower_import(scope, statement)
    return False


def _import_from(scope: Scope, statement: ast.ImportFrom) -> bool:
    lower_import_from(scope, statement)
    return False


def _global(scope: Scope, statement: ast.Global) -> bool:
    scope.global_names.update(statement.names)
    return False


def _assert(scope: Scope, statement: ast.Assert) -> bool:
    lower(scope, statement.test)
    return False


def _return(scope: Scope, statement: ast.Return) -> bool:
    value = lower(scope, statement.value) if statement.value else scope.module.constant(None)
    scope.returns.append(Return(value, scope.guards))
    return True


def _raise(scope: Scope, statement: ast.Raise) -> bool:
    if statement.exc is not None:
        lower(scope, statement.exc)
    return True


def _jump(scope: Scope, statement: ast.Continue | ast.Break) -> bool:
    if not scope.loops:
        return False
    exits = scope.loops[-1]
    (exits.continues if isinstance(statement, ast.Continue) else exits.breaks).append(dict(scope.env))
    return True


def _deletion(scope: Scope, statement: ast.Delete) -> bool:
    for target in statement.targets:
        _delete(scope, target)
    return False


def _delete(scope: Scope, target: ast.expr) -> None:
    """What is left when an item is gone is not followed."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            _delete(scope, element)
    elif isinstance(target, ast.Subscript):
        change_path(scope, target.value, scope.module.opaque("what an item was deleted from"))


def _augmented(scope: Scope, statement: ast.AugAssign) -> bool:
    left = lower(scope, statement.target)
    value = scope.module.add(ir.Binary(operator_name(statement.op), left, lower(scope, statement.value)))
    bind_target(scope, statement.target, value)
    return False


def _annotated(scope: Scope, statement: ast.AnnAssign) -> bool:
    value = None if statement.value is None else lower(scope, statement.value)
    if scope.is_class and isinstance(statement.target, ast.Name):
        scope.fields.append((statement.target.id, value))
    if value is not None:
        bind_target(scope, statement.target, value)
    return False


def _expression(scope: Scope, statement: ast.Expr) -> bool:
    if isinstance(statement.value, ast.Constant):
        return False  # a docstring: kept, many of them would be most of what is kept of a file
    lower(scope, statement.value)
    if not isinstance(statement.value, ast.Call):
        return False
    named = _named_attribute(statement.value)
    if named is not None:
        target, name, argument = named
        bind_target(scope, ast.Attribute(target, name, ast.Store()), lower(scope, argument))
    elif (changed := _dynamic(statement.value)) is not None:
        _set_something(scope, changed)
    return dotted_path(statement.value.func) in EXITS


def _dynamic(call: ast.Call) -> ast.expr | None:
    """The object of `setattr(x, name, value)` and `x.__dict__.update(…)`: any attribute may be set."""
    function = call.func
    if isinstance(function, ast.Name) and function.id == "setattr" and call.args:
        return call.args[0]
    if isinstance(function, ast.Attribute) and function.attr == "update":
        held = function.value
        if isinstance(held, ast.Attribute) and held.attr in ("__dict__", "_modules"):
            return held.value
    return None


def _set_something(scope: Scope, target: ast.expr) -> None:
    path = dotted_path(target)
    if path is not None and scope.is_self(path):
        scope.bind(f"{path}.{ANY_ATTRIBUTE}", scope.module.opaque("an attribute set by name"))
    elif path is not None:
        change_path(scope, target, scope.module.opaque("an object whose attributes are set by name"))


def _named_attribute(call: ast.Call) -> tuple[ast.expr, str, ast.expr] | None:
    """`setattr(x, "name", value)` and `self.add_module("name", value)`: object, name and value."""
    function = call.func
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    if isinstance(function, ast.Name) and function.id == "setattr" and len(values) == 3:
        target, key, value = values
    elif (
        isinstance(function, ast.Attribute)
        and function.attr in ("add_module", "register_module")
        and isinstance(function.value, ast.Name)
        and function.value.id == "self"
        and len(values) == 2
    ):
        target, (key, value) = function.value, values
    else:
        return None
    name = key.value if isinstance(key, ast.Constant) else None
    if not isinstance(name, str) or not name.isidentifier() or dotted_path(target) is None:
        return None
    return target, name, value


def _literal_truth(test: ast.expr) -> bool | None:
    """`if False:` is a way to comment code out: True or False for a test that is written down as such."""
    if isinstance(test, ast.Constant) and isinstance(test.value, bool | int):
        return bool(test.value)
    return None


def _if(scope: Scope, statement: ast.If) -> bool:
    always = _literal_truth(statement.test)
    if always is not None:
        return lower_body(scope, statement.body if always else statement.orelse, keeps_guards=True)
    condition = lower(scope, statement.test)
    before = dict(scope.env)
    with scope.under(Guard(condition, True)):
        then_ended = lower_body(scope, statement.body)
    then = scope.env
    scope.env = dict(before)
    with scope.under(Guard(condition, False)):
        other_ended = lower_body(scope, statement.orelse)
    if then_ended and other_ended:
        return True
    if then_ended:
        scope.guards += (Guard(condition, False),)
    elif other_ended:
        scope.env = then
        scope.guards += (Guard(condition, True),)
    else:
        scope.merge(condition, then, scope.env)
    return False


def _loop(scope: Scope, statement: ast.For | ast.AsyncFor | ast.While) -> bool:
    iterable = None if isinstance(statement, ast.While) else lower(scope, statement.iter)
    opened = scope.loop_paths(assigned_paths([statement]))
    if isinstance(statement, ast.While):
        lower(scope, statement.test)
    elif iterable is not None:
        bind_target(scope, statement.target, scope.module.add(ir.Element(iterable)))
    exits = LoopExits()
    scope.loops.append(exits)
    head = dict(scope.env) | opened
    ended = lower_body(scope, statement.body)
    scope.loops.pop()
    ends = exits.continues + exits.breaks + ([] if ended else [scope.env])
    scope.close_loop(opened, ends)
    # After the loop every assigned path is what it is at the loop's head: before it, or from any round.
    inside = scope.env if not ended else {}
    scope.env = head
    for path in [path for path in inside if path not in head and ("." not in path or path.endswith(ANY_ATTRIBUTE))]:
        before = scope.module.add(ir.Unbound())  # bound by `:=`, which is not looked for ahead
        scope.bind(path, scope.module.add(ir.Loop(before, (inside[path],), scope.module.serial())))
    for path, node in opened.items():
        scope.bindings.append(Binding(path, node, len(scope.module.nodes)))
    lower_body(scope, statement.orelse)
    return False


def _with(scope: Scope, statement: ast.With | ast.AsyncWith) -> bool:
    for item in statement.items:
        manager = lower(scope, item.context_expr)
        if item.optional_vars is not None:
            bind_target(scope, item.optional_vars, scope.module.add(ir.Enter(manager)))
    return lower_body(scope, statement.body, keeps_guards=True)


def _try(scope: Scope, statement: _Try) -> bool:
    before = dict(scope.env)
    failed = scope.module.opaque("whether an exception is raised")
    ended = lower_body(scope, statement.body, keeps_guards=True)
    if statement.orelse and not ended:
        ended = lower_body(scope, statement.orelse)
    for handler in statement.handlers:
        reached = scope.env
        scope.env = dict(before)
        if handler.name is not None:
            scope.bind(handler.name, scope.module.opaque("exception"))
        with scope.under(Guard(failed, True)):
            handler_ended = lower_body(scope, handler.body)
        if handler_ended:
            scope.env = reached
        elif not ended:
            scope.merge(failed, scope.env, reached)
        ended = ended and handler_ended
    if statement.finalbody:
        return lower_body(scope, statement.finalbody) or ended
    return ended


_HANDLERS: dict[type[ast.stmt], _Handler] = {
    ast.Assign: _assign,
    ast.Expr: _expression,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.Delete: _deletion,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Continue: _jump,
    ast.Break: _jump,
    ast.Global: _global,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.If: _if,
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.While: _loop,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    **dict.fromkeys(_TRIES, _try),
}
