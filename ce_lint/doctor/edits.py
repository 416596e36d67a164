"""What a text is after a change, so that a change can be tried before it is told."""

from __future__ import annotations

from ce_lint.doctor.records import Act, Remedy


def changed(text: str, remedy: Remedy) -> str:
    """Return a text with the lines of a remedy in it."""
    if remedy.act is Act.ADD_AT_END or remedy.line is None:
        return f"{text.rstrip()}\n{remedy.text}\n".lstrip("\n")
    lines = text.split("\n")
    kept = remedy.line if remedy.act is Act.ADD_BELOW else remedy.line - 1
    added = [] if remedy.act is Act.REMOVE else [remedy.text]
    return "\n".join([*lines[:kept], *added, *lines[remedy.last_line or remedy.line :]])
