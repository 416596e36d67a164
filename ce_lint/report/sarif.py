"""SARIF 2.1.0 (OASIS), as code scanning services and editors read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TypeAlias
from urllib.parse import quote

from ce_lint import __version__
from ce_lint.findings import FileError, Finding, Place, TraceStep, Verdict
from ce_lint.report.ends import whole_way
from ce_lint.report.verdict import verdict_fields
from ce_lint.report.view import View
from ce_lint.rules.base import Default, Rule
from ce_lint.rules.registry import RULES

Json: TypeAlias = "dict[str, object]"

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
"""What relative paths are relative to: by convention the folder in which the tool was run."""


def to_sarif(view: View) -> str:
    """Render one run; every result has its way from source to sink as a code flow."""
    report = view.report
    run: Json = {
        "tool": {
            "driver": {"name": "ce-lint", "semanticVersion": __version__, "rules": [_rule(rule) for rule in RULES]}
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": [
                    *(_notification(error) for error in report.errors),
                    *({"level": "note", "message": {"text": note}} for note in report.notes),
                ],
            }
        ],
        "results": [_result(finding, place, message) for place, message, finding in view.shown()],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> Json:
    page = rule.page.strip()
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": rule.severity.value, "enabled": rule.default is Default.ON},
    }


def _result(finding: Finding, place: Place, message: str) -> Json:
    is_refuted = finding.runtime is not None and finding.runtime.verdict is Verdict.REFUTED
    other = finding.source if place == finding.argument else finding.argument
    note = "made here" if other is finding.source else "given to the loss here"
    return {
        "ruleId": finding.code,
        "ruleIndex": [rule.code for rule in RULES].index(finding.code),
        # A level goes with what failed only.
        "kind": "pass" if is_refuted else "fail",
        "level": "none" if is_refuted else finding.severity.value,
        "message": {"text": message},
        "locations": [_location(place)],
        "relatedLocations": [] if other == place else [{"id": 1, **_location(other, note)}],
        "codeFlows": [_code_flow(whole_way(finding))],
        "partialFingerprints": {"ceLint/v1": finding.fingerprint} if finding.fingerprint else {},
        "properties": {
            "confidence": finding.confidence.value,
            "classes": finding.classes,
            "runtime": verdict_fields(finding.runtime),
        },
    }


def _code_flow(steps: Sequence[TraceStep]) -> Json:
    return {"threadFlows": [{"locations": [{"location": _location(step.place, step.note)} for step in steps]}]}


def _notification(error: FileError) -> Json:
    physical = {"artifactLocation": _artifact(error.path), "region": {"startLine": max(error.line, 1)}}
    return {"level": "error", "message": {"text": error.message}, "locations": [{"physicalLocation": physical}]}


def _location(place: Place, note: str = "") -> Json:
    location: Json = {"physicalLocation": {"artifactLocation": _artifact(place.path), "region": _region(place)}}
    if note:
        location["message"] = {"text": note}
    if place.cell is not None:
        location["properties"] = {"cell": place.cell, "line": place.line, "column": place.column}
    return location


def _region(place: Place) -> Json:
    if place.cell is not None:
        # A viewer opens the file of the notebook, whose lines hold a cell's text with escapes: columns would be wrong.
        return {"startLine": place.on_disk.line}
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _artifact(path: str) -> Json:
    pure = PurePosixPath(path)
    # The bytes of a name that is not in UTF-8 stay what they are.
    if pure.is_absolute():
        return {"uri": f"file://{quote(path, errors='surrogateescape')}"}
    if pure.parts and pure.parts[0].endswith(":"):
        # A drive of Windows.
        return {"uri": f"file:///{quote(path, safe='/:')}"}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": _ROOT}
