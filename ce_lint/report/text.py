"""The concise format: one self-contained line for each finding, and a second one for a verdict."""

from __future__ import annotations

from collections import Counter

from ce_lint.findings import FileError, LossCalls, Place, Report
from ce_lint.report.verdict import verdict_line
from ce_lint.report.view import View


def to_text(view: View) -> str:
    """Render the findings, then on request the loss calls that could not be decided, then what was counted."""
    lines = []
    for place, message, item in view.shown():
        lines.append(f"{position(place)}: {item.code} {message}")
        if item.runtime is not None:
            lines.append(f"    {verdict_line(item.runtime)}")
    if view.show_unresolved:
        lines += unresolved_lines(view.report)
    return "\n".join([*lines, summary(view.report.loss_calls)]) + "\n"


def position(place: Place) -> str:
    """Return where a place starts, as editors and terminals link it: `model.py:41:16`, `nb.ipynb:cell 4:2:5`."""
    return f"{place.label()}:{place.column}"


def unresolved_lines(report: Report) -> list[str]:
    """Return one line for each loss call that could not be decided."""
    return [f"{position(call.place)}: {call.loss}: {call.reason}" for call in report.unresolved]


def summary(calls: LossCalls) -> str:
    """Say in one line what the silence about the other loss calls means."""
    total = calls.right + calls.reported + calls.set_aside + calls.unresolved
    if not total:
        return "no loss call in these files"
    set_aside = f"{calls.set_aside} set aside, " if calls.set_aside else ""
    return (
        f"{total} loss {'call' if total == 1 else 'calls'}: "
        f"{calls.right} right, {calls.reported} reported, {set_aside}{calls.unresolved} unresolved"
    )


def error_line(error: FileError) -> str:
    """Say in one line what could not be analysed, and why."""
    return f"{error.path}:{error.line}: {error.message}"


def to_statistics(report: Report) -> str:
    """Count the findings of each rule, most frequent first."""
    counted = Counter((finding.code, finding.name) for finding in report.findings)
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:<7} {code} {name}\n" for (code, name), count in rows)
