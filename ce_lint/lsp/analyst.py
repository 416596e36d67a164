"""What is done in a project's own thread: texts are laid over the disk, and reports become answers."""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.engine.results import Cancelled, Evidence, never
from ce_lint.engine.workspace import Workspace
from ce_lint.findings import Finding, Place, Report, Unresolved
from ce_lint.lsp.addresses import path_of
from ce_lint.lsp.diagnostics import Answer, Showing, ends_by_uri
from ce_lint.lsp.disk import Disk
from ce_lint.lsp.documents import OpenFile, Part, Text
from ce_lint.lsp.edits import Edited, text_after
from ce_lint.lsp.fixing import Fixing, NewPlanner
from ce_lint.lsp.sheets import Sheets
from ce_lint.source.lines import split_lines
from ce_lint.source.magics import parse_problem, python_of_cell
from ce_lint.source.notebook import source_of_cells

_NOTEBOOKS = (".ipynb",)
"""What such a document holds, JSON or the Python of its cells, is not what is analysed."""


class Laid(NamedTuple):
    """A file that is open as it is now, or is no longer."""

    path: Path
    file: OpenFile | None


class Touched(NamedTuple):
    """Files that were made, changed or removed on disk."""

    paths: tuple[Path, ...]


class Unwatched(NamedTuple):
    """A moment at which files may have changed on disk, told by a client that watches none."""


class Reconfigured(NamedTuple):
    """What the user asks for from now on."""

    settings: Settings
    showing: Showing


Change: TypeAlias = "Laid | Touched | Unwatched | Reconfigured"


class Reading(NamedTuple):
    """An open file as it is analysed, and those of its texts that are older than what the client has."""

    file: OpenFile
    stale: frozenset[str]


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom an analyst tells, in the analyst's thread."""

    answered: Callable[[Answer], None]
    failed: Callable[[int, str], None]
    """No answer, and why; "" where somebody else has to be told, because it is no fault of the user."""


class Analyst:
    """One project with its open files."""

    def __init__(
        self, root: Path, settings: Settings, showing: Showing, new_planner: NewPlanner, tell: Telling
    ) -> None:
        """Take the project's folder; nothing is read yet."""
        self._workspace = Workspace(root, settings)
        self.showing = showing
        self._new_planner = new_planner
        self._tell = tell
        self._disk = Disk(root, settings)
        self._open: dict[Path, OpenFile] = {}
        self._good: dict[str, Text] = {}
        """The last text of each cell that could be parsed."""
        self._spelled: dict[Path, str] = {}
        self._on_disk: dict[Path, Sequence[str]] = {}
        """The lines of files, as long as none is said to have changed."""
        self._read: tuple[Reading, ...] = ()
        self._cancelled: Callable[[], bool] = never
        """Whether something has changed since the last answer was found."""
        self._has_tried = False
        """Whether something was tried since then."""
        self._is_known = False
        self.answer = Answer()
        self.fixing = self._new_fixing()
        self.sheets = self._new_sheets()

    def take(self, changes: Mapping[Hashable, Change]) -> None:
        """Take note of changes."""
        for change in changes.values():
            match change:
                case Laid(path, file):
                    self._lay(path, file)
                case Touched(paths):
                    self._touch(paths)
                case Unwatched():
                    self._touch(self._disk.changed())
                case Reconfigured(settings, showing):
                    self._workspace.configure(settings)
                    self._disk = Disk(self._disk.root, settings)
                    self.showing = showing

    def run(self, generation: int, cancelled: Callable[[], bool]) -> None:
        """Analyse the project as it is now."""
        self._cancelled = cancelled
        self._tell_of(generation, self._workspace.report(cancelled))

    def rest(self, generation: int, cancelled: Callable[[], bool]) -> None:
        """Analyse it anew where the order in which it was edited can matter."""
        self._cancelled = cancelled
        if not self._workspace.is_settled:
            self._tell_of(generation, self._workspace.settled_report(cancelled))

    def _tell_of(self, generation: int, report: Report) -> None:
        self._has_tried = False
        self._read = tuple(self._reading(file) for file in self._open.values())
        self.sheets = self._new_sheets()
        self.answer = Answer(
            generation=generation,
            report=report,
            ends=ends_by_uri(report, self.sheets, self.showing),
            versions={part.text.uri: part.text.version for one in self._read for part in one.file.parts},
            stale=frozenset(uri for one in self._read for uri in one.stale),
        )
        self.fixing = self._new_fixing()
        self._tell.answered(self.answer)
        if not self._is_known:
            self._is_known = True
            # What a project is made of stays: to look through it again and again would hold up keystrokes.
            gc.collect()
            gc.freeze()

    def fail(self, generation: int, error: Exception) -> None:
        """Tell why there is no answer; the last one stays."""
        reason = str(error) if isinstance(error, UsageError) else ""
        self.answer = replace(self.answer, generation=generation)
        self._tell.failed(generation, reason or f"internal error: {type(error).__name__}: {error}")

    def evidence(self, finding: Finding) -> Evidence | None:
        """What a finding of the last answer was made of; raise Cancelled."""
        self._return()
        return self._workspace.evidence(finding)

    def _tried(self, changes: Sequence[Edited]) -> Report:
        """What the report would be after some changes."""
        texts: defaultdict[Path, dict[int | None, str]] = defaultdict(dict)
        for change in changes:
            texts[change.sheet.path][change.sheet.cell] = text_after(change, self.showing.client)
        self._has_tried = True
        try:
            for path, of_one in texts.items():
                self._try(path, of_one)
            return self._workspace.report(self._cancelled)
        finally:
            for path in texts:
                self._lay(path, self._open.get(path))

    def _try(self, path: Path, texts: Mapping[int | None, str]) -> None:
        file = self._open.get(path)
        if file is not None and file.is_notebook:
            cells = ((cell, texts.get(cell, text)) for cell, text in _cells(file))
            self._workspace.lay_source(path, source_of_cells(path, cells))
        else:
            (text,) = texts.values()
            self._workspace.lay(path, text)

    def _return(self) -> None:
        """Let the workspace know again what it knew before something was tried."""
        if self._has_tried:
            self._workspace.report(self._cancelled)
            self._has_tried = False

    def is_stale(self, paths: Iterable[str]) -> bool:
        """Tell whether one of some files is open in a version that cannot be parsed, and so was not analysed."""
        stale = {one.file.path for one in self._read if one.stale}
        return any(Path(os.path.abspath(path)) in stale for path in paths)

    def right_calls(self, uri: str) -> tuple[tuple[Place, str], ...]:
        """Return the loss calls of a file, or of the notebook of a cell, that are right, each with its loss's name."""
        path = self._path(uri)
        return () if path is None else self._workspace.right_calls(path)

    def undecided_calls(self, uri: str) -> tuple[Unresolved, ...]:
        """Return the loss calls of a file, or of the notebook of a cell, that could not be decided."""
        path = self._path(uri)
        return () if path is None else self._workspace.undecided_calls(path)

    def _path(self, uri: str) -> Path | None:
        """The file, or the notebook of a cell, as it is without what is tried out."""
        self._return()
        return next((one.path for one in self._open.values() if uri in _uris(one)), None) or path_of(uri)

    def _go_on(self) -> None:
        if self._cancelled():
            raise Cancelled

    def _new_fixing(self) -> Fixing:
        return Fixing(self._new_planner(self._go_on), self.answer.report, self.evidence, self._tried)

    def _new_sheets(self) -> Sheets:
        laid = {one.file.path: one.file for one in self._read}
        return Sheets(laid, dict(self._spelled).get, self.showing.client.encoding, self._on_disk)

    def _touch(self, paths: Sequence[Path]) -> None:
        if paths:
            self._on_disk.clear()
            self._workspace.touch(paths)

    def _lay(self, path: Path, file: OpenFile | None) -> None:
        before = self._open.pop(path, None)
        if file is None:
            for uri in () if before is None else _uris(before):
                self._good.pop(uri, None)
            self._workspace.lay(path, None)
            return
        self._spelled[path] = file.uri
        self._open[path] = file
        if file.is_notebook:
            self._good.update((part.text.uri, part.text) for part in file.parts if not _is_broken(part.text))
            self._workspace.lay_source(path, source_of_cells(path, _cells(self._reading(file).file)))
        else:
            self._workspace.lay(path, file.parts[0].text.text)

    def _reading(self, file: OpenFile) -> Reading:
        """What is analysed of an open file: of a text that cannot be parsed, the last that could be."""
        if file.is_notebook:
            parts = [Part(cell, self._good.get(text.uri, text)) for cell, text in file.parts]
        elif file.path.suffix in _NOTEBOOKS:
            parts = list(file.parts)
        else:
            # Of a document, the engine keeps the last good text itself.
            source = self._workspace.source(file.path)
            ((cell, text),) = file.parts
            is_read = source is None or source.text == text.text.removeprefix("\ufeff")
            parts = [Part(cell, text if is_read or source is None else _with_text(text, source.text))]
        stale = {old.text.uri for old, new in zip(file.parts, parts, strict=True) if old != new}
        return Reading(replace(file, parts=tuple(parts)), frozenset(stale))


def _cells(file: OpenFile) -> Iterator[tuple[int, str]]:
    return ((part.cell, part.text.text) for part in file.parts if part.cell is not None)


def _with_text(text: Text, lines: str) -> Text:
    return replace(text, lines=tuple(split_lines(lines)))


def _is_broken(text: Text) -> bool:
    """Tell whether a cell cannot be parsed."""
    plain = text.text
    return parse_problem(plain) is not None and parse_problem(python_of_cell(plain)) is not None


def _uris(file: OpenFile) -> set[str]:
    return {file.uri, *(part.text.uri for part in file.parts)}
