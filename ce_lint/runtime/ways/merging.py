"""What the processes of a program left behind, as one report. No torch here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ce_lint.findings import Verdict
from ce_lint.runtime.diagnosis.records import Diagnosis
from ce_lint.runtime.sites.records import CallSite, SiteReport
from ce_lint.runtime.watch.report import WatchReport
from ce_lint.runtime.ways.records import LINES_SUFFIX, TROUBLE_SUFFIX, EndLine, Line, decode

_GRAVITY = {Verdict.CONFIRMED: 3, Verdict.INCONCLUSIVE: 2, Verdict.REFUTED: 1}


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that is known of a program that has ended."""

    report: WatchReport
    """Every call site once, however many processes it was called in."""
    cut_off: int = 0
    """How many processes ended without their last line, killed or by `os._exit`: they may have called losses since."""
    troubles: tuple[str, ...] = ()
    """Why processes could not be watched, one line each."""


def collect(folder: Path) -> Recorded:
    """Read what the processes of a program left in a folder. Errors: OSError."""
    files = sorted(folder.iterdir())
    processes = [
        [line for line in map(decode, file.read_bytes().splitlines()) if line is not None]
        for file in files
        if file.suffix == LINES_SUFFIX
    ]
    return Recorded(
        report=merge(map(_report, processes)),
        cut_off=sum(not any(isinstance(line, EndLine) for line in lines) for lines in processes),
        troubles=tuple(
            sorted({file.read_text("utf-8", errors="replace") for file in files if file.suffix == TROUBLE_SUFFIX})
        ),
    )


def merge(reports: Iterable[WatchReport]) -> WatchReport:
    """Return one report of several processes: calls and observations of a site add up, the gravest diagnosis stays."""
    sites: dict[CallSite, SiteReport] = {}
    unseen: dict[str, None] = {}
    for report in reports:
        unseen.update(dict.fromkeys(report.unseen))
        for site in report.sites:
            sites[site.site] = _joined(sites[site.site], site) if site.site in sites else site
    return WatchReport(tuple(sites[key] for key in sorted(sites)), tuple(unseen))


def _joined(one: SiteReport, other: SiteReport) -> SiteReport:
    return SiteReport(
        site=one.site,
        calls=one.calls + other.calls,
        looked=one.looked + other.looked,
        diagnosis=max(one.diagnosis, other.diagnosis, key=_gravity),
        # Beside each other, as the processes ran: the first call of the one and of the other, then the second.
        observations=tuple(sorted((*one.observations, *other.observations), key=lambda seen: seen.call)),
    )


def _gravity(diagnosis: Diagnosis | None) -> tuple[int, bool]:
    return (0, False) if diagnosis is None else (_GRAVITY[diagnosis.verdict], diagnosis.code is not None)


def _report(lines: Iterable[Line]) -> WatchReport:
    """What one process saw: its last line if it ended in order, else what its lines add up to."""
    sites: dict[CallSite, SiteReport] = {}
    for line in lines:
        if isinstance(line, EndLine):
            return WatchReport(line.sites, line.unseen)
        before = sites.get(line.site.site)
        sites[line.site.site] = line.site if before is None else _continued(before, line.site)
    return WatchReport(tuple(sites.values()))


def _continued(before: SiteReport, now: SiteReport) -> SiteReport:
    # A line that calls two losses stands for two sites, which only their process could tell apart: nothing of either is
    # lost, and what is known of one counts for both.
    return SiteReport(
        site=now.site,
        calls=max(before.calls, now.calls),
        looked=max(before.looked, now.looked),
        diagnosis=max(before.diagnosis, now.diagnosis, key=_gravity),
        observations=before.observations + tuple(seen for seen in now.observations if seen not in before.observations),
    )
