"""Statements → IR: what they bind, what they return, and under which conditions."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from ce_lint.frontend.assigned import assigned_paths
from ce_lint.frontend.builder import LoopExits, Scope
from ce_lint.frontend.definitions import lower_class, lower_function
from ce_lint.frontend.expressions import bind_target, change_path, dotted_path, evaluated, lower
from ce_lint.frontend.imports import lower_import, lower_import_from
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ANY_ATTRIBUTE, Binding, Guard, Return

EXITS = frozenset(("exit", "quit", "sys.exit", "os._exit"))
"""Calls after which nothing is run."""

Statement = cst.BaseStatement | cst.BaseSmallStatement


def lower_body(scope: Scope, body: Sequence[Statement], *, keeps_guards: bool = False) -> bool:
    """Lower statements in order; True when the end of them cannot be reached.

    `keeps_guards`: what an early return inside them guards is guarded behind them too.
    """
    before = scope.guards
    ended = False
    for statement in body:
        if lower_statement(scope, statement):
            ended = True
            break
    if not keeps_guards:
        scope.guards = before
    return ended


def lower_suite(scope: Scope, suite: cst.BaseSuite) -> bool:
    """Lower an indented block, or the statements after a colon."""
    return lower_body(scope, suite.body)


def lower_statement(scope: Scope, statement: Statement) -> bool:
    """Lower one statement; True when the next one cannot be reached."""
    if isinstance(statement, cst.SimpleStatementLine | cst.SimpleStatementSuite):
        # The guards that an early return leaves behind belong to the block around.
        return any([lower_statement(scope, small) for small in statement.body])  # noqa: C419 — all are lowered
    if isinstance(statement, cst.If):
        return _if(scope, statement)
    if isinstance(statement, cst.For | cst.While):
        _loop(scope, statement)
    elif isinstance(statement, cst.With):
        return _with(scope, statement)
    elif isinstance(statement, cst.Try | cst.TryStar):
        return _try(scope, statement)
    elif isinstance(statement, cst.Match):
        return _match(scope, statement.subject, list(statement.cases))
    elif isinstance(statement, cst.FunctionDef):
        lower_function(scope, statement, lower_suite)
    elif isinstance(statement, cst.ClassDef):
        lower_class(scope, statement, lower_suite)
    elif isinstance(statement, cst.BaseSmallStatement):
        return _small(scope, statement)
    return False


def _small(scope: Scope, statement: cst.BaseSmallStatement) -> bool:
    if isinstance(statement, cst.Assign):
        value = lower(scope, statement.value)
        for target in statement.targets:
            bind_target(scope, target.target, value)
    elif isinstance(statement, cst.AugAssign):
        _augmented(scope, statement)
    elif isinstance(statement, cst.AnnAssign):
        _annotated(scope, statement)
    elif isinstance(statement, cst.Expr):
        _expression(scope, statement)
        return isinstance(statement.value, cst.Call) and dotted_path(statement.value.func) in EXITS
    elif isinstance(statement, cst.Import):
        lower_import(scope, statement)
    elif isinstance(statement, cst.ImportFrom):
        lower_import_from(scope, statement)
    elif isinstance(statement, cst.Global):
        scope.global_names.update(item.name.value for item in statement.names)
    elif isinstance(statement, cst.Assert):
        lower(scope, statement.test)
    elif isinstance(statement, cst.Del):
        _delete(scope, statement.target)
    else:
        return _ending(scope, statement)
    return False


def _ending(scope: Scope, statement: cst.BaseSmallStatement) -> bool:
    if isinstance(statement, cst.Return):
        value = lower(scope, statement.value) if statement.value else scope.module.add(ir.Constant(None))
        scope.returns.append(Return(value, scope.guards))
        return True
    if isinstance(statement, cst.Raise):
        if statement.exc is not None:
            lower(scope, statement.exc)
        return True
    if isinstance(statement, cst.Continue | cst.Break) and scope.loops:
        exits = scope.loops[-1]
        (exits.continues if isinstance(statement, cst.Continue) else exits.breaks).append(dict(scope.env))
        return True
    return False


def _delete(scope: Scope, target: cst.BaseDelTargetExpression) -> None:
    """What is left when an item is gone is not followed."""
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            if isinstance(element.value, cst.Name | cst.Attribute | cst.Subscript | cst.Tuple | cst.List):
                _delete(scope, element.value)
    elif isinstance(target, cst.Subscript):
        change_path(scope, target.value, scope.module.opaque("what an item was deleted from"))


def _augmented(scope: Scope, statement: cst.AugAssign) -> None:
    operator = type(statement.operator).__name__.removesuffix("Assign")
    left = lower(scope, statement.target)
    value = scope.module.add(ir.Binary(operator, left, lower(scope, statement.value)))
    bind_target(scope, statement.target, value)


def _annotated(scope: Scope, statement: cst.AnnAssign) -> None:
    value = None if statement.value is None else lower(scope, statement.value)
    if scope.is_class and isinstance(statement.target, cst.Name):
        scope.fields.append((statement.target.value, value))
    if value is not None:
        bind_target(scope, statement.target, value)


def _expression(scope: Scope, statement: cst.Expr) -> None:
    lower(scope, statement.value)
    if not isinstance(statement.value, cst.Call):
        return
    named = _named_attribute(statement.value)
    if named is not None:
        target, name, argument = named
        bind_target(scope, cst.Attribute(target, cst.Name(name)), lower(scope, argument))
    elif (changed := _dynamic(statement.value)) is not None:
        _set_something(scope, changed)


def _dynamic(call: cst.Call) -> cst.BaseExpression | None:
    """The object of `setattr(x, name, value)` and `x.__dict__.update(…)`: any attribute may be set."""
    if isinstance(call.func, cst.Name) and call.func.value == "setattr" and call.args:
        return call.args[0].value
    function = call.func
    if isinstance(function, cst.Attribute) and function.attr.value == "update":
        held = function.value
        if isinstance(held, cst.Attribute) and held.attr.value in ("__dict__", "_modules"):
            return held.value
    return None


def _set_something(scope: Scope, target: cst.BaseExpression) -> None:
    path = dotted_path(target)
    if path is not None and scope.is_self(path):
        scope.bind(f"{path}.{ANY_ATTRIBUTE}", scope.module.opaque("an attribute set by name"))
    elif path is not None:
        change_path(scope, target, scope.module.opaque("an object whose attributes are set by name"))


def _named_attribute(call: cst.Call) -> tuple[cst.BaseExpression, str, cst.BaseExpression] | None:
    """`setattr(x, "name", value)` and `self.add_module("name", value)`: object, name and value."""
    values = [argument.value for argument in call.args]
    if isinstance(call.func, cst.Name) and call.func.value == "setattr" and len(values) == 3:
        target, key, value = values
    elif (
        isinstance(call.func, cst.Attribute)
        and call.func.attr.value in ("add_module", "register_module")
        and isinstance(call.func.value, cst.Name)
        and call.func.value.value == "self"
        and len(values) == 2
    ):
        target, (key, value) = call.func.value, values
    else:
        return None
    name = evaluated(key) if isinstance(key, cst.SimpleString) else None
    if name is None or not name.isidentifier() or dotted_path(target) is None:
        return None
    return target, name, value


def _literal_truth(test: cst.BaseExpression) -> bool | None:
    """`if False:` is a way to comment code out: True or False for a test that is written down as such."""
    if isinstance(test, cst.Name) and test.value in ("True", "False"):
        return test.value == "True"
    return bool(test.evaluated_value) if isinstance(test, cst.Integer) else None


def _if(scope: Scope, statement: cst.If) -> bool:
    always = _literal_truth(statement.test)
    if always is not None:
        taken = statement.body if always else statement.orelse
        if isinstance(taken, cst.If):
            return _if(scope, taken)
        return taken is not None and lower_suite(scope, taken.body if isinstance(taken, cst.Else) else taken)
    condition = lower(scope, statement.test)
    before = dict(scope.env)
    with scope.under(Guard(condition, True)):
        then_ended = lower_suite(scope, statement.body)
    then = scope.env
    scope.env = dict(before)
    other_ended = False
    with scope.under(Guard(condition, False)):
        if isinstance(statement.orelse, cst.If):
            other_ended = lower_body(scope, [statement.orelse])
        elif statement.orelse is not None:
            other_ended = lower_suite(scope, statement.orelse.body)
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


def _loop(scope: Scope, statement: cst.For | cst.While) -> None:
    iterable = lower(scope, statement.iter) if isinstance(statement, cst.For) else None
    opened = scope.loop_paths(assigned_paths([statement]))
    if isinstance(statement, cst.For) and iterable is not None:
        bind_target(scope, statement.target, scope.module.add(ir.Element(iterable)))
    elif isinstance(statement, cst.While):
        lower(scope, statement.test)
    exits = LoopExits()
    scope.loops.append(exits)
    head = dict(scope.env) | opened
    ended = lower_suite(scope, statement.body)
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
        scope.bindings.append(_binding(scope, path, node))
    if statement.orelse is not None:
        lower_suite(scope, statement.orelse.body)


def _binding(scope: Scope, path: str, node: int) -> Binding:
    return Binding(path, node, len(scope.module.nodes))


def _with(scope: Scope, statement: cst.With) -> bool:
    for item in statement.items:
        manager = lower(scope, item.item)
        if item.asname is not None:
            bind_target(scope, item.asname.name, scope.module.add(ir.Enter(manager)))
    return lower_body(scope, statement.body.body, keeps_guards=True)


def _try(scope: Scope, statement: cst.Try | cst.TryStar) -> bool:
    before = dict(scope.env)
    failed = scope.module.opaque("whether an exception is raised")
    ended = lower_body(scope, statement.body.body, keeps_guards=True)
    if statement.orelse is not None and not ended:
        ended = lower_suite(scope, statement.orelse.body)
    for handler in statement.handlers:
        reached = scope.env
        scope.env = dict(before)
        if handler.name is not None:
            bind_target(scope, handler.name.name, scope.module.opaque("exception"))
        with scope.under(Guard(failed, True)):
            handler_ended = lower_suite(scope, handler.body)
        if handler_ended:
            scope.env = reached
        elif not ended:
            scope.merge(failed, scope.env, reached)
        ended = ended and handler_ended
    if statement.finalbody is not None:
        return lower_suite(scope, statement.finalbody.body) or ended
    return ended


def _match(scope: Scope, subject: cst.BaseExpression, cases: list[cst.MatchCase]) -> bool:
    value = lower(scope, subject)
    return _cases(scope, value, cases)


def _cases(scope: Scope, subject: int, cases: list[cst.MatchCase]) -> bool:
    if not cases:
        return False
    first, *rest = cases
    condition = _pattern(scope, subject, first.pattern)
    if condition is None and first.guard is None:
        return lower_suite(scope, first.body)
    if condition is None or first.guard is not None:
        condition = scope.module.add(ir.Matches(subject, scope.module.serial()))
    before = dict(scope.env)
    with scope.under(Guard(condition, True)):
        then_ended = lower_suite(scope, first.body)
    then = scope.env
    scope.env = dict(before)
    with scope.under(Guard(condition, False)):
        other_ended = _cases(scope, subject, rest)
    if then_ended and not other_ended:
        scope.guards += (Guard(condition, False),)
    elif other_ended and not then_ended:
        scope.env = then
        scope.guards += (Guard(condition, True),)
    elif not then_ended:
        scope.merge(condition, then, scope.env)
    return then_ended and other_ended


def _pattern(scope: Scope, subject: int, pattern: cst.MatchPattern) -> int | None:
    """The condition that a case stands for; None for one that always matches."""
    if isinstance(pattern, cst.MatchValue):
        return scope.module.add(ir.Compare("Equal", subject, lower(scope, pattern.value)))
    if isinstance(pattern, cst.MatchSingleton):
        return scope.module.add(ir.Compare("Is", subject, lower(scope, pattern.value)))
    if isinstance(pattern, cst.MatchOr):
        conditions = [_pattern(scope, subject, element.pattern) for element in pattern.patterns]
        known = [condition for condition in conditions if condition is not None]
        if len(known) < len(conditions):
            return None
        joined = known[0]
        for condition in known[1:]:
            joined = scope.module.add(ir.Boolean("or", joined, condition))
        return joined
    if isinstance(pattern, cst.MatchAs) and pattern.pattern is None:
        if pattern.name is not None:
            scope.bind(pattern.name.value, subject)
        return None
    return scope.module.add(ir.Matches(subject, scope.module.serial()))
