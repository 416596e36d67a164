"""How the path of a file is shown to users, and told from a folder."""

from __future__ import annotations

import os
from pathlib import Path, PurePath


def display_path(path: Path) -> str:
    """Return a path as users see it: relative to the current folder where it lies below it, with `/`."""
    absolute, current = os.path.abspath(path), os.getcwd()  # noqa: PTH109 - no path is made
    if os.sep == "/":  # where paths are compared letter by letter, texts tell it in a twentieth of the time
        return "." if absolute == current else absolute.removeprefix(os.path.join(current, ""))
    try:
        return Path(absolute).relative_to(current).as_posix()
    except ValueError:
        return Path(absolute).as_posix()


def relative_path(path: str, folder: str | Path) -> str:
    """Return a path as it is told from a folder, with `/`; on another drive of Windows it stays whole."""
    try:
        return PurePath(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return PurePath(path).as_posix()
