"""One project's flows, judged and placed: what every front-end asks about."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from ce_lint.engine.cache import Cache, sites_of
from ce_lint.engine.clock import NAMES, PLACE, READ, Clock, NoClock
from ce_lint.engine.fingerprint import End, Fingerprints
from ce_lint.engine.places import Places
from ce_lint.engine.results import UNRESOLVED, Analysis, Cancelled, Evidence, Judged, never
from ce_lint.engine.suppression import Suppressions
from ce_lint.engine.undecided import Undecided
from ce_lint.findings import Confidence, FileError, Finding, Place, TraceStep
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
from ce_lint.supply.limits import LIMITS, Limits


def analyse(
    program: Program,
    knowledge: Knowledge,
    *,
    strict: bool = False,
    cancelled: Callable[[], bool] = never,
    clock: Clock | None = None,
) -> Analysis:
    """Follow every value of a project to its losses; what goes wrong at one loss call leaves the others.

    Raise Cancelled when `cancelled`, which is asked before each loss call, says so.
    """
    clock = clock or NoClock()
    interpreter = Interpreter(program, knowledge)
    with clock.stage(READ):
        program.files.index()
    with clock.stage(NAMES):
        candidates = interpreter.candidates()
    followed = follow(candidates, clock.report_on(interpreter.report), strict=strict, cancelled=cancelled)
    with clock.stage(PLACE):
        analysis = conclude(program, interpreter, followed, Cache(), program.parsed)
    clock.sort(analysis)
    return msgspec.structs.replace(analysis, made_of=interpreter)


class Followed(NamedTuple):
    """What came of following some calls."""

    reports: list[SinkReport]
    """Of those that are loss calls."""
    failed: list[FileError]
    """What went wrong at others."""
    may_pass: bool
    """Did some take too long? Another time, they may not."""


def follow(
    candidates: Iterable[Candidate],
    report_on: Callable[[Candidate], SinkReport],
    *,
    strict: bool,
    cancelled: Callable[[], bool],
    limits: Limits = LIMITS,
) -> Followed:
    """Return what reaches each of some calls that is a loss call, and what went wrong at others.

    Where the calls of one file take too long, the rest of them are left out: each one by itself is bounded.
    """
    reports: list[SinkReport] = []
    failed: list[FileError] = []
    spent: defaultdict[Path, float] = defaultdict(float)
    late: set[Path] = set()
    for candidate in candidates:
        if cancelled():
            raise Cancelled
        path, begin = candidate.function.path, time.thread_time()
        if spent[path] > limits.seconds:
            late.add(path)
            continue
        try:
            report = report_on(candidate)
        except Exception as error:
            if strict:
                raise
            # Imported here, because it takes longer than many a file.
            import logging

            log = logging.getLogger(__name__)
            log.warning("%s: a loss call is left out: %s", path, type(error).__name__, exc_info=True)
            reason = f"internal error at a loss call: {type(error).__name__}: {error}"
            failed.append(FileError(display_path(path), 1, reason))
            continue
        finally:
            spent[path] += time.thread_time() - begin
        if report.is_loss:
            reports.append(report)
    failed += [FileError(display_path(path), 1, limits.unfollowed) for path in sorted(late)]
    return Followed(reports, failed, bool(late))


def conclude(
    program: Program,
    interpreter: Interpreter,
    followed: Followed,
    cache: Cache,
    parsed: Callable[[], frozenset[Path]],
    lowered: Callable[[], frozenset[Path]] | None = None,
) -> Analysis:
    """Judge what reaches the losses of a program, and say where that stands in its texts.

    Of the files that were `parsed`, errors are told of those that were `lowered` for that, where somebody knows which.
    """
    judged, unresolved, right = _sorted_out(settled(followed.reports))
    comments = Suppressions(program, cache)
    commented = {one.site for one in unresolved if comments.may_suppress(Path(one.site.path), UNRESOLVED)}
    new = [*(sites_of(flow) for flow, rule in judged if not cache.has_finding(program, flow, rule)), commented]
    places = Places((site for sites in new for site in sites), functools.partial(cache.ranges, program))
    callers = _Callers(program)
    fingerprints = Fingerprints(places.source)
    findings = [
        cache.finding(program, flow, rule, functools.partial(_finding, flow, rule, places, callers, fingerprints))
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
        Undecided(
            site=one.site,
            loss=one.loss,
            reason=one.reasons[0],
            caller=callers.of(one.site),
            is_suppressed=one.site in commented and comments.suppress(places[one.site], UNRESOLVED),
        )
        for one in unresolved
    ]
    files = parsed()
    errors = _errors(program, files)
    if errors and lowered is not None:
        errors = _errors(program, lowered())
    return Analysis(
        findings=tuple(judged_findings),
        undecided=tuple(undecided),
        # Last, when every comment has shown what it is good for.
        unused=tuple(comments.unused(files)),
        right=tuple(display_path(Path(report.site.path)) for report in right),
        right_calls=tuple((report.site, report.loss) for report in right),
        errors=tuple(sorted({*followed.failed, *errors})),
        places=places.items(),
        parsed=files,
        may_pass=followed.may_pass,
    )


class _Callers:
    """The functions around the calls of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._functions: dict[str, dict[int, str]] = {}

    def of(self, site: Site) -> str:
        """The qualified name of the function in which a call stands; "" for a module's body."""
        if site.path not in self._functions:
            module = self._program.module(Path(site.path))
            functions = () if module is None else module.ir.functions
            self._functions[site.path] = {call.node: one.qualified_name for one in functions for call in one.calls}
        return self._functions[site.path].get(site.node, "")


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


def _finding(flow: Flow, rule: Rule, places: Places, callers: _Callers, fingerprints: Fingerprints) -> Finding:
    source, sink = places[flow.origin], places[flow.sink]
    at_sink, at_source = (End(site, places[site], callers.of(site)) for site in (flow.sink, flow.origin))
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
        fingerprint=fingerprints.of(rule.code, flow.loss, at_sink, at_source),
    )


def _order(judged: Judged) -> tuple[str, int, int, int, str, Place]:
    place = judged.finding.argument
    return place.path, place.cell or 0, place.line, place.column, judged.finding.code, judged.finding.source


def _errors(program: Program, files: Iterable[Path]) -> set[FileError]:
    return {
        FileError(display_path(failure.path), failure.line or 1, failure.reason, failure.raw_line)
        for failure in program.failures(files)
    }
