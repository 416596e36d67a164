"""A kept analysis for a file in which lines moved, and nothing else that it hangs on."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from ce_lint.engine.kept import KeptAnalysis, told_places
from ce_lint.engine.places import place_of
from ce_lint.findings import Place, ToldFinding, TraceStep
from ce_lint.frontend.places import locate
from ce_lint.source.file import SourceFile
from ce_lint.source.paths import display_path

_Moves = Callable[[Place], Place]


def moved(known: KeptAnalysis, source: SourceFile) -> KeptAnalysis | None:
    """The analysis with the places of a text whose nodes are those of before; None where that cannot be told."""
    path = display_path(source.path)
    sites = [site for site, place in known.places if place.path == path]
    ranges = locate(source.text, [(site.node, site.argument) for site in sites])
    now = {site: place_of(source, ranges[site.node, site.argument]) for site in sites}
    by_place = {place: now[site] for site, place in known.places if site in now}
    if any(place.text != there.text for place, there in by_place.items()):
        return None  # the nodes are the same, and what they are recognised by is not
    is_known = {place for place in told_places(known) if place.path == path} <= by_place.keys()
    if not is_known or any(error.path == path for error in known.errors):
        return None
    ends = [(one.finding.source, one.finding.sink) for one in known.findings]
    if any(
        source.label() == sink.label() and by_place.get(source, source).label() != by_place.get(sink, sink).label()
        for source, sink in ends
    ):
        return None  # which of them a message names cannot be told

    def moves(place: Place) -> Place:
        return by_place.get(place, place)

    return replace(
        known,
        findings=tuple([replace(one, finding=_finding(one.finding, moves)) for one in known.findings]),
        places=tuple([(site, now.get(site, place)) for site, place in known.places]),
    )


def _finding(finding: ToldFinding, moves: _Moves) -> ToldFinding:
    labels = {f"({place.label()})": f"({moves(place).label()})" for place in (finding.source, finding.sink)}
    either = re.compile("|".join(map(re.escape, labels)))

    def message(text: str) -> str:
        return either.sub(lambda label: labels[label[0]], text)

    return replace(
        finding,
        message=message(finding.message),
        message_at_source=message(finding.message_at_source),
        message_between=message(finding.message_between),
        argument=moves(finding.argument),
        source=moves(finding.source),
        sink=moves(finding.sink),
        trace=tuple([TraceStep(moves(step.place), step.note) for step in finding.trace]),
    )
