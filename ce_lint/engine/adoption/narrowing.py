"""A report with some of its findings only."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from ce_lint.findings import Finding, Place, Report


def narrowed(report: Report, kept: Iterable[Finding], asked: Collection[str]) -> Report:
    """Keep these findings; a loss call in one of the files asked for that is no longer reported is set aside."""
    findings = tuple(kept)
    lost = len(_sinks(report.findings, asked) - _sinks(findings, asked))
    calls = report.loss_calls
    counts = msgspec.structs.replace(calls, reported=calls.reported - lost, set_aside=calls.set_aside + lost)
    return msgspec.structs.replace(report, findings=findings, loss_calls=counts)


def _sinks(findings: Iterable[Finding], asked: Collection[str]) -> set[Place]:
    """The loss calls among what findings are about: those to which a way leads."""
    return {finding.sink for finding in findings if finding.trace and finding.sink.path in asked}
