"""The JSON document of `--format json`: its fields are never renamed or taken away."""

from __future__ import annotations

import json
from typing import TypeAlias

from ce_lint import __version__
from ce_lint.findings import Place, Unresolved
from ce_lint.report.fixes import fix_fields
from ce_lint.report.verdict import verdict_fields
from ce_lint.report.view import Shown, View

Json: TypeAlias = "dict[str, object]"


def to_json(view: View) -> str:
    """Render one document; undecided loss calls are listed on request and always counted."""
    report = view.report
    document: Json = {
        "version": __version__,
        "findings": [finding_fields(shown) for shown in view.shown()],
        "loss_calls": {
            "right": report.loss_calls.right,
            "reported": report.loss_calls.reported,
            "unresolved": report.loss_calls.unresolved,
            "set_aside": report.loss_calls.set_aside,
        },
        "errors": [{"path": error.path, "line": error.line, "message": error.message} for error in report.errors],
    }
    if report.notes:
        document["notes"] = list(report.notes)
    if view.show_unresolved:
        document["unresolved"] = [_unresolved(call) for call in report.unresolved]
    return json.dumps(document, indent=2) + "\n"


def finding_fields(shown: Shown) -> Json:
    """Give the fields of one finding at one of its places."""
    place, message, finding = shown
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "cell": place.cell,
        "message": message,
        "source": _end(finding.source),
        "sink": _end(finding.sink),
        "trace": [{**_start(step.place), "note": step.note} for step in finding.trace],
        "classes": finding.classes,
        "fingerprint": finding.fingerprint,
        "fix": fix_fields(finding),
        "runtime": verdict_fields(finding.runtime),
    }


def _unresolved(call: Unresolved) -> Json:
    return {**_start(call.place), "loss": call.loss, "reason": call.reason}


def _end(place: Place) -> Json:
    return {**_start(place), "text": place.text}


def _start(place: Place) -> Json:
    return {"path": place.path, "line": place.line, "column": place.column, "cell": place.cell}
