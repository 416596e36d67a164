"""A report with the verdict on each of its findings."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ce_lint.findings import Finding, Report, RuntimeCheck, Verdict
from ce_lint.ir.recipe import Recipe
from ce_lint.runtime.confirm.judgement import settled
from ce_lint.runtime.confirm.replay import replay

Execute = Callable[[Finding], RuntimeCheck]
"""Runs the project's code for one finding."""


def with_verdicts(report: Report, execute: Execute | None = None) -> Report:
    """Replay every finding, execute it where `execute` is given, and put the verdict into it.

    The same model on the same way to the same loss is tried once.
    """
    known: dict[tuple[Recipe, str], RuntimeCheck] = {}
    findings = []
    for finding in report.findings:
        recipe = finding.recipe or Recipe()
        key = (recipe, finding.code)
        if key not in known:
            known[key] = settled(replay(recipe, finding.code), execute(finding) if execute else None)
        findings.append(msgspec.structs.replace(finding, runtime=known[key]))
    return msgspec.structs.replace(report, findings=tuple(findings))


def only_confirmed(report: Report) -> Report:
    """Keep the findings that were proved; what was counted stays counted."""
    kept = tuple(one for one in report.findings if one.runtime and one.runtime.verdict is Verdict.CONFIRMED)
    return msgspec.structs.replace(report, findings=kept)
