"""The concise format: one self-contained line for each finding, and a second one for a verdict."""

from __future__ import annotations

from collections import Counter

from ce_lint.findings import FileError, Place, Report
from ce_lint.report.verdict import verdict_line
from ce_lint.report.view import View

# What would end a line, or tell a terminal something, is shown by a picture of it, or else as what cannot be shown.
_PICTURES = {
    **{code: 0x2400 + code for code in range(0x20) if code != ord("\t")},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), 0x2028, 0x2029], 0xFFFD),
}


def to_text(view: View) -> str:
    """Render the findings, then on request the loss calls that could not be decided, then what was counted."""
    lines = []
    for place, message, item in view.shown():
        lines.append(f"{position(place)}: {item.code} {in_one_line(message)}")
        if item.runtime is not None:
            lines.append(f"    {verdict_line(item.runtime)}")
    if view.show_unresolved:
        lines += unresolved_lines(view.report)
    return "\n".join([*lines, summary(view.report)]) + "\n"


def position(place: Place) -> str:
    """Return where a place starts, as editors and terminals link it: `model.py:41:16`, `nb.ipynb:cell 4:2:5`."""
    return in_one_line(f"{place.label()}:{place.column}")


def in_cell(place: Place) -> str:
    """Say in which line of which cell a place is; for hosts that show a line of JSON, which nobody ever looks at."""
    return "" if place.cell is None else f"cell {place.cell}, line {place.line}: "


def in_one_line(text: str) -> str:
    """Return a line of code, or text with names of files, without the characters that a terminal would obey."""
    return text.translate(_PICTURES)


def unresolved_lines(report: Report) -> list[str]:
    """Return one line for each loss call that could not be decided."""
    return [f"{position(call.place)}: {call.loss}: {call.reason}" for call in report.unresolved]


def summary(report: Report) -> str:
    """Say in one line what the silence about the other loss calls means."""
    calls = report.loss_calls
    total = calls.right + calls.reported + calls.set_aside + calls.unresolved
    if not total:
        # What is said of a comment has no way that leads to a loss.
        leads_elsewhere = any(finding.trace for finding in report.findings)
        return "the loss calls are in other files" if leads_elsewhere else "no loss call in these files"
    set_aside = f"{calls.set_aside} set aside, " if calls.set_aside else ""
    return (
        f"{total} loss {'call' if total == 1 else 'calls'}: "
        f"{calls.right} right, {calls.reported} reported, {set_aside}{calls.unresolved} unresolved"
    )


def error_line(error: FileError) -> str:
    """Say in one line what could not be analysed, and why."""
    return in_one_line(f"{error.path}:{error.line}: {error.message}")


def to_statistics(report: Report) -> str:
    """Count the findings of each rule, most frequent first."""
    counted = Counter((finding.code, finding.name) for finding in report.findings)
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:<7} {code} {name}\n" for (code, name), count in rows)
