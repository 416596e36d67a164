"""Findings as diagnostics: one at each end of a flow, by the files and cells in which they are shown."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lsprotocol import types

from ce_lint.findings import Finding, Place, Report, Severity
from ce_lint.lsp.client import Client
from ce_lint.lsp.sheets import Sheets
from ce_lint.report.ends import ReportAt, ends, whole_way
from ce_lint.report.verdict import severity_of, with_verdict

SOURCE = "ce-lint"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
_REDUNDANT_AT_SOURCE = frozenset({"CEL002", "CEL902"})
"""The rules by which what stands at the source could as well not be there."""


@dataclass(frozen=True, slots=True)
class End:
    """A finding at one of the places where it is shown."""

    uri: str
    finding: Finding
    place: Place
    call: types.Range
    """At the loss, the whole call; else the range of the diagnostic."""
    diagnostic: types.Diagnostic

    @property
    def range(self) -> types.Range:
        """Where it is shown."""
        return self.diagnostic.range

    @property
    def is_source(self) -> bool:
        """Whether it is shown where the scores are made, and not at the loss."""
        return self.place != self.finding.argument


@dataclass(frozen=True, slots=True)
class Showing:
    """How findings are shown to a client."""

    client: Client
    report_at: ReportAt
    href: Callable[[str], str | None]
    readable: Callable[[str], str] = str
    """Puts the names that users know in place of those of files that are on no disk."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest report, and where its findings are shown."""

    generation: int = 0
    report: Report = field(default_factory=Report)
    ends: Mapping[str, tuple[End, ...]] = field(default_factory=dict)
    """By URI, in the order of the places."""
    versions: Mapping[str, int | None] = field(default_factory=dict)
    """Of the open texts that were analysed."""
    stale: frozenset[str] = frozenset()
    """The texts that cannot be parsed as they are now: what is said of them is said of an older version."""

    def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """Return what is shown in a file or cell."""
        return [end.diagnostic for end in self.ends.get(uri, ())]


def ends_by_uri(report: Report, sheets: Sheets, showing: Showing) -> Mapping[str, tuple[End, ...]]:
    """Return where the findings of a report are shown."""
    found: defaultdict[str, list[End]] = defaultdict(list)
    for finding in report.findings:
        for end in _ends_of(finding, sheets, showing):
            found[end.uri].append(end)
    return {uri: tuple(sorted(ends, key=_order)) for uri, ends in sorted(found.items())}


def result_id(diagnostics: Sequence[types.Diagnostic]) -> str:
    """Return a name for some diagnostics, which equal ones have, too."""
    # Their representations hold all that they do.
    data = "\n".join(map(repr, diagnostics)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def is_within(position: types.Position, where: types.Range) -> bool:
    """Tell whether a position lies in a range, or at its end."""
    return where.start <= position <= where.end


def touching(ends: Iterable[End], where: types.Range) -> list[End]:
    """Return the ends that a range touches."""
    return [end for end in ends if end.range.start <= where.end and where.start <= end.range.end]


def _order(end: End) -> tuple[int, int, str, str]:
    start = end.range.start
    return start.line, start.character, end.finding.code, end.finding.fingerprint


def _ends_of(finding: Finding, sheets: Sheets, showing: Showing) -> Iterator[End]:
    """Yield a finding at each of its ends that is asked for."""
    for place, message in ends(finding, lambda _: True, showing.report_at):
        location = sheets.location(place)
        at_sink = place == finding.argument
        call = sheets.location(finding.sink) if at_sink else location
        yield End(
            location.uri,
            finding,
            place,
            call.range if call.uri == location.uri else location.range,
            _diagnostic(finding, place, location.range, message, sheets, showing),
        )


def _diagnostic(
    finding: Finding, place: Place, where: types.Range, message: str, sheets: Sheets, showing: Showing
) -> types.Diagnostic:
    client = showing.client
    href = showing.href(finding.code) if client.links_codes else None
    return types.Diagnostic(
        range=where,
        message=showing.readable(with_verdict(message, finding)),
        severity=_SEVERITIES[severity_of(finding)],
        code=finding.code,
        code_description=None if href is None else types.CodeDescription(href),
        source=SOURCE,
        tags=_tags(finding, place, client),
        related_information=_way(finding, place, sheets, showing) if client.related else None,
        data={"fingerprint": finding.fingerprint},
    )


def _tags(finding: Finding, place: Place, client: Client) -> list[types.DiagnosticTag] | None:
    redundant = types.DiagnosticTag.Unnecessary
    is_redundant = finding.code in _REDUNDANT_AT_SOURCE and place == finding.source
    return [redundant] if is_redundant and redundant in client.tags else None


def _way(
    finding: Finding, place: Place, sheets: Sheets, showing: Showing
) -> list[types.DiagnosticRelatedInformation] | None:
    """Every step from the source to the sink but the one that the diagnostic stands at."""
    steps = [step for step in whole_way(finding) if step.place != place]
    return [
        types.DiagnosticRelatedInformation(sheets.location(step.place), showing.readable(step.note)) for step in steps
    ] or None
