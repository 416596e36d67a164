"""What is known of a project at one moment, as the client is told it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lsprotocol import types

from ce_lint.findings import Report
from ce_lint.lsp.diagnostics import End, Showing, ends_of
from ce_lint.lsp.sheets import Sheets


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
        for end in ends_of(finding, sheets, showing):
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
