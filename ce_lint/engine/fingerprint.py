"""What a flow is recognised by when the lines of its files have moved: no line, no column, no cell."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ce_lint.engine.discovery import project_root
from ce_lint.findings import Place
from ce_lint.ir.kinds import Site
from ce_lint.source.lines import split_lines
from ce_lint.source.paths import relative_path

if TYPE_CHECKING:
    from ce_lint.source.records import SourceFile

_WITHOUT_MEANING = frozenset({"ctx", "kind"})
"""Fields of Python's syntax tree that say how an expression is used, or spelt."""


class End(NamedTuple):
    """One end of a flow: a node of the IR, where it stands, and the function around it."""

    site: Site
    place: Place
    caller: str
    """The function's qualified name; "" for a module's body."""


def fingerprint(parts: Iterable[str]) -> str:
    """Return 32 hexadecimal digits that stand for some words in their order."""
    # Imported here, because it loads a library that a run without a finding does not need.
    import hashlib

    joined = "\0".join(parts)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def normal_form(code: str) -> str:
    """Return an expression without what a formatter may change: spaces, line ends, quotes, commas, comments.

    It is the same in every Python that ce-lint runs on. What is no expression keeps its words.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Between brackets, as an expression over several lines is.
            return _form(ast.parse(f"({code}\n)", mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return " ".join(code.split())


class Fingerprints:
    """Fingerprints of what was found in some files; each is looked into once.

    The root that a run follows values in differs from one front-end to another: paths are told from the project of
    the sink's own file, so that the current folder and the way of asking change nothing.
    """

    def __init__(self, source_of: Callable[[Path], SourceFile | None]) -> None:
        self._source_of = source_of
        self._lines: dict[str, list[str]] = {}
        self._roots: dict[Path, Path] = {}

    def of(self, code: str, loss: str, sink: End, source: End | None = None) -> str:
        """Return what a finding is recognised by; equal flows of one function are not told apart."""
        root = self._root(Path(sink.site.path).parent)
        ends = (sink,) if source is None else (source, sink)
        return fingerprint((code, loss, *(part for end in ends for part in self._parts(end, root))))

    def _parts(self, end: End, root: Path) -> tuple[str, str, str]:
        return relative_path(end.site.path, root), end.caller, normal_form(self._code(end))

    def _root(self, folder: Path) -> Path:
        if folder not in self._roots:
            self._roots[folder] = project_root(folder)
        return self._roots[folder]

    def _code(self, end: End) -> str:
        """The text of a place as it is written, line ends and all."""
        source = self._source_of(Path(end.site.path))
        if source is None:
            return end.place.text
        if end.site.path not in self._lines:
            self._lines[end.site.path] = split_lines(source.text)
        place = end.place
        first, last = (source.text_line(place.cell, line) for line in (place.line, place.end_line))
        lines = self._lines[end.site.path][first - 1 : last]
        if not lines:
            return place.text
        lines[-1] = lines[-1][: place.end_column - 1]
        lines[0] = lines[0][place.column - 1 :]
        return "".join(lines)


def _form(value: object) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_form, value))}]"
    if not isinstance(value, ast.AST):
        return repr(value)
    # Which empty parts a node has differs from one Python to the next.
    if isinstance(value, ast.JoinedStr):
        return f"JoinedStr({','.join(map(_form, filter(_is_filled, value.values)))})"
    fields = (
        f"{name}={_form(one)}"
        for name, one in ast.iter_fields(value)
        if one not in (None, []) and name not in _WITHOUT_MEANING
    )
    return f"{type(value).__name__}({','.join(fields)})"


def _is_filled(part: ast.expr) -> bool:
    return not (isinstance(part, ast.Constant) and part.value == "")
