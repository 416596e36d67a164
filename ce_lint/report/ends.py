"""At which place on its way a finding is reported."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator

from ce_lint.findings import Finding, Place, TraceStep

IsShown = Callable[[Place], bool]
"""Whether something may be reported at a place: in a file that was asked for and, on request, on a changed line."""


class ReportAt(enum.Enum):
    """Which ends are reported; one at a place that is not shown never is."""

    AUTO = "auto"
    """The sink; the source only where the sink is not shown."""
    SINK = "sink"
    SOURCE = "source"
    BOTH = "both"


def ends(finding: Finding, is_shown: IsShown, report_at: ReportAt) -> Iterator[tuple[Place, str]]:
    """Yield the places at which a finding is reported, each with the message that is read there."""
    at_sink = is_shown(finding.argument)
    at_source = is_shown(finding.source)
    if report_at is ReportAt.BOTH and finding.source == finding.argument:
        report_at = ReportAt.AUTO
    if at_sink and report_at is not ReportAt.SOURCE:
        yield finding.argument, finding.message
    if at_source and (report_at in (ReportAt.SOURCE, ReportAt.BOTH) or (report_at is ReportAt.AUTO and not at_sink)):
        yield finding.source, finding.message_at_source


def places(finding: Finding, is_shown: IsShown, report_at: ReportAt) -> list[tuple[Place, str]]:
    """Return the places at which a report of a whole run shows a finding, each with its message; never none.

    They are the ends; a step between them where no end is shown; the loss where nothing is.
    """
    at_ends = list(ends(finding, is_shown, report_at)) or list(ends(finding, is_shown, ReportAt.AUTO))
    between = ((step.place, finding.message_between) for step in finding.trace if is_shown(step.place))
    return at_ends or [next(between, (finding.argument, finding.message))]


def whole_way(finding: Finding) -> tuple[TraceStep, ...]:
    """Return the trace, with both ends also where the interpreter left them out; one step where nothing flows."""
    steps = finding.trace
    if not steps and finding.source == finding.argument:
        return (TraceStep(finding.argument, "here"),)
    if not steps or not _same_line(steps[0].place, finding.source):
        steps = (TraceStep(finding.source, "made here"), *steps)
    if not any(_same_line(steps[-1].place, end) for end in (finding.argument, finding.sink)):
        steps = (*steps, TraceStep(finding.argument, "given to the loss here"))
    return steps


def way_lines(finding: Finding, show: Callable[[Place], str]) -> list[str]:
    """Return one line for each step, numbered, with its place as `show` writes it; none where nothing flows."""
    steps = whole_way(finding)
    lines = [f"{number}. {show(step.place)}: {step.note}" for number, step in enumerate(steps, start=1)]
    return lines if len(lines) > 1 else []


def _same_line(one: Place, other: Place) -> bool:
    return (one.path, one.cell, one.line) == (other.path, other.cell, other.line)
