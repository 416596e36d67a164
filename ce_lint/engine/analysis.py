"""One project's flows, judged and placed: what every front-end asks about."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ce_lint.engine.fingerprint import End, Fingerprints
from ce_lint.engine.places import Places
from ce_lint.engine.suppression import Suppressions
from ce_lint.findings import Confidence, FileError, Finding, Place, TraceStep, Unresolved
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
    errors: tuple[FileError, ...] = ()
    parsed: frozenset[Path] = frozenset()
    """The files that had to be parsed for it."""


NOTHING = Analysis()
"""What is known where no file can hold an end of a flow."""


def analyse(program: Program, knowledge: Knowledge, *, strict: bool = False) -> Analysis:
    """Follow every value of a project to its losses; what goes wrong at one loss call leaves the others."""
    interpreter = Interpreter(program, knowledge)
    reports: list[SinkReport] = []
    failed: list[FileError] = []
    for candidate in interpreter.candidates():
        try:
            report = interpreter.report(candidate)
        except Exception as error:
            if strict:
                raise
            LOG.warning("%s: a loss call is left out: %s", candidate.function.path, type(error).__name__, exc_info=True)
            reason = f"internal error at a loss call: {type(error).__name__}: {error}"
            failed.append(FileError(display_path(candidate.function.path), 1, reason))
            continue
        if report.is_loss:
            reports.append(report)
    judged, unresolved, right = _sorted_out(settled(reports))
    places = Places(program, _sites(judged, unresolved))
    comments = Suppressions(program)
    fingerprints = Fingerprints(program)
    findings = [_finding(flow, rule, places, fingerprints) for flow, rule in judged]
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
    return Analysis(
        findings=tuple(judged_findings),
        unresolved=tuple(undecided),
        # Last, when every comment has shown what it is good for.
        unused=tuple(comments.unused(program.parsed())),
        right=tuple(right),
        errors=tuple(sorted({*failed, *_errors(program)})),
        parsed=program.parsed(),
    )


def _sorted_out(
    reports: list[SinkReport],
) -> tuple[list[tuple[Flow, Rule]], list[SinkReport], list[str]]:
    """The flows that break a rule, the calls that could not be decided, and the paths of those that are right."""
    judged: list[tuple[Flow, Rule]] = []
    unresolved: list[SinkReport] = []
    right: list[str] = []
    for report in reports:
        broken = [(flow, rule) for flow in merged(report) if (rule := judge(flow)) is not None]
        judged += broken
        if not broken and report.reasons:
            unresolved.append(report)
        elif not broken:
            right.append(display_path(Path(report.site.path)))
    return judged, unresolved, right


def _sites(judged: list[tuple[Flow, Rule]], unresolved: list[SinkReport]) -> Iterable[Site]:
    for flow, _ in judged:
        yield from (flow.origin, flow.sink, flow.argument)
        yield from (step.site for step in flow.steps)
    for report in unresolved:
        yield report.site


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


def _errors(program: Program) -> set[FileError]:
    return {
        FileError(display_path(failure.path), failure.line or 1, failure.reason, failure.raw_line)
        for failures in program.failures.values()
        for failure in failures
    }
