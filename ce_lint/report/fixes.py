"""What can be done about a finding, in words and in fields."""

from __future__ import annotations

from ce_lint.findings import Applicability, Edit, Finding, Fix, Report, TraceStep

_COMMANDS = {Applicability.SAFE: "ce-lint check --fix", Applicability.UNSAFE: "ce-lint check --fix --unsafe-fixes"}


def best_fix(finding: Finding) -> Fix | None:
    """Return the fix that is named where there is room for one."""
    return finding.fixes[0] if finding.fixes else None


def is_in_code(fix: Fix) -> bool:
    """Whether all edits are in Python files: nobody replaces text in the JSON of a notebook by its lines."""
    return all(edit.place.cell is None for edit in fix.edits)


def fix_line(fix: Fix) -> str:
    """Say in one line what a fix does, and which command makes it.

    `fix: return logits from Net.forward (safe: ce-lint check --fix)`
    """
    return f"fix: {fix.title} ({fix.applicability.value}: {_COMMANDS[fix.applicability]})"


def fixes_summary(report: Report) -> list[str]:
    """Say in one line how many findings can be fixed, and how; no line where none can."""
    fixes = [fix for fix in map(best_fix, report.findings) if fix is not None]
    if not fixes:
        return []
    safe = sum(fix.applicability is Applicability.SAFE for fix in fixes)
    unsafe, total = len(fixes) - safe, len(report.findings)
    head = "the finding can be fixed" if total == 1 else f"{len(fixes)} of {total} findings can be fixed"
    if safe and unsafe:
        return [f"{head}: {safe} with --fix, {unsafe} more with --fix --unsafe-fixes"]
    return [f"{head} with --fix{' --unsafe-fixes' if unsafe else ''}"]


def fix_fields(finding: Finding) -> dict[str, object] | None:
    """Give the fields of the `fix` value in JSON."""
    fix = best_fix(finding)
    if fix is None:
        return None
    return {
        "name": fix.name,
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [_edit(edit) for edit in fix.edits],
        "to_check": [_step(step) for step in fix.to_check],
    }


def check_lines(fix: Fix) -> list[str]:
    """Say in a line each what has to be looked at: `to check: predict.py:17: given to print`."""
    return [f"to check: {step.place.label()}: {step.note}" for step in fix.to_check]


def _step(step: TraceStep) -> dict[str, object]:
    place = step.place
    return {"path": place.path, "line": place.line, "column": place.column, "cell": place.cell, "note": step.note}


def _edit(edit: Edit) -> dict[str, object]:
    place = edit.place
    return {
        "path": place.path,
        "cell": place.cell,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "new_text": edit.new_text,
    }
