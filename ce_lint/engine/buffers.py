"""The texts that an editor holds open, and which of them can be analysed."""

from __future__ import annotations

from collections.abc import Callable, Set
from pathlib import Path

from ce_lint.findings import FileError
from ce_lint.frontend.guard import refusal, syntax_error
from ce_lint.program.loading import Module
from ce_lint.source.file import SourceError, SourceFile, source_from_text
from ce_lint.source.paths import display_path


class Buffers:
    """Open texts by their paths."""

    def __init__(self) -> None:
        self._open: dict[Path, SourceFile] = {}
        self._refused: dict[Path, SourceError] = {}
        """Why an open text is no source at all."""
        self._behind: dict[Path, FileError] = {}
        """Why an older text of a file is analysed instead of the open one."""

    def lay(self, path: Path, text: str | None) -> None:
        """Take note of a document's text; None where it was closed."""
        self._refused.pop(path, None)
        if text is None:
            self._open.pop(path, None)
            self._behind.pop(path, None)
            return
        try:
            self._open[path] = source_from_text(path, text)
        except SourceError as error:
            self._open[path] = SourceFile(path, "")
            self._refused[path] = error

    def lay_source(self, path: Path, source: SourceFile) -> None:
        """Take note of a document that is held in another form."""
        self._refused.pop(path, None)
        self._open[path] = source

    def paths(self) -> Set[Path]:
        """The files that are open."""
        return self._open.keys()

    def usable(self, path: Path, module: Module | None) -> SourceFile | None:
        """Return what to lay over a file that is analysed as a module so far, or as none; None for nothing.

        Where the open text cannot be parsed, that is the module's: nothing is lost while a line is half-typed.
        """
        self._behind.pop(path, None)
        text = self._open.get(path)
        if text is None or module is None:
            return text
        error = None if path in self._refused else _error(text, module)
        if error is not None:
            self._behind[path] = error
        return module.source if path in self._refused or error is not None else text

    def errors(self, is_told: Callable[[Path], bool]) -> set[FileError]:
        """What is wrong with open texts: of those that are not analysed at all, and of others that are told of."""
        refused, behind = dict(self._refused), dict(self._behind)  # another thread may lay a text meanwhile
        return {
            *(FileError(display_path(path), error.line or 1, error.reason) for path, error in refused.items()),
            *(error for path, error in behind.items() if is_told(path)),
        }


def _error(text: SourceFile, module: Module) -> FileError | None:
    """Why a text cannot be parsed; None where it can, and for a notebook, of which only the broken cells are lost."""
    if text.cells or module.source.cells:
        return None
    found = refusal(text.text) or syntax_error(text.text)
    return None if found is None else FileError(display_path(text.path), found[0] or 1, found[1])
