"""SARIF 2.1.0 (OASIS), as code scanning services and editors read it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TypeAlias
from urllib.parse import quote

from ce_lint import __version__
from ce_lint.findings import Confidence, Edit, FileError, Finding, Fix, Place, Region, Severity, TraceStep
from ce_lint.report.encoding import in_utf_8
from ce_lint.report.ends import whole_way
from ce_lint.report.fixes import check_lines, is_in_code
from ce_lint.report.regions import first_line_of
from ce_lint.report.verdict import is_refuted, verdict_fields
from ce_lint.report.view import Shown, View
from ce_lint.rules.base import Default, Rule
from ce_lint.rules.registry import RULES

Json: TypeAlias = "dict[str, object]"

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
"""What relative paths are relative to: by convention the root of the repository."""

_PRECISION = {Default.ON: "very-high", Default.OFF: "high", Default.PREVIEW: "medium"}
_PROBLEM_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_RANK = {Confidence.DEFINITE: 90.0, Confidence.POSSIBLE: 50.0}
"""Of 100; only the order is meant."""


def to_sarif(view: View) -> str:
    """Render one run; every result has its way from source to sink as a code flow."""
    report = view.report
    run: Json = {
        "tool": {
            "driver": {
                "name": "ce-lint",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in RULES],
            }
        },
        "columnKind": "unicodeCodePoints",
        # Without its URI: that would be another one on each machine, and consumers know where their checkout is.
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which ce-lint was run."}}},
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": [
                    *(_notification(error) for error in report.errors),
                    *({"level": "note", "message": {"text": _text(note)}} for note in report.notes),
                ],
            }
        ],
        "results": [_result(shown, view) for shown in view.shown()],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> Json:
    page = rule.page.strip()
    what_it_does = _plain(re.split(r"\n\n+", page)[2])
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": what_it_does},
        "help": {"text": f"{what_it_does} `ce-lint explain {rule.code}` says more.", "markdown": page},
        "defaultConfiguration": {"level": rule.severity.value, "enabled": rule.default is Default.ON},
        "properties": {
            "precision": _PRECISION[rule.default],
            "problem.severity": _PROBLEM_SEVERITY[rule.severity],
            "tags": ["pytorch"] if rule.severity is Severity.NOTE else ["correctness", "pytorch"],
        },
    }


def _plain(paragraph: str) -> str:
    return " ".join(paragraph.replace("`", "").split())


def _result(shown: Shown, view: View) -> Json:
    place, message, finding = shown
    steps = whole_way(finding)
    related = _related(place, finding, steps)
    fixes = [_fix(fix) for fix in finding.fixes if is_in_code(fix)]
    # A level and a rank go with what failed only.
    judgement: Json = {"kind": "fail", "level": finding.severity.value, "rank": _RANK[finding.confidence]}
    return {
        "ruleId": finding.code,
        "ruleIndex": [rule.code for rule in RULES].index(finding.code),
        **({"kind": "pass", "level": "none"} if is_refuted(finding) else judgement),
        "message": {"text": _linked(message, related)},
        # A pull request shows what lies in its changed lines as a whole: one line does more often than several.
        "locations": [_location(place, first_line_of(place, view))],
        "relatedLocations": [
            {"id": number, **_location(step.place, step.place.on_disk, step.note)}
            for number, step in enumerate(related, start=1)
        ],
        "codeFlows": [_code_flow(steps)] if len(steps) > 1 else [],
        **({"fixes": fixes} if fixes else {}),
        "partialFingerprints": {"ceLint/v1": finding.fingerprint} if finding.fingerprint else {},
        "properties": {
            "confidence": finding.confidence.value,
            "classes": finding.classes,
            "runtime": verdict_fields(finding.runtime),
        },
    }


def _related(place: Place, finding: Finding, steps: Sequence[TraceStep]) -> list[TraceStep]:
    """The ends at which the result is not shown, then the steps between them; each place once."""
    ends = []
    if place != finding.source:
        ends.append(TraceStep(finding.source, "made here"))
    if place != finding.argument:
        ends.append(TraceStep(finding.sink, "given to the loss here"))
    seen = {place, finding.argument, finding.source, finding.sink}
    between: dict[Place, TraceStep] = {}
    for step in steps:
        if step.place not in seen:
            between.setdefault(step.place, step)
    return [*ends, *between.values()]


def _linked(message: str, related: Sequence[TraceStep]) -> str:
    """Link each place that the message names, as `(model.py:41)`, with its related location."""
    text = _text(message)
    for number, step in enumerate(related, start=1):
        label = _text(step.place.label())
        link = re.sub(r"[\\\[\]]", r"\\\g<0>", label)
        text = text.replace(f"({label})", f"([{link}]({number}))", 1)
    return text


def _text(message: str) -> str:
    # Braces stand for arguments in a message.
    return message.replace("{", "{{").replace("}", "}}")


def _code_flow(steps: Sequence[TraceStep]) -> Json:
    locations = [{"location": _location(step.place, step.place.on_disk, step.note)} for step in steps]
    return {"threadFlows": [{"locations": locations}]}


def _fix(fix: Fix) -> Json:
    replacements: dict[str, list[Json]] = {}
    for edit in fix.edits:
        replacements.setdefault(edit.place.path, []).append(_replacement(edit))
    return {
        "description": {"text": _text("\n".join((fix.title, *check_lines(fix))))},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": in_file} for path, in_file in replacements.items()
        ],
        "properties": {"name": fix.name, "applicability": fix.applicability.value},
    }


def _replacement(edit: Edit) -> Json:
    return {"deletedRegion": _region(edit.place.on_disk), "insertedContent": {"text": edit.new_text}}


def _region(region: Region) -> Json:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }


def _notification(error: FileError) -> Json:
    physical = {"artifactLocation": _artifact(error.path), "region": {"startLine": error.on_disk}}
    return {"level": "error", "message": {"text": _text(error.message)}, "locations": [{"physicalLocation": physical}]}


def _location(place: Place, region: Region, note: str = "") -> Json:
    location: Json = {
        "physicalLocation": {
            "artifactLocation": _artifact(place.path),
            "region": _region(region),
        }
    }
    if note:
        location["message"] = {"text": _text(note)}
    if place.cell is not None:
        location["properties"] = {"cell": place.cell, "line": place.line, "column": place.column}
    return location


def _artifact(path: str) -> Json:
    pure = PurePosixPath(path)
    if pure.is_absolute():
        return {"uri": f"file://{quote(in_utf_8(path))}"}
    if pure.parts and pure.parts[0].endswith(":"):
        # A drive of Windows.
        return {"uri": f"file:///{quote(in_utf_8(path), safe='/:')}"}
    return {"uri": quote(in_utf_8(path)), "uriBaseId": _ROOT}
