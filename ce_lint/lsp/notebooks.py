"""Notebooks that are open in an editor: their cells in order, and the texts of the cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lsprotocol import types

from ce_lint.lsp.positions import Encoding
from ce_lint.lsp.texts import Text, edited, opened

_PYTHON = "python"

SYNC = types.NotebookDocumentSyncOptions(
    # With all its cells, Markdown too: we count them as the user sees them.
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")],
    save=True,
)


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
