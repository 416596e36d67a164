"""Changes as a patch that `git apply` and `patch -p1` take, byte for byte."""

from __future__ import annotations

import difflib
import os.path
from collections.abc import Iterator, Sequence
from pathlib import Path

from ce_lint.fixes.rounds import Change
from ce_lint.source.paths import relative_path


def patch(changes: Sequence[Change]) -> bytes:
    """Return a unified diff over some files, which applies in `folder_of` them."""
    folder = folder_of(changes)
    return b"".join(line for change in changes for line in _lines(change, relative_path(str(change.path), folder)))


def folder_of(changes: Sequence[Change]) -> Path:
    """The folder in which a patch applies: the current one, or one around it that holds all of the files."""
    folders = [Path.cwd(), *(change.path.parent for change in changes)]
    return Path(os.path.commonpath(folders))


def _lines(change: Change, path: str) -> Iterator[bytes]:
    name = path.encode("utf-8", "surrogateescape")
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
