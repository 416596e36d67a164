"""Reading a file as source, from the disk, from bytes, or from text that somebody else holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ce_lint.source.decode import decode_python, decode_utf_8
from ce_lint.source.records import Cell, SourceError, SourceFile, SourceProblem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Cell",
    "SourceError",
    "SourceFile",
    "SourceProblem",
    "read_source",
    "source_from_bytes",
    "source_from_text",
]

MAX_BYTES = 10_000_000


def read_source(path: Path) -> SourceFile:
    """Read a Python file or, by its suffix, a notebook."""
    return source_from_bytes(path, read_bytes(path))


def read_text(path: Path) -> str:
    """Read a file as the text that it is on disk: for a notebook, its JSON."""
    return _decode(path, read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Read a file, up to one byte more than may be in it; raise SourceError."""
    try:
        with path.open("rb") as stream:
            # One byte more tells a file that is too large without reading all of it.
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SourceError(path, f"cannot be read: {reason}") from error
    except ValueError as error:
        # A path that no file can have, such as one with a null byte.
        raise SourceError(path, f"cannot be read: {error}") from error


def source_from_bytes(path: Path, data: bytes) -> SourceFile:
    """Make a source of the bytes of a file on disk."""
    if len(data) > MAX_BYTES:
        raise SourceError(path, f"larger than {MAX_BYTES // 1_000_000} MB")
    text = _decode(path, data)
    if not is_notebook_path(path):
        return SourceFile(path, text)
    # Imported here, because most runs see no notebook.
    from ce_lint.source.notebook import notebook_source

    return notebook_source(path, text)


def _decode(path: Path, data: bytes) -> str:
    return decode_utf_8(path, data) if is_notebook_path(path) else decode_python(path, data)


def source_from_text(path: Path, text: str) -> SourceFile:
    """Make a source of text from standard input, an editor buffer, or flake8's lines.

    Such text can be a notebook under any name, and the path of a notebook can come with Python (nbQA, VS Code).
    """
    text = text.removeprefix("\ufeff")
    is_object = text.lstrip().startswith("{")
    if not is_object and not is_notebook_path(path):
        return SourceFile(path, text)
    from ce_lint.source.magics import parse_problem, python_of_cell
    from ce_lint.source.notebook import looks_like_notebook, notebook_source

    if not is_notebook_path(path):
        return notebook_source(path, text) if looks_like_notebook(text) else SourceFile(path, text)
    if is_object:
        return notebook_source(path, text)
    # Python that parses holds no magic, and must reach the analysis untouched.
    return SourceFile(path, text if parse_problem(text) is None else python_of_cell(text))


def is_notebook_path(path: Path) -> bool:
    """Tell a notebook by its suffix."""
    return path.suffix.lower() == ".ipynb"
