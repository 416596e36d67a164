"""What the editor holds open: documents, and notebooks with their cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types

from ce_lint.lsp.notebooks import Notebook, changed_notebook, opened_notebook
from ce_lint.lsp.positions import Encoding
from ce_lint.lsp.texts import Text, edited, opened


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
