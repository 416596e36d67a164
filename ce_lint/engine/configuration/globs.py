"""Patterns of file and folder names, as users write them in `exclude` and `per-file-ignores`.

A pattern without `/` names files and folders at any depth; one with `/` is a path from the folder of its anchor. `*`
and `?` match any characters, `/` among them, `**/` matches any number of folders, none too, and `[ab]`, `[!ab]` one of
some characters. Whoever names a folder means everything in it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

_PIECE = r"(\*\*/|\*+|\?|\[!?\]?[^\]]*\])"


def anchored(folder: Path, pattern: str) -> str:
    """Return a pattern that means the same wherever it is read.

    Raise ValueError, with the reason, for one that names nothing.
    """
    pattern = pattern.rstrip("/")
    if pattern in ("", ".", ".."):
        raise ValueError("it names no file or folder")
    if pattern.startswith("!"):
        # For want of this line it would name a file whose name starts so, and in silence leave out none.
        raise ValueError("! is understood at the start of a pattern of per-file-ignores only, and once")
    try:
        re.compile(_expression(pattern))
    except re.error as error:
        raise ValueError(str(error)) from error
    if Path(pattern).is_absolute():
        return pattern
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    while pattern.startswith(("./", "../")):
        if pattern.startswith("../"):
            folder = folder.parent
        pattern = pattern.partition("/")[2]
    # Imported here, because most projects leave nothing out.
    import glob

    # What stands between brackets in the name of a folder is no choice of characters.
    return f"{glob.escape(folder.as_posix()).rstrip('/')}/{pattern}"


class Globs:
    """Anchored patterns, as one question."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile patterns that `anchored` returned."""
        self._patterns = tuple(patterns)
        self._compiled = _compiled(self._patterns) if self._patterns else None

    def cover(self, path: str) -> bool:
        """Tell whether an absolute path, with `/`, or a folder above it is named."""
        return self._compiled is not None and self._compiled.fullmatch(path) is not None

    def without_those_that_cover(self, path: str) -> Globs:
        """Return the patterns that do not name this path or a folder above it."""
        return Globs(one for one in self._patterns if not Globs((one,)).cover(path)) if self.cover(path) else self


def negatable(folder: Path, pattern: str) -> str:
    """Return what `anchored` does, for a pattern that may start with `!`, which then names every other file."""
    return f"!{anchored(folder, pattern[1:])}" if pattern.startswith("!") else anchored(folder, pattern)


def covers(pattern: str, path: str) -> bool:
    """Tell whether a pattern that `negatable` returned names a path or a folder above it."""
    if pattern.startswith("!"):
        return not Globs((pattern[1:],)).cover(path)
    return Globs((pattern,)).cover(path)


@functools.lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?s:{'|'.join(map(_expression, patterns))})(?:/(?s:.*))?")


def _expression(pattern: str) -> str:
    return "".join(map(_translated, re.split(_PIECE, pattern)))


def _translated(token: str) -> str:
    if token == "**/":  # noqa: S105 - a piece of a pattern
        return "(?:.*/)?"
    if token.startswith("*"):
        return ".*"
    if token == "?":  # noqa: S105
        return "."
    if len(token) > 2 and token.startswith("[") and token.endswith("]"):
        inside = re.sub(r"([\\^\[&~|])", r"\\\1", token[1:-1]).replace("--", r"-\-")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(token)
