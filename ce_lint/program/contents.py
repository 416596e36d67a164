"""What a file holds, on the disk or laid over it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from ce_lint.source.records import SourceFile


class Content(NamedTuple):
    """What a file holds."""

    data: bytes
    laid: SourceFile | None = None
    """Where an unsaved text lies over it: that."""
    reason: str = ""
    """Why it cannot be read."""


def read_content(path: Path, laid: SourceFile | None) -> Content:
    """Return what a file holds, or the text that lies over it."""
    if laid is not None:
        return Content(laid.text.encode("utf-8", "surrogatepass"), laid)
    try:
        return Content(path.read_bytes())
    except OSError as error:
        return Content(b"", None, f"cannot be read: {os.strerror(error.errno or 0).lower()}")
