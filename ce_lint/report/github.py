"""Workflow commands of GitHub Actions: each finding becomes an annotation of its line."""

from __future__ import annotations

from ce_lint.findings import Confidence, FileError, Severity
from ce_lint.report.ends import way_lines
from ce_lint.report.regions import first_line_of
from ce_lint.report.text import error_line, position, summary, unresolved_lines
from ce_lint.report.verdict import severity_of, with_verdict
from ce_lint.report.view import Shown, View

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_WORST_FIRST = tuple(_COMMANDS)


def to_github(view: View) -> str:
    """Render the findings, worst first, the files that could not be analysed, and what was counted.

    The host shows ten annotations of a level for each step; the rest is in the log.
    """
    lines = [_annotation(shown, view) for shown in sorted(view.shown(), key=_badness)]
    lines += [_error(error) for error in view.report.errors]
    if view.show_unresolved:
        lines += unresolved_lines(view.report)
    return "\n".join([*lines, summary(view.report)]) + "\n"


def _badness(shown: Shown) -> tuple[int, bool]:
    return _WORST_FIRST.index(severity_of(shown.finding)), shown.finding.confidence is not Confidence.DEFINITE


def _annotation(shown: Shown, view: View) -> str:
    place, message, finding = shown
    region = first_line_of(place, view)
    headline = f"{position(place)}: {finding.code} {with_verdict(message, finding)}"
    return _command(
        _COMMANDS[severity_of(finding)],
        {
            "title": f"{finding.code} {finding.name}",
            "file": place.path,
            "line": region.line,
            "endLine": region.end_line,
            "col": region.column,
            "endColumn": region.end_column,
        },
        "\n".join([headline, *way_lines(finding, position)]),
    )


def _error(error: FileError) -> str:
    return _command("error", {"title": "not analysed", "file": error.path, "line": error.on_disk}, error_line(error))


def _command(name: str, properties: dict[str, str | int], message: str) -> str:
    listed = ",".join(f"{key}={_in_property(str(value))}" for key, value in properties.items())
    return f"::{name} {listed}::{_in_message(message)}"


def _in_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_property(text: str) -> str:
    return _in_message(text).replace(":", "%3A").replace(",", "%2C")
