"""Statements and elements that go."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from ce_lint.fixes.syntax import ModuleSyntax
from ce_lint.fixes.text import Splice


def without_statement(module: ModuleSyntax, statement: cst.BaseSmallStatement) -> tuple[Splice, ...] | None:
    """Take a simple statement out: its lines, its part of a line, or, where a block needs one, for a `pass`."""
    line = module.parent(statement)
    if not isinstance(line, cst.SimpleStatementLine | cst.SimpleStatementSuite):
        return None
    own = module.span(statement)
    if len(line.body) > 1:
        return (_without_part(module, line.body, statement),)
    block = module.parent(line)
    if isinstance(line, cst.SimpleStatementSuite) or (isinstance(block, cst.IndentedBlock) and len(block.body) == 1):
        return (Splice(*own, "pass"),)
    return (Splice(*module.ruler.lines(own.start, own.end), ""),)


def _without_part(
    module: ModuleSyntax, parts: Sequence[cst.BaseSmallStatement], statement: cst.BaseSmallStatement
) -> Splice:
    position = next(number for number, one in enumerate(parts) if one is statement)
    if position + 1 < len(parts):
        return Splice(module.span(statement).start, module.span(parts[position + 1]).start, "")
    return Splice(module.span(parts[position - 1]).end, module.span(statement).end, "")


def without_target(module: ModuleSyntax, value: cst.BaseExpression, text: str) -> tuple[Splice, ...]:
    """Of `a = x = softmax(x)` leave `a = `; nothing where no target of several is what is assigned."""
    statement = module.parent(value)
    if not isinstance(statement, cst.Assign) or len(statement.targets) < 2:
        return ()
    starts = [module.full_span(one.target).start for one in statement.targets]
    ends = [*starts[1:], module.full_span(value).start]
    same = [number for number, one in enumerate(statement.targets) if module.source(one.target) == text]
    return tuple(Splice(starts[number], ends[number], "") for number in same[:1])


def without_last(module: ModuleSyntax, elements: Sequence[cst.Arg] | Sequence[cst.BaseElement]) -> tuple[Splice, ...]:
    """Take the last of several arguments or elements out, with the lines that it has to itself."""
    before, last = elements[-2], elements[-1]
    comma = _comma(module, before)
    has_comma = isinstance(last.comma, cst.Comma)
    start = module.span(last).start
    end = _comma(module, last) + 1 if has_comma else _end(module, last)
    between = module.text[comma + 1 : start]
    line_end = module.text.find("\n", end)
    rest = module.text[end : line_end if line_end >= 0 else len(module.text)].rstrip("\r")
    if "\n" in between and (not rest.strip() or rest.lstrip().startswith("#")):
        # Alone on its lines: what is said of it there goes too.
        above = module.text[: comma + 1 + between.rindex("\n")].removesuffix("\r")
        start, end = len(above), end + len(rest)
    elif "#" not in between:
        start = comma + 1
    if has_comma:
        return (Splice(start, end, ""),)
    return (Splice(comma, end, ""),) if start == comma + 1 else (Splice(comma, comma + 1, ""), Splice(start, end, ""))


def _end(module: ModuleSyntax, element: cst.Arg | cst.BaseElement) -> int:
    return module.full_span(element.value).end


def _comma(module: ModuleSyntax, element: cst.Arg | cst.BaseElement) -> int:
    """The offset of the comma behind an element."""
    assert isinstance(element.comma, cst.Comma)
    return _end(module, element) + len(module.tree.code_for_node(element.comma.whitespace_before))
