"""A report, and how it is to be shown: what every format takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ce_lint.findings import Finding, Place, Report
from ce_lint.report.ends import IsShown, ReportAt, places

LineOf = Callable[[Place], "str | None"]
"""The text of the line on which a place starts, without its end; None where it cannot be had."""


DiskLine = Callable[[str, int], "str | None"]
"""The text of a line of a file as it stands on disk, JSON for a notebook, without its end; None where there is none."""


def no_lines(_place: Place) -> str | None:
    """Stand in for texts that nobody can read."""
    return None


def no_disk_lines(_path: str, _line: int) -> str | None:
    """Stand in for files that nobody can read."""
    return None


def everywhere(_place: Place) -> bool:
    """Stand in for a run that was asked for everything."""
    return True


class Shown(NamedTuple):
    """A finding at one of its places, with the message that is read there."""

    place: Place
    message: str
    finding: Finding


class View(NamedTuple):
    """One report as one run shows it."""

    report: Report
    is_shown: IsShown = everywhere
    line_of: LineOf = no_lines
    disk_line: DiskLine = no_disk_lines
    report_at: ReportAt = ReportAt.AUTO
    show_unresolved: bool = False
    """Whether the undecided loss calls are listed; they are always counted."""
    in_colour: bool = False

    def shown(self) -> list[Shown]:
        """Each finding where it is reported, in the order of the places; twice where both ends were asked for."""
        found = (
            Shown(place, message, finding)
            for finding in self.report.findings
            for place, message in places(finding, self.is_shown, self.report_at)
        )
        return sorted(found, key=_order)


def _order(shown: Shown) -> tuple[str, int, int, int, str]:
    place = shown.place
    return place.path, place.cell or 0, place.line, place.column, shown.finding.code
