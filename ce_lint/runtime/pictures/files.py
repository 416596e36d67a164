"""Pictures in files: whole, or not at all."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint.runtime.pictures.style import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")
_DOTS_PER_INCH = 150


def picture_file(file: str | Path) -> Path:
    """A file name as a path to save a picture at, checked before anything is drawn.

    Errors: ValueError for another suffix than .png and .svg; OSError where the folder does not exist.
    """
    path = Path(file)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: a picture is saved as .png or .svg")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: cannot be written: there is no folder {path.parent}")
    return path


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG or SVG, by the suffix; the same figure gives the same SVG, byte for byte.

    Errors: OSError in one line; what stood at the path before is still there then.
    """
    kind = path.suffix.lower().removeprefix(".")
    picture = io.BytesIO()
    with style():
        # An SVG holds the date unless told not to; a PNG does not.
        figure.savefig(picture, format=kind, dpi=_DOTS_PER_INCH, metadata={"Date": None} if kind == "svg" else None)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(picture.getvalue())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise type(error)(f"{path}: cannot be written: {error.strerror}") from error
