"""The folder of the cache: how it is marked, whether it is ours, and how it is removed."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import NamedTuple

FOLDER = ".ce_lint_cache"
"""The name of the folder in a project's root."""
DATABASE = "entries-1.db"
"""The number is that of the format: versions of ce-lint that write another one use another file beside it."""

_TAG = "CACHEDIR.TAG"
_IGNORE = ".gitignore"
_MARKS = {
    # In this order: the tag says that all is there.
    _IGNORE: b"# Written by ce-lint.\n*\n",
    # Backup programs skip a folder with such a file: https://bford.info/cachedir/
    _TAG: b"Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of ce-lint, and can be deleted.\n",
}
_DATABASE_FILE = r"entries-\d+\.db(-journal|-wal|-shm)?"


class NotOursError(Exception):
    """A folder that ce-lint did not make."""


class Cleared(NamedTuple):
    """What a removal came to."""

    freed: int = 0
    """Bytes of the files that were removed."""
    left: tuple[str, ...] = ()
    """What could not be removed, and why, a line each."""


def is_ours(folder: Path) -> bool:
    """Tell whether a folder bears the tag of ce-lint."""
    try:
        return (folder / _TAG).read_bytes() == _MARKS[_TAG]
    except OSError:
        return False


def objection(folder: Path) -> str:
    """Return why a folder cannot be the cache's; nothing where it can, or does not exist.

    What holds files of others is not to be hidden from git and from backups by the marks of a cache. A link would let
    whoever made it choose what is written to.
    """
    if (folder / DATABASE).is_symlink():
        return f"{folder / DATABASE}: is a link"
    if is_ours(folder):
        return ""
    try:
        others = [name for name in _names(folder) if name not in _MARKS and not re.fullmatch(_DATABASE_FILE, name)]
        # Another process may be making the folder at this moment: it is ours as far as it goes.
        foreign = others[:1] or [name for name in _MARKS if not _is_beginning(folder / name, _MARKS[name])]
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{folder}: {reason_of(error)}"
    return f"{folder}: is no cache of ce-lint, and holds other files ({foreign[0]})" if foreign else ""


def claim(folder: Path) -> None:
    """Make the folder with its marks, where they are not there yet; raises OSError."""
    if is_ours(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _MARKS.items():
        # Written in place, and the same by all: it does not matter who is first.
        (folder / name).write_bytes(text)


def database_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of the database that exist, of all formats; those first that mean nothing without the others."""
    with contextlib.suppress(OSError):
        names = [name for name in _names(folder) if re.fullmatch(_DATABASE_FILE, name)]
        return tuple(folder / name for name in sorted(names, reverse=True))
    return ()


def size_of(folder: Path) -> int:
    """Return how many bytes the files of the database take."""
    return sum(map(_size, database_files(folder)))


def clear(folder: Path) -> Cleared:
    """Remove what ce-lint wrote, and the folder if it is empty then; raises NotOursError before anything is removed."""
    if not os.path.lexists(folder):
        return Cleared()
    if not is_ours(folder):
        raise NotOursError(f"{folder}: nothing was removed: it has no {_TAG} of ce-lint")
    freed = 0
    left: list[str] = []
    marks = [folder / name for name in _MARKS if _is_beginning(folder / name, _MARKS[name])]
    # The tag goes last: what is left by an interrupted removal can still be removed.
    for file in (*database_files(folder), *marks):
        if left and file.name == _TAG:
            break
        size = _size(file)
        try:
            file.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            left.append(f"{file}: cannot be removed: {reason_of(error)}")
        else:
            freed += size
    # It may hold what others put there, or be a link.
    with contextlib.suppress(OSError):
        folder.rmdir()
    return Cleared(freed, tuple(left))


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def _is_beginning(file: Path, text: bytes) -> bool:
    """Tell whether a file is missing, or holds this text as far as it goes; no link does."""
    try:
        return not file.is_symlink() and text.startswith(file.read_bytes())
    except FileNotFoundError:
        return True


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0


def reason_of(error: OSError) -> str:
    """Return what is wrong, without the file."""
    return (error.strerror or type(error).__name__).lower()
