"""What a run wants to know of the files that it need not analyse."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol

from ce_lint.engine.markers import can_matter_bytes, holding
from ce_lint.findings import FileError, Finding
from ce_lint.program.contents import Content, read_content
from ce_lint.source.file import SourceError, SourceFile, source_from_bytes
from ce_lint.source.paths import display_path


class Contents(Protocol):
    """Who holds what files hold."""

    def content(self, path: Path) -> Content:
        """What a file holds."""


class Unkept:
    """Contents that are read each time: a run that looks at a file once keeps nothing of it."""

    def __init__(self, overlay: Mapping[Path, SourceFile]) -> None:
        self._overlay = overlay

    def content(self, path: Path) -> Content:
        """What a file holds."""
        return read_content(path, self._overlay.get(path))


class FileFacts:
    """What is known of single files, found once for each content of theirs."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._known: dict[Path, _Facts] = {}

    def can_matter(self, path: Path) -> bool:
        """Tell whether a file may hold an end of a flow: where none does, as in most commits, no project is read."""
        return self._of(path).can_matter

    def has_activation(self, path: Path) -> bool:
        """Tell whether a file names an activation."""
        return self._of(path).has_activation

    def may_be_too_long(self, path: Path) -> bool:
        """Tell whether a file may have too many lines, which nobody else says of one that is Python."""
        return self._of(path).may_be_too_long

    def error(self, path: Path) -> FileError | None:
        """Return what is wrong with a file in which nothing had to be followed."""
        return self._of(path).error

    def unused(self, path: Path) -> list[tuple[Finding, bool]]:
        """Return the unused suppressions of such a file; of one that cannot be read nothing: that is said elsewhere."""
        return self._of(path).unused

    def _of(self, path: Path) -> _Facts:
        content = self._contents.content(path)
        known = self._known.get(path)
        if known is None or known.content is not content:
            known = self._known[path] = _Facts(path, content)
        return known


class _Facts:
    """What is known of one content of a file."""

    def __init__(self, path: Path, content: Content) -> None:
        self.content = content
        self._path = path

    @cached_property
    def can_matter(self) -> bool:
        # What is wrong with a file that cannot be read has to be said.
        return bool(self.content.reason) or can_matter_bytes(self.content.data)

    @cached_property
    def has_activation(self) -> bool:
        # Whoever names an activation can matter: knowledge is read only where one may be named.
        return self.can_matter and _may_name_activation()(self.content.data)

    @cached_property
    def may_be_too_long(self) -> bool:
        from ce_lint.frontend.guard import MAX_LINES

        # A notebook can hold more lines than its bytes show; of a line that ends with CR LF both are counted.
        data = self.content.data
        return self._path.suffix != ".py" or data.count(b"\n") + data.count(b"\r") > MAX_LINES

    @cached_property
    def error(self) -> FileError | None:
        try:
            return error_in(self._source())
        except SourceError as error:
            return FileError(display_path(self._path), error.line or 1, error.reason)

    @cached_property
    def unused(self) -> list[tuple[Finding, bool]]:
        from ce_lint.engine.unused import unused_in

        try:
            return [] if self.content.reason else unused_in(self._source())
        except SourceError:
            return []

    def _source(self) -> SourceFile:
        return self.content.laid or source_from_bytes(self._path, self.content.data)


def error_in(source: SourceFile) -> FileError | None:
    """Return what is wrong with a text in which nothing had to be followed."""
    from ce_lint.frontend.guard import refusal, syntax_error

    found = refusal(source.text) or syntax_error(source.text)
    return None if found is None else FileError(display_path(source.path), found[0] or 1, found[1])


@functools.cache
def _may_name_activation() -> Callable[[bytes], bool]:
    from ce_lint.knowledge.loader import load

    return holding(load().activation_words())
