"""`match` → IR: its cases are branches whose conditions are their patterns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ce_lint.frontend.builder import Scope
from ce_lint.frontend.expressions import lower
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import Guard

LowerBody = Callable[[Scope, Sequence[ast.stmt]], bool]


def lower_match(scope: Scope, subject: int, cases: Sequence[ast.match_case], lower_body: LowerBody) -> bool:
    """Lower the cases of a match; True when what is behind it cannot be reached."""
    if not cases:
        return False
    first, *rest = cases
    condition = _pattern(scope, subject, first.pattern)
    if condition is None and first.guard is None:
        return lower_body(scope, first.body)
    if condition is None or first.guard is not None:
        condition = scope.module.add(ir.Matches(subject, scope.module.serial()))
    before = dict(scope.env)
    with scope.under(Guard(condition, True)):
        then_ended = lower_body(scope, first.body)
    then = scope.env
    scope.env = dict(before)
    with scope.under(Guard(condition, False)):
        scope.module.deepen()
        other_ended = lower_match(scope, subject, rest, lower_body)
        scope.module.rise()
    if then_ended and not other_ended:
        scope.guards += (Guard(condition, False),)
    elif other_ended and not then_ended:
        scope.env = then
        scope.guards += (Guard(condition, True),)
    elif not then_ended:
        scope.merge(condition, then, scope.env)
    return then_ended and other_ended


def _pattern(scope: Scope, subject: int, pattern: ast.pattern) -> int | None:
    """The condition that a case stands for; None for one that always matches."""
    if isinstance(pattern, ast.MatchValue):
        return scope.module.add(ir.Compare("Equal", subject, lower(scope, pattern.value)))
    if isinstance(pattern, ast.MatchSingleton):
        return scope.module.add(ir.Compare("Is", subject, scope.module.constant(pattern.value)))
    if isinstance(pattern, ast.MatchOr):
        conditions = [_pattern(scope, subject, one) for one in pattern.patterns]
        known = [condition for condition in conditions if condition is not None]
        if len(known) < len(conditions):
            return None
        joined = known[0]
        for condition in known[1:]:
            joined = scope.module.add(ir.Boolean("or", joined, condition))
        return joined
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
        if pattern.name is not None:
            scope.bind(pattern.name, subject)
        return None
    return scope.module.add(ir.Matches(subject, scope.module.serial()))
