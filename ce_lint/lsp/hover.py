"""What is said where the pointer rests: of a loss call, of an activation, and of a code in a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from ce_lint.findings import Confidence, Finding, Place
from ce_lint.lsp.analyst import Analyst
from ce_lint.lsp.diagnostics import is_within
from ce_lint.lsp.positions import Point, point_of, range_of
from ce_lint.lsp.sheets import Sheet
from ce_lint.report.ends import whole_way
from ce_lint.rules.bounds import has_window, softmax_window
from ce_lint.rules.registry import rule
from ce_lint.source.magics import python_of_cell
from ce_lint.source.suppressions import suppressions

_CODE = re.compile(r"CEL[0-9]{3}", re.IGNORECASE)


def hover(analyst: Analyst, sheet: Sheet, position: types.Position) -> types.Hover | None:
    """Return what is known of a position; None where nothing is."""
    return _of_code(analyst, sheet, position) or _of_call(analyst, sheet.uri, position)


def _of_code(analyst: Analyst, sheet: Sheet, position: types.Position) -> types.Hover | None:
    """The page of the rule whose code stands in a suppression comment."""
    encoding = analyst.showing.client.encoding
    point = point_of(sheet.lines, position, encoding)
    text = "".join(sheet.lines)
    for comment in suppressions(text if sheet.cell is None else python_of_cell(text)):
        if comment.line != point.line or not comment.is_comment:
            continue
        for match in _CODE.finditer(comment.text):
            start, end = (comment.column + 1 + offset for offset in match.span())
            found = rule(match[0].upper())
            if found is not None and start <= point.column <= end:
                where = range_of(sheet.lines, Point(point.line, start), Point(point.line, end), encoding)
                return _shown(analyst, found.page.strip(), where)
    return None


def _of_call(analyst: Analyst, uri: str, position: types.Position) -> types.Hover | None:
    ends = [end for end in analyst.answer.ends.get(uri, ()) if is_within(position, end.call)]
    if ends:
        parts = ["\n".join(_finding(analyst, finding)) for finding in dict.fromkeys(end.finding for end in ends)]
        return _shown(analyst, "\n\n---\n\n".join(parts), min((end.call for end in ends), key=_size))
    for one in analyst.undecided_calls(uri):
        location = analyst.sheets.location(one.place)
        if location.uri == uri and is_within(position, location.range):
            said = f"**{one.loss}**: what reaches it could not be decided: {one.reason}"
            return _shown(analyst, said, location.range)
    for place, loss in analyst.right_calls(uri):
        where = analyst.sheets.location(place)
        if where.uri == uri and is_within(position, where.range):
            return _shown(analyst, f"**{loss}**: right: what reaches it is what it expects.", where.range)
    return None


def _finding(analyst: Analyst, finding: Finding) -> Iterator[str]:
    verb = "Wrong" if finding.confidence is Confidence.DEFINITE else "Possibly wrong"
    yield f"**{verb}** ({finding.code}, {finding.name})"
    yield ""
    yield analyst.showing.readable(finding.message_between) + "."
    yield from _window(analyst, finding)
    steps = whole_way(finding)
    if len(steps) > 1:
        yield ""
        for number, step in enumerate(steps, start=1):
            yield f"{number}. {_link(analyst, step.place)}: {analyst.showing.readable(step.note)}"


def _window(analyst: Analyst, finding: Finding) -> Iterator[str]:
    """What the loss can still reach, where softmax outputs are taken for logits."""
    evidence = analyst.evidence(finding)
    if finding.code not in ("CEL001", "CEL004") or evidence is None or not has_window(evidence.flow):
        return
    assert finding.classes is not None
    low, high = softmax_window(finding.classes)
    yield ""
    yield "| classes | never below | never above | on logits |"
    yield "|---|---|---|---|"
    yield f"| {finding.classes} | {low:.3f} | {high:.3f} | 0 to ∞ |"


def _link(analyst: Analyst, place: Place) -> str:
    location = analyst.sheets.location(place)
    label = analyst.showing.readable(place.label())
    if not analyst.showing.client.markdown:
        return label
    name = re.sub(r"[\[\]\\]", r"\\\g<0>", label)
    return f"[{name}](<{location.uri}#L{location.range.start.line + 1}>)"


def _size(where: types.Range) -> tuple[int, int]:
    return where.end.line - where.start.line, where.end.character - where.start.character


def _shown(analyst: Analyst, text: str, where: types.Range) -> types.Hover:
    kind = types.MarkupKind.Markdown if analyst.showing.client.markdown else types.MarkupKind.PlainText
    return types.Hover(types.MarkupContent(kind, text), where)
