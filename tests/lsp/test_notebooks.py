"""Notebooks, cell by cell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.conftest import MODEL, Editor, Start, codes, pulling, span

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]

IMPORTS = "%matplotlib inline\nimport torch.nn.functional as F\nfrom torch import nn"
NET = MODEL.partition("\n\n\n")[2]
LOSS = "net, criterion = Net(), nn.CrossEntropyLoss()\nloss = criterion(net(x), y)"


class OpenNotebook:
    """A notebook in an editor, with names for its cells."""

    def __init__(self, editor: Editor, name: str = "nb.ipynb") -> None:
        self.editor = editor
        self.uri = editor.uri(name)
        self.version = 1

    def cell_uri(self, name: str) -> str:
        return f"vscode-notebook-cell:{self.uri.removeprefix('file:')}#{name}"

    def open(self, cells: dict[str, str | None]) -> None:
        """Open it; a cell without code is one in Markdown."""
        document = types.NotebookDocument(
            self.uri, "jupyter-notebook", 1, [self._cell(*cell) for cell in cells.items()]
        )
        texts = [self._text(name, code) for name, code in cells.items()]
        self.editor.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(document, texts))

    def change(self, cells: types.NotebookDocumentCellChanges) -> None:
        self.version += 1
        identifier = types.VersionedNotebookDocumentIdentifier(self.version, self.uri)
        change = types.NotebookDocumentChangeEvent(cells=cells)
        self.editor.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(identifier, change))

    def splice(self, start: int, removed: Sequence[str], added: dict[str, str | None]) -> None:
        array = types.NotebookCellArrayChange(start, len(removed), [self._cell(*cell) for cell in added.items()])
        opened = [self._text(name, code) for name, code in added.items()]
        closed = [types.TextDocumentIdentifier(self.cell_uri(name)) for name in removed]
        structure = types.NotebookDocumentCellChangeStructure(array, did_open=opened, did_close=closed)
        self.change(types.NotebookDocumentCellChanges(structure=structure))

    def edit(self, name: str, text: str, version: int) -> None:
        identifier = types.VersionedTextDocumentIdentifier(version, self.cell_uri(name))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        content = types.NotebookDocumentCellContentChanges(identifier, [whole])
        self.change(types.NotebookDocumentCellChanges(text_content=[content]))

    def close(self, names: Sequence[str]) -> None:
        cells = [types.TextDocumentIdentifier(self.cell_uri(name)) for name in names]
        identifier = types.NotebookDocumentIdentifier(self.uri)
        self.editor.client.notebook_document_did_close(types.DidCloseNotebookDocumentParams(identifier, cells))

    def _cell(self, name: str, code: str | None) -> types.NotebookCell:
        kind = types.NotebookCellKind.Markup if code is None else types.NotebookCellKind.Code
        return types.NotebookCell(kind, self.cell_uri(name))

    def _text(self, name: str, code: str | None) -> types.TextDocumentItem:
        language = "markdown" if code is None else "python"
        return types.TextDocumentItem(self.cell_uri(name), language, 1, "# A title" if code is None else code)


CELLS = {"title": None, "imports": IMPORTS, "net": NET, "loss": LOSS}


async def opened(start: Start, capabilities: types.ClientCapabilities | None = None) -> OpenNotebook:
    notebook = OpenNotebook(await start(capabilities, folders=[]))
    notebook.open(CELLS)
    return notebook


async def test_both_ends_are_shown_in_their_cells(start: Start) -> None:
    notebook = await opened(start)
    (sink,) = await notebook.editor.becomes(notebook.cell_uri("loss"), bool)
    (source,) = await notebook.editor.becomes(notebook.cell_uri("net"), bool)

    assert (span(sink), span(source)) == ((1, 17, 1, 23), (6, 15, 6, 43))
    assert "(nb.ipynb:cell 3:7)" in sink.message, "Markdown cells count, too"
    assert next(step.location.uri for step in sink.related_information or ()) == notebook.cell_uri("net")


async def test_cells_are_pushed_to_a_client_that_asks_about_documents(start: Start) -> None:
    notebook = await opened(start, pulling())

    assert codes(await notebook.editor.becomes(notebook.cell_uri("loss"), bool)) == ["CEL001"]
    report = await notebook.editor.pull(notebook.cell_uri("loss"))
    assert getattr(report, "items", None) == ()


async def test_an_edited_cell_is_seen(start: Start) -> None:
    notebook = await opened(start)
    await notebook.editor.becomes(notebook.cell_uri("loss"), bool)

    notebook.edit("net", NET.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)"), 2)
    assert await notebook.editor.shown(notebook.cell_uri("net"), 2) == []
    await notebook.editor.becomes(notebook.cell_uri("loss"), lambda found: not found)


async def test_cells_that_are_added_moved_and_removed_are_seen(start: Start) -> None:
    notebook = await opened(start)
    await notebook.editor.becomes(notebook.cell_uri("loss"), bool)

    notebook.splice(1, [], {"first": "%%time\nz = 1"})
    await notebook.editor.becomes(
        notebook.cell_uri("loss"), lambda found: bool(found) and "(nb.ipynb:cell 4:7)" in found[0].message
    )
    notebook.splice(4, ["loss"], {})
    await notebook.editor.becomes(notebook.cell_uri("net"), lambda found: not found)
    await notebook.editor.becomes(notebook.cell_uri("loss"), lambda found: not found)
    # Where the loss is, there is no net yet.
    notebook.splice(1, ["first"], {"loss": LOSS})
    notebook.edit("imports", IMPORTS + "\n", 2)
    assert await notebook.editor.shown(notebook.cell_uri("imports"), 2) == []
    notebook.splice(1, ["loss"], {})
    notebook.splice(3, [], {"loss": LOSS})
    assert codes(await notebook.editor.becomes(notebook.cell_uri("loss"), bool)) == ["CEL001"]


async def test_a_cell_that_cannot_be_parsed_leaves_the_others(start: Start) -> None:
    notebook = await opened(start)
    await notebook.editor.becomes(notebook.cell_uri("loss"), bool)

    notebook.edit("net", NET + "\ndef (:", 2)
    notebook.edit("loss", "\n" + LOSS, 2)
    (sink,) = await notebook.editor.shown(notebook.cell_uri("loss"), 2)
    assert sink.range.start.line == 2


async def test_a_closed_notebook_is_what_it_is_on_disk(start: Start, root: Path) -> None:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": code} for code in (IMPORTS, NET, LOSS)]
    (root / "nb.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=1))
    notebook = await opened(start)
    await notebook.editor.becomes(notebook.cell_uri("loss"), bool)

    notebook.edit("loss", "", 2)
    await notebook.editor.becomes(notebook.cell_uri("loss"), lambda found: not found)
    notebook.close(list(CELLS))
    lines = (root / "nb.ipynb").read_text().splitlines()
    on_disk = await notebook.editor.becomes("nb.ipynb", bool)
    assert ["net(x)" in lines[one.range.start.line] for one in on_disk] == [False, True]
    assert await notebook.editor.becomes(notebook.cell_uri("net"), lambda found: not found) == []


async def test_a_module_and_a_notebook_see_each_other(start: Start, root: Path) -> None:
    notebook = OpenNotebook(await start())
    notebook.open({"a": "from torch import nn\nfrom model import Net", "b": "nn.CrossEntropyLoss()(Net()(x), y)"})

    assert codes(await notebook.editor.becomes(notebook.cell_uri("b"), bool)) == ["CEL001"]
    (root / "model.py").write_text("")
    notebook.editor.open("model.py", "")
    await notebook.editor.becomes(notebook.cell_uri("b"), lambda found: not found)


async def test_a_comment_goes_into_the_cell(start: Start) -> None:
    notebook = await opened(start)
    (sink,) = await notebook.editor.becomes(notebook.cell_uri("loss"), bool)

    actions = await notebook.editor.actions(notebook.cell_uri("loss"), sink.range)
    (ignore,) = [action for action in actions if action.title == "Ignore CEL001 on this line"]
    assert ignore.edit is not None and ignore.edit.document_changes is not None
    (change,) = ignore.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (notebook.cell_uri("loss"), 1)
    assert [edit.new_text for edit in change.edits if isinstance(edit, types.TextEdit)] == [
        "  # ce-lint: ignore[CEL001]"
    ]


async def test_an_unknown_notebook_is_passed_over(start: Start) -> None:
    notebook = await opened(start)
    other = OpenNotebook(notebook.editor, "other.ipynb")
    other.edit("nowhere", "x", 2)
    notebook.edit("nowhere", "x", 2)
    other.close(["nowhere"])

    assert codes(await notebook.editor.becomes(notebook.cell_uri("loss"), bool)) == ["CEL001"]
