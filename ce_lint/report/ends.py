"""At which of its two ends a finding is reported."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator

from ce_lint.findings import Finding, Place, Report, TraceStep

IsLinted = Callable[[str], bool]
"""Whether a path, as a Place has it, is one of the files that were asked for."""


class ReportAt(enum.Enum):
    """Which ends are reported; an end in a file that nobody asked for never is."""

    AUTO = "auto"
    """The sink; the source only where the sink is in a file that was not asked for."""
    SINK = "sink"
    SOURCE = "source"
    BOTH = "both"


def ends(finding: Finding, is_linted: IsLinted, report_at: ReportAt) -> Iterator[tuple[Place, str]]:
    """Yield the places at which a finding is reported, each with the message that is read there."""
    at_sink = is_linted(finding.argument.path)
    at_source = is_linted(finding.source.path)
    if at_sink and report_at is not ReportAt.SOURCE:
        yield finding.argument, finding.message
    if at_source and (report_at in (ReportAt.SOURCE, ReportAt.BOTH) or (report_at is ReportAt.AUTO and not at_sink)):
        yield finding.source, finding.message_at_source


def main_end(finding: Finding, is_linted: IsLinted) -> tuple[Place, str]:
    """Return the one place at which a report of the whole run shows a finding."""
    return next(ends(finding, is_linted, ReportAt.AUTO), (finding.argument, finding.message))


def by_main_end(report: Report, is_linted: IsLinted) -> list[tuple[Place, str, Finding]]:
    """Return the findings with the place and message to show, in the order of the places."""
    shown = [(*main_end(finding, is_linted), finding) for finding in report.findings]
    return sorted(shown, key=lambda item: (item[0].path, item[0].cell or 0, item[0].line, item[0].column, item[2].code))


def whole_way(finding: Finding) -> tuple[TraceStep, ...]:
    """Return the trace, with both ends also where the interpreter left them out."""
    steps = finding.trace
    if not steps or not _same_line(steps[0].place, finding.source):
        steps = (TraceStep(finding.source, "made here"), *steps)
    if not any(_same_line(steps[-1].place, end) for end in (finding.argument, finding.sink)):
        steps = (*steps, TraceStep(finding.argument, "given to the loss here"))
    return steps


def _same_line(one: Place, other: Place) -> bool:
    return (one.path, one.cell, one.line) == (other.path, other.cell, other.line)
