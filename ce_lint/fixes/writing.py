"""Changed files → the disk: all files of a group or none, and none that somebody else has changed meanwhile."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from ce_lint.fixes.rounds import Change, Group
from ce_lint.source.paths import display_path


class LeftAloneError(Exception):
    """A file that is not written, and why, in one line."""


def write(group: Group) -> None:
    """Write the files of a group, each whole; raise LeftAloneError, with nothing written."""
    with ExitStack() as stack:
        # All of them find room on the disk before the first is replaced.
        beside = {change.path: stack.enter_context(_beside(change)) for change in group.changes}
        for change in group.changes:
            if _read(change.path) != change.before:
                raise LeftAloneError(f"{display_path(change.path)}: changed on disk meanwhile: left alone")
        written: list[Change] = []
        try:
            for change in group.changes:
                beside[change.path].replace(_target(change.path))
                written.append(change)
        except OSError as error:
            for one in written:
                with contextlib.suppress(OSError):  # what went wrong first is said
                    _target(one.path).write_bytes(one.before)
            raise LeftAloneError(_refused(change.path, error)) from error


@contextlib.contextmanager
def _beside(change: Change) -> Iterator[Path]:
    """A file with the new text, in the folder of the one that it is to replace, and with its permissions."""
    target = _target(change.path)
    path = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if not os.access(target, os.W_OK):
            raise PermissionError(None, "permission denied")
        path.write_bytes(change.after)
        shutil.copymode(target, path)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise LeftAloneError(_refused(change.path, error)) from error
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _target(path: Path) -> Path:
    # A link keeps pointing where it does.
    return Path(os.path.realpath(path))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _refused(path: Path, error: OSError) -> str:
    reason = (error.strerror or type(error).__name__).lower()
    return f"{display_path(path)}: cannot be written: {reason}"
