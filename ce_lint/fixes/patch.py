"""Changes as a patch that `git apply` and `patch -p1` take, byte for byte."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from ce_lint.fixes.rounds import Change
from ce_lint.source.paths import display_path


def patch(changes: Iterable[Change]) -> bytes:
    """Return a unified diff over some files."""
    return b"".join(line for change in changes for line in _lines(change))


def _lines(change: Change) -> Iterator[bytes]:
    name = display_path(change.path).encode("utf-8", "surrogateescape")
    if b" " in name:
        name += b"\t"  # shows where a name with spaces ends
    # Only LF ends a line of a patch; what else ends one of the file is kept as it is.
    before, after = (data.split(b"\n") for data in (change.before, change.after))
    for lines in (before, after):
        lines[:-1] = [line + b"\n" for line in lines[:-1]]
        if not lines[-1]:
            lines.pop()
    for line in difflib.diff_bytes(difflib.unified_diff, before, after, b"a/" + name, b"b/" + name):
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
