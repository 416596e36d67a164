"""Reviewdog's Diagnostic Format, as one document; columns are bytes of UTF-8, and ends are exclusive."""

from __future__ import annotations

import json
from typing import TypeAlias

from ce_lint.findings import FileError, Fix, Place, Severity, TraceStep
from ce_lint.report.ends import whole_way
from ce_lint.report.fixes import best_fix, is_in_code
from ce_lint.report.regions import byte_column, text_between
from ce_lint.report.text import in_cell
from ce_lint.report.verdict import severity_of, with_verdict
from ce_lint.report.view import Shown, View

Json: TypeAlias = "dict[str, object]"

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def to_rdjson(view: View) -> str:
    """Render the findings, then the files that could not be analysed."""
    diagnostics = [_finding(shown, view) for shown in view.shown()]
    diagnostics += [_error(error) for error in view.report.errors]
    document = {"source": {"name": "ce-lint"}, "diagnostics": diagnostics}
    return json.dumps(document, indent=2) + "\n"


def _finding(shown: Shown, view: View) -> Json:
    place, message, finding = shown
    fix = best_fix(finding)
    suggestion = None if fix is None else _suggestion(fix, place.path, view)
    return {
        "message": f"{in_cell(place)}{with_verdict(message, finding)}",
        "location": _location(place, view),
        "severity": _SEVERITIES[severity_of(finding)],
        "code": {"value": finding.code},
        "related_locations": [_related(step, view) for step in whole_way(finding) if step.place != place],
        **({} if suggestion is None else {"suggestions": [suggestion]}),
    }


def _error(error: FileError) -> Json:
    return {
        "message": error.message,
        "location": {"path": error.path, "range": {"start": {"line": error.on_disk}}},
        "severity": "ERROR",
    }


def _suggestion(fix: Fix, path: str, view: View) -> Json | None:
    """Make one text of all edits, from the first to the last; None where they are not all in this file.

    Each suggestion is offered on its own, and half of a fix is worse than none.
    """
    if not is_in_code(fix) or any(edit.place.path != path for edit in fix.edits):
        return None
    start = end = fix.edits[0].place.line, fix.edits[0].place.column
    text = ""
    for edit in fix.edits:
        kept = text_between(path, end, (edit.place.line, edit.place.column), view)
        if kept is None:
            return None
        text += kept + edit.new_text
        end = edit.place.end_line, edit.place.end_column
    columns = [byte_column(path, *place, view) if place[1] > 1 else 1 for place in (start, end)]
    if None in columns:
        return None
    positions = [{"line": line, "column": column} for (line, _), column in zip((start, end), columns, strict=True)]
    return {"range": {"start": positions[0], "end": positions[1]}, "text": text}


def _related(step: TraceStep, view: View) -> Json:
    return {"message": step.note, "location": _location(step.place, view)}


def _location(place: Place, view: View) -> Json:
    region = place.on_disk
    start = _position(place.path, region.line, region.column, view)
    end = _position(place.path, region.end_line, region.end_column, view)
    return {"path": place.path, "range": {"start": start, "end": end}}


def _position(path: str, line: int, column: int, view: View) -> Json:
    byte = byte_column(path, line, column, view)
    # Without a column, a range is one of whole lines.
    return {"line": line} if byte is None else {"line": line, "column": byte}
