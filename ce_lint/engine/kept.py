"""An analysis as it is kept between two runs: what users are told, without the values behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from ce_lint.engine.results import Analysis, Judged
from ce_lint.engine.undecided import Undecided
from ce_lint.findings import FileError, Finding, Place, ToldFinding
from ce_lint.ir.kinds import Site
from ce_lint.rules.registry import rule
from ce_lint.source.paths import display_path


class KeptFinding(msgspec.Struct, frozen=True, array_like=True):
    """A finding, the code of the rule that made it, and whether a comment takes it back."""

    finding: ToldFinding
    code: str
    is_suppressed: bool


class KeptAnalysis(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a project."""

    findings: tuple[KeptFinding, ...]
    undecided: tuple[Undecided, ...]
    unused: tuple[tuple[ToldFinding, bool], ...]
    right: tuple[str, ...]
    errors: tuple[FileError, ...]
    places: tuple[tuple[Site, Place], ...]
    parsed: tuple[str, ...]
    looked_at: tuple[tuple[str, FileError | None], ...]


def kept(analysis: Analysis) -> KeptAnalysis:
    """What is kept of an analysis."""
    return KeptAnalysis(
        findings=tuple([KeptFinding(_told(one.finding), one.rule.code, one.suppressed) for one in analysis.findings]),
        undecided=analysis.undecided,
        unused=tuple([(_told(one), is_suppressed) for one, is_suppressed in analysis.unused]),
        right=analysis.right,
        errors=analysis.errors,
        places=analysis.places,
        parsed=tuple(sorted(map(str, analysis.parsed))),
        looked_at=tuple(sorted((str(path), error) for path, error in analysis.looked_at.items())),
    )


def restored(known: KeptAnalysis) -> Analysis:
    """The analysis of which that was kept; its findings have no evidence."""
    findings = [
        Judged(_finding(one.finding), metadata, one.is_suppressed, None)
        for one in known.findings
        if (metadata := rule(one.code)) is not None
    ]
    return Analysis(
        findings=tuple(findings),
        undecided=known.undecided,
        unused=tuple([(_finding(one), is_suppressed) for one, is_suppressed in known.unused]),
        right=known.right,
        errors=known.errors,
        places=known.places,
        parsed=frozenset(map(Path, known.parsed)),
        looked_at={Path(path): error for path, error in known.looked_at},
    )


def named_paths(known: KeptAnalysis) -> frozenset[str]:
    """The files, as users see them, in which something stands that is told: a change in one can move it."""
    return frozenset(place.path for place in told_places(known)) | {error.path for error in known.errors}


def told_places(known: KeptAnalysis) -> Iterator[Place]:
    """The places that are told."""
    for finding in (*(one.finding for one in known.findings), *(one for one, _ in known.unused)):
        yield from (finding.argument, finding.source, finding.sink)
        yield from (step.place for step in finding.trace)


def undecided_paths(known: KeptAnalysis) -> frozenset[str]:
    """The files, as users see them, with calls that could not be decided: these are known by the numbers of nodes."""
    return frozenset(display_path(Path(one.site.path)) for one in known.undecided)


def _told(finding: Finding) -> ToldFinding:
    return ToldFinding(*(getattr(finding, name) for name in ToldFinding.__struct_fields__))


def _finding(told: ToldFinding) -> Finding:
    return Finding(*(getattr(told, name) for name in ToldFinding.__struct_fields__))
