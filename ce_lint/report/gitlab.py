"""GitLab's Code Quality report, the part of the Code Climate format that GitLab reads."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TypeAlias

from ce_lint.findings import FileError, Severity
from ce_lint.report.text import in_cell
from ce_lint.report.verdict import severity_of, with_verdict
from ce_lint.report.view import Shown, View

Json: TypeAlias = "dict[str, object]"

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_NOT_ANALYSED = "not-analysed"


def to_gitlab(view: View) -> str:
    """Render a list of issues; a file that could not be analysed is one of them.

    GitLab tells new issues from old ones by their fingerprint, and keeps one for each: they hold no line numbers, and
    each is there once.
    """
    errors = view.report.errors
    identities = [_identity(shown) for shown in view.shown()] + [_hash(_NOT_ANALYSED, error.path) for error in errors]
    issues = [_issue(shown) for shown in view.shown()] + [_error(error) for error in errors]
    seen: Counter[str] = Counter()
    for identity, issue in zip(identities, issues, strict=True):
        issue["fingerprint"] = _hash(identity, str(seen[identity])) if seen[identity] else identity
        seen[identity] += 1
    return json.dumps(issues, indent=2) + "\n"


def _issue(shown: Shown) -> Json:
    place, message, finding = shown
    region = place.on_disk
    return {
        "description": f"{finding.code} {in_cell(place)}{with_verdict(message, finding)}",
        "check_name": finding.code,
        "severity": _SEVERITIES[severity_of(finding)],
        "location": {
            "path": place.path,
            "lines": {"begin": region.line, "end": region.end_line},
            "positions": {
                "begin": {"line": region.line, "column": region.column},
                "end": {"line": region.end_line, "column": region.end_column},
            },
        },
    }


def _error(error: FileError) -> Json:
    return {
        "description": error.message,
        "check_name": _NOT_ANALYSED,
        "severity": _SEVERITIES[Severity.ERROR],
        "location": {"path": error.path, "lines": {"begin": error.on_disk, "end": error.on_disk}},
    }


def _identity(shown: Shown) -> str:
    """What stays the same while lines move; a finding that has no fingerprint is known by the text it is about."""
    place, _, finding = shown
    return finding.fingerprint or _hash(finding.code, place.path, place.text)


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
