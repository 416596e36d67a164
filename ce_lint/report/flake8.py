"""Findings as flake8 takes them: physical line from 1, column from 0, and one line of text."""

from __future__ import annotations

from collections.abc import Iterator

from ce_lint.findings import Report
from ce_lint.report.ends import IsShown, ReportAt, ends
from ce_lint.report.text import in_cell, in_one_line


def to_flake8(report: Report, is_shown: IsShown, report_at: ReportAt) -> Iterator[tuple[int, int, str]]:
    """Yield each reported end that lies in the linted file."""
    for finding in report.findings:
        for place, message in ends(finding, is_shown, report_at):
            yield place.on_disk.line, place.on_disk.column - 1, in_one_line(f"{finding.code} {in_cell(place)}{message}")
