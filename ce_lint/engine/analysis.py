"""One project's flows, judged and placed: what every front-end asks about."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ce_lint.engine.cache import Cache, sites_of
from ce_lint.engine.fingerprint import End, Fingerprints
from ce_lint.engine.places import Places
from ce_lint.engine.suppression import Suppressions
from ce_lint.findings import Confidence, FileError, Finding, Place, TraceStep, Unresolved
from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.flow import Flow
from ce_lint.interpreter.sinks import Interpreter, SinkReport, merged, settled
from ce_lint.ir.kinds import Site
from ce_lint.knowledge.loader import Knowledge
from ce_lint.program.program import Program
from ce_lint.rules.base import Rule
from ce_lint.rules.message import message, message_at_source, message_between
from ce_lint.rules.registry import judge
from ce_lint.source.paths import display_path

LOG = logging.getLogger(__name__)

UNRESOLVED = "CEL901"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finding was made of: the flow, and who can say more of the program around it."""

    flow: Flow
    interpreter: Interpreter


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding before anybody chose which codes to see."""

    finding: Finding
    rule: Rule
    suppressed: bool
    """Does a comment at either end take it back?"""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of one project."""

    findings: tuple[Judged, ...] = ()
    unresolved: tuple[tuple[Unresolved, bool], ...] = ()
    """Each with whether a comment takes it back."""
    unused: tuple[tuple[Finding, bool], ...] = ()
    """A finding for each comment of the parsed files that takes nothing back, with whether one takes that back."""
    right: tuple[str, ...] = ()
    """The path of each loss call that was proved right."""
    right_calls: tuple[tuple[Site, str], ...] = ()
    """The site of each of those, and the loss."""
    errors: tuple[FileError, ...] = ()
    parsed: frozenset[Path] = frozenset()
    """The files that had to be parsed for it."""


NOTHING = Analysis()
"""What is known where no file can hold an end of a flow."""


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """Whoever asked does not want the answer any more."""


def never() -> bool:
    """Never want to stop."""
    return False


def analyse(
    program: Program, knowledge: Knowledge, *, strict: bool = False, cancelled: Callable[[], bool] = never
) -> Analysis:
    """Follow every value of a project to its losses; what goes wrong at one loss call leaves the others.

    Raise Cancelled when `cancelled`, which is asked before each loss call, says so.
    """
    interpreter = Interpreter(program, knowledge)
    reports, failed = follow(interpreter.candidates(), interpreter.report, strict=strict, cancelled=cancelled)
    return conclude(program, interpreter, reports, failed, Cache(), program.parsed)


def follow(
    candidates: Iterable[Candidate],
    report_on: Callable[[Candidate], SinkReport],
    *,
    strict: bool,
    cancelled: Callable[[], bool],
) -> tuple[list[SinkReport], list[FileError]]:
    """Return what reaches each of some calls that is a loss call, and what went wrong at others."""
    reports: list[SinkReport] = []
    failed: list[FileError] = []
    for candidate in candidates:
        if cancelled():
            raise Cancelled
        try:
            report = report_on(candidate)
        except Exception as error:
            if strict:
                raise
            LOG.warning("%s: a loss call is left out: %s", candidate.function.path, type(error).__name__, exc_info=True)
            reason = f"internal error at a loss call: {type(error).__name__}: {error}"
            failed.append(FileError(display_path(candidate.function.path), 1, reason))
            continue
        if report.is_loss:
            reports.append(report)
    return reports, failed


def conclude(
    program: Program,
    interpreter: Interpreter,
    reports: list[SinkReport],
    failed: list[FileError],
    cache: Cache,
    parsed: Callable[[], frozenset[Path]],
) -> Analysis:
    """Judge what reaches the losses of a program, and say where that stands in its texts."""
    judged, unresolved, right = _sorted_out(settled(reports))
    new = [
        *(sites_of(flow) for flow, rule in judged if not cache.has_finding(program, flow, rule)),
        *([report.site] for report in unresolved),
    ]
    places = Places(program, (site for sites in new for site in sites), cache)
    comments = Suppressions(program, cache)
    fingerprints = Fingerprints(program)
    findings = [
        cache.finding(program, flow, rule, functools.partial(_finding, flow, rule, places, fingerprints))
        for flow, rule in judged
    ]
    judged_findings = sorted(
        (
            Judged(one, rule, comments.cover(one), Evidence(flow, interpreter))
            for one, (flow, rule) in zip(findings, judged, strict=True)
        ),
        key=_order,
    )
    undecided = [
        (_unresolved(one, places, fingerprints), comments.suppress(places[one.site], UNRESOLVED)) for one in unresolved
    ]
    files = parsed()
    return Analysis(
        findings=tuple(judged_findings),
        unresolved=tuple(undecided),
        # Last, when every comment has shown what it is good for.
        unused=tuple(comments.unused(files)),
        right=tuple(display_path(Path(report.site.path)) for report in right),
        right_calls=tuple((report.site, report.loss) for report in right),
        errors=tuple(sorted({*failed, *_errors(program, files)})),
        parsed=files,
    )


def _sorted_out(
    reports: list[SinkReport],
) -> tuple[list[tuple[Flow, Rule]], list[SinkReport], list[SinkReport]]:
    """The flows that break a rule, the calls that could not be decided, and those that are right."""
    judged: list[tuple[Flow, Rule]] = []
    unresolved: list[SinkReport] = []
    right: list[SinkReport] = []
    for report in reports:
        broken = [(flow, rule) for flow in merged(report) if (rule := judge(flow)) is not None]
        judged += broken
        if not broken and report.reasons:
            unresolved.append(report)
        elif not broken:
            right.append(report)
    return judged, unresolved, right


def _finding(flow: Flow, rule: Rule, places: Places, fingerprints: Fingerprints) -> Finding:
    source, sink = places[flow.origin], places[flow.sink]
    return Finding(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        confidence=Confidence.DEFINITE if flow.definite else Confidence.POSSIBLE,
        message=message(flow, rule, source.label()),
        message_at_source=message_at_source(flow, rule, sink.label()),
        message_between=message_between(flow, rule, source.label(), sink.label()),
        argument=places[flow.argument],
        source=source,
        sink=sink,
        trace=tuple(TraceStep(places[step.site], step.note) for step in flow.steps),
        classes=flow.classes,
        recipe=flow.recipe,
        fingerprint=fingerprints.of(rule.code, flow.loss, End(flow.sink, sink), End(flow.origin, source)),
    )


def _unresolved(report: SinkReport, places: Places, fingerprints: Fingerprints) -> Unresolved:
    place = places[report.site]
    known_by = fingerprints.of(UNRESOLVED, report.loss, End(report.site, place))
    return Unresolved(place, report.loss, report.reasons[0], known_by)


def _order(judged: Judged) -> tuple[str, int, int, int, str, Place]:
    place = judged.finding.argument
    return place.path, place.cell or 0, place.line, place.column, judged.finding.code, judged.finding.source


def _errors(program: Program, files: Iterable[Path]) -> set[FileError]:
    return {
        FileError(display_path(failure.path), failure.line or 1, failure.reason, failure.raw_line)
        for failure in program.failures(files)
    }
