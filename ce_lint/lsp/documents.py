"""What the editor holds open: documents, and notebooks with their cells; each is a value, replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types

from ce_lint.lsp.positions import Encoding, Point, point_of
from ce_lint.source.lines import split_lines

_PYTHON = "python"

SYNC = types.NotebookDocumentSyncOptions(
    # With all its cells, Markdown too: we count them as the user sees them.
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")],
    save=True,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A document, or a cell of a notebook, at one version; its lines keep their ends."""

    uri: str
    version: int | None
    language: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text in one piece."""
        return "".join(self.lines)


def opened(item: types.TextDocumentItem) -> Text:
    """Return the text of a document that a client opens."""
    return Text(item.uri, item.version, item.language_id, tuple(split_lines(item.text)))


def edited(
    text: Text, changes: Iterable[types.TextDocumentContentChangeEvent], version: int, encoding: Encoding
) -> Text:
    """Return a text after a client's changes, each of which counts in the text that the one before it leaves."""
    lines = text.lines
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            lines = replaced(lines, change.range, change.text, encoding)
        else:
            lines = tuple(split_lines(change.text))
    return replace(text, lines=lines, version=version)


def replaced(lines: tuple[str, ...], where: types.Range, new: str, encoding: Encoding) -> tuple[str, ...]:
    """Return lines after a client has put a text in place of a range."""
    start, end = (point_of(lines, position, encoding) for position in (where.start, where.end))
    end = max(start, end)
    first, last = start.line - 1, end.line - 1
    middle = _before(lines, start) + new + _after(lines, end)
    # A CR and an LF that come to stand beside each other are one line end.
    if middle.startswith("\n") and first > 0:
        first -= 1
        middle = lines[first] + middle
    if not middle.endswith("\n") and last + 1 < len(lines):
        last += 1
        middle += lines[last]
    return (*lines[:first], *split_lines(middle), *lines[last + 1 :])


def _before(lines: tuple[str, ...], point: Point) -> str:
    return lines[point.line - 1][: point.column - 1] if point.line <= len(lines) else ""


def _after(lines: tuple[str, ...], point: Point) -> str:
    return lines[point.line - 1][point.column - 1 :] if point.line <= len(lines) else ""


class PythonCell(NamedTuple):
    """A cell whose code is followed, and its number among all cells."""

    number: int
    text: Text


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook at one version."""

    uri: str
    version: int
    cells: tuple[types.NotebookCell, ...]
    texts: Mapping[str, Text]
    """By the URI of the cell."""

    def python_cells(self) -> Iterator[PythonCell]:
        """Yield the cells whose code is followed."""
        for number, cell in enumerate(self.cells, start=1):
            text = self.texts.get(cell.document)
            if cell.kind is types.NotebookCellKind.Code and text is not None and text.language == _PYTHON:
                yield PythonCell(number, text)


def opened_notebook(params: types.DidOpenNotebookDocumentParams) -> Notebook:
    """Return a notebook that a client opens."""
    document = params.notebook_document
    texts = {item.uri: opened(item) for item in params.cell_text_documents}
    return Notebook(document.uri, document.version, tuple(document.cells), texts)


def changed_notebook(notebook: Notebook, params: types.DidChangeNotebookDocumentParams, encoding: Encoding) -> Notebook:
    """Return a notebook after a client's changes; what they say of cells that it does not have is passed over."""
    version, changes = params.notebook_document.version, params.change.cells
    if changes is None:
        return replace(notebook, version=version)
    cells, texts = list(notebook.cells), dict(notebook.texts)
    if changes.structure is not None:
        _restructure(cells, texts, changes.structure)
    renewed = {cell.document: cell for cell in changes.data or ()}
    for content in changes.text_content or ():
        text = texts.get(content.document.uri)
        if text is not None:
            texts[text.uri] = edited(text, content.changes, content.document.version, encoding)
    return Notebook(notebook.uri, version, tuple(renewed.get(cell.document, cell) for cell in cells), texts)


def _restructure(
    cells: list[types.NotebookCell], texts: dict[str, Text], structure: types.NotebookDocumentCellChangeStructure
) -> None:
    array = structure.array
    start = min(max(array.start, 0), len(cells))
    new: Sequence[types.NotebookCell] = array.cells or ()
    cells[start : start + max(array.delete_count, 0)] = new
    for closed in structure.did_close or ():
        texts.pop(closed.uri, None)
    # A cell that moves is closed and opened in one change.
    texts.update((item.uri, opened(item)) for item in structure.did_open or ())


class Part(NamedTuple):
    """A text of an open file: all of it, or a cell with its number."""

    cell: int | None
    text: Text


@dataclass(frozen=True, slots=True)
class OpenFile:
    """An open file at one moment, and the path that it stands for."""

    uri: str
    path: Path
    parts: tuple[Part, ...]

    @property
    def is_notebook(self) -> bool:
        """Whether it is given in cells."""
        return any(part.cell is not None for part in self.parts) or not self.parts

    def part(self, cell: int | None) -> Text | None:
        """Return the text of a cell, or of the document."""
        return next((part.text for part in self.parts if part.cell == cell), None)


class UnknownDocumentError(Exception):
    """A client speaks of a document that it has not opened."""


class OpenFiles:
    """The documents and notebooks of one client, kept as it tells."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._documents: dict[str, Text] = {}
        self._notebooks: dict[str, Notebook] = {}

    def open(self, item: types.TextDocumentItem) -> None:
        """Take a document."""
        self._documents[item.uri] = opened(item)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Take changes of a document; raise UnknownDocumentError."""
        uri = params.text_document.uri
        if uri not in self._documents:
            raise UnknownDocumentError(f"changed, but not open: {uri}")
        text = self._documents[uri]
        self._documents[uri] = edited(text, params.content_changes, params.text_document.version, self._encoding)

    def close(self, uri: str) -> None:
        """Forget a document."""
        self._documents.pop(uri, None)

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Take a notebook."""
        self._notebooks[params.notebook_document.uri] = opened_notebook(params)

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """Take changes of a notebook; raise UnknownDocumentError."""
        uri = params.notebook_document.uri
        if uri not in self._notebooks:
            raise UnknownDocumentError(f"changed, but not open: {uri}")
        self._notebooks[uri] = changed_notebook(self._notebooks[uri], params, self._encoding)

    def close_notebook(self, uri: str) -> None:
        """Forget a notebook with its cells."""
        self._notebooks.pop(uri, None)

    def file_of(self, uri: str) -> str:
        """Return the URI of the notebook whose cell this is, or the URI itself."""
        return next((notebook.uri for notebook in self._notebooks.values() if uri in notebook.texts), uri)

    def is_cell(self, uri: str) -> bool:
        """Tell whether a URI is that of a cell of an open notebook."""
        return self.file_of(uri) != uri

    def version(self, uri: str) -> int | None:
        """Return the version of a document or cell; None where it is not open."""
        text = self._documents.get(uri)
        if text is None:
            notebook = self._notebooks.get(self.file_of(uri))
            text = None if notebook is None else notebook.texts.get(uri)
        return None if text is None else text.version

    def uris(self) -> Iterator[str]:
        """Yield the files that are open."""
        yield from self._documents
        yield from self._notebooks

    def parts(self, uri: str) -> tuple[Part, ...] | None:
        """Return the texts of a file; None where it is not open."""
        if uri in self._notebooks:
            return tuple(Part(cell.number, cell.text) for cell in self._notebooks[uri].python_cells())
        text = self._documents.get(uri)
        return None if text is None else (Part(None, text),)
