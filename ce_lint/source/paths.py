"""How the path of a file is shown to users."""

from __future__ import annotations

import os
from pathlib import Path


def display_path(path: Path) -> str:
    """Return a path as users see it: relative to the current folder where it lies below it, with `/`."""
    absolute = Path(os.path.abspath(path))
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return absolute.as_posix()
