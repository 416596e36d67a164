"""Text as bytes, whatever names of files are in it."""

from __future__ import annotations


def in_utf_8(text: str) -> bytes:
    """Encode text, in which the name of a file that is not in UTF-8 keeps its bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Windows has names with half a surrogate pair, which stands for no bytes.
        return text.encode("utf-8", "backslashreplace")
