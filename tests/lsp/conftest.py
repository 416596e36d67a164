"""An editor for tests: it drives the real server process, and keeps what that tells."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
"""
RIGHT = MODEL.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)")
TRAIN = """\
from torch import nn
from model import Net

net, criterion = Net(), nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(net(x), y)
"""
AT_SOURCE = (10, 15, 10, 43)
AT_SINK = (5, 21, 5, 27)

PATIENCE = 60.0
"""Seconds; a server that needs longer has failed, whatever the machine."""

COMMAND = (sys.executable, "-m", "ce_lint", "lsp")
WITH_SIMPLE_FIXES = (
    sys.executable,
    "-c",
    """
from types import SimpleNamespace

from ce_lint.findings import Applicability, Edit, Fix
from ce_lint.lsp.serving import serve_on_standard_streams

def plan(finding, evidence):
    if finding.code != "CEL001":
        return ()
    logits = Edit(finding.source, "self.fc(x)")
    told = Edit(finding.argument, "net(\\n    x)")
    return (
        Fix("return-logits", "Return logits from Net.forward", Applicability.SAFE, (logits,)),
        Fix("both", "Change both ends", Applicability.UNSAFE, (logits, told)),
    )

serve_on_standard_streams(lambda _: SimpleNamespace(plan=plan))
""",
)
"""The real server with fixes that need no planning."""


def pushing(**text_document: Any) -> types.ClientCapabilities:  # noqa: ANN401 - capabilities of all kinds
    """A client that is told, and can do everything else."""
    return types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                version_support=True,
                related_information=True,
                code_description_support=True,
                data_support=True,
                tag_support=types.ClientDiagnosticsTagOptions([types.DiagnosticTag.Unnecessary]),
            ),
            code_action=types.CodeActionClientCapabilities(
                resolve_support=types.ClientCodeActionResolveOptions(["edit"]), data_support=True
            ),
            hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
            **text_document,
        ),
        notebook_document=types.NotebookDocumentClientCapabilities(types.NotebookDocumentSyncClientCapabilities()),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
            file_operations=types.FileOperationClientCapabilities(did_create=True, did_rename=True, did_delete=True),
            configuration=True,
        ),
        general=types.GeneralClientCapabilities(),
    )


def pulling() -> types.ClientCapabilities:
    """A client that asks."""
    return pushing(diagnostic=types.DiagnosticClientCapabilities(related_document_support=True))


def counting(encoding: types.PositionEncodingKind) -> types.ClientCapabilities:
    """A client that counts columns in its own way."""
    capabilities = pushing()
    capabilities.general = types.GeneralClientCapabilities(position_encodings=[encoding])
    return capabilities


class Editor:
    """A client with documents, and what the server told it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient(converter_factory=default_converter)
        self.published: list[types.PublishDiagnosticsParams] = []
        self.registered: list[str] = []
        self.versions: dict[str, int] = {}
        self.server: types.InitializeResult | None = None

        def publish(params: types.PublishDiagnosticsParams) -> None:
            self.published.append(params)

        def register(params: types.RegistrationParams) -> None:
            self.registered += [one.method for one in params.registrations]

        ours = {types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: publish, types.CLIENT_REGISTER_CAPABILITY: register}
        register_lsp_features(self.client, {**DEFAULT_CLIENT_FEATURES, **ours})

    async def start(
        self, command: Sequence[str], capabilities: types.ClientCapabilities, options: object, folders: Sequence[Path]
    ) -> None:
        await self.client.start_io(*command, cwd=str(self.root))
        await self.initialize(capabilities, options, folders)

    async def initialize(
        self, capabilities: types.ClientCapabilities, options: object, folders: Sequence[Path]
    ) -> None:
        self.server = await self.client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders],
                initialization_options=options,
            )
        )

    def uri(self, name: str) -> str:
        return name if ":" in name else (self.root / name).as_uri()

    def open(self, name: str, text: str | None = None) -> str:
        """Open a document, with the text that it has on disk unless another one is given."""
        uri = self.uri(name)
        self.versions[uri] = 1
        text = (self.root / name).read_text() if text is None else text
        item = types.TextDocumentItem(uri, "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, name: str, text: str, where: types.Range | None = None) -> int:
        """Put a text in place of a range, or of all; return the new version."""
        uri = self.uri(name)
        self.versions[uri] = self.versions.get(uri, 0) + 1
        change: types.TextDocumentContentChangeEvent = (
            types.TextDocumentContentChangeWholeDocument(text)
            if where is None
            else types.TextDocumentContentChangePartial(where, text)
        )
        identifier = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
        return self.versions[uri]

    def close(self, name: str) -> None:
        identifier = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    async def shown(self, name: str, version: int | None = None) -> list[types.Diagnostic]:
        """What is pushed for a document, or for a version of it, once that is."""
        uri = self.uri(name)

        def pushed() -> types.PublishDiagnosticsParams | None:
            of_one = [params for params in self.published if params.uri == uri]
            return of_one[-1] if of_one and version in (None, of_one[-1].version) else None

        params = await until(pushed)
        return list(params.diagnostics)

    async def becomes(self, name: str, wanted: Callable[[Sequence[types.Diagnostic]], bool]) -> list[types.Diagnostic]:
        """What is pushed for a document once that is as it should be."""
        uri = self.uri(name)

        def last() -> list[types.Diagnostic] | None:
            of_one = [params for params in self.published if params.uri == uri]
            return list(of_one[-1].diagnostics) if of_one and wanted(of_one[-1].diagnostics) else None

        found: list[types.Diagnostic] = await until(
            last, f"{name}: {[one for one in self.published if one.uri == uri][-1:]}"
        )
        return found

    async def pull(self, name: str, previous: str | None = None) -> types.DocumentDiagnosticReport:
        params = types.DocumentDiagnosticParams(
            types.TextDocumentIdentifier(self.uri(name)), previous_result_id=previous
        )
        return await asyncio.wait_for(self.client.text_document_diagnostic_async(params), PATIENCE)

    async def actions(
        self, name: str, where: types.Range, only: Sequence[types.CodeActionKind | str] | None = None
    ) -> list[types.CodeAction]:
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(self.uri(name)), where, types.CodeActionContext([], only)
        )
        answer = await asyncio.wait_for(self.client.text_document_code_action_async(params), PATIENCE)
        return [action for action in answer or () if isinstance(action, types.CodeAction)]

    async def hover(self, name: str, line: int, character: int) -> str | None:
        params = types.HoverParams(types.TextDocumentIdentifier(self.uri(name)), types.Position(line, character))
        answer = await asyncio.wait_for(self.client.text_document_hover_async(params), PATIENCE)
        if answer is None:
            return None
        assert isinstance(answer.contents, types.MarkupContent)
        return answer.contents.value


async def until(found: Callable[[], Any], what: str = "") -> Any:  # noqa: ANN401 - whatever is waited for
    """Wait for something to be found."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        result = found()
        if result is not None and result is not False:
            return result
        await asyncio.sleep(0.01)
    raise AssertionError(f"waited in vain {what}")


def span(diagnostic: types.Diagnostic) -> tuple[int, int, int, int]:
    start, end = diagnostic.range.start, diagnostic.range.end
    return start.line, start.character, end.line, end.character


def codes(diagnostics: Sequence[types.Diagnostic]) -> list[object]:
    return [one.code for one in diagnostics]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with its two ends in two files."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "project"\n')
    (folder / "model.py").write_text(MODEL)
    (folder / "train.py").write_text(TRAIN)
    return folder


Start = Callable[..., Awaitable[Editor]]


@pytest_asyncio.fixture
async def start(root: Path) -> AsyncIterator[Start]:
    """Starts a server with an editor that has the project open."""
    editors: list[Editor] = []

    async def started(
        capabilities: types.ClientCapabilities | None = None,
        *,
        command: Sequence[str] = COMMAND,
        options: object = None,
        folders: Sequence[Path] | None = None,
    ) -> Editor:
        editor = Editor(root)
        editors.append(editor)
        await editor.start(command, capabilities or pushing(), options, [root] if folders is None else folders)
        return editor

    yield started
    for editor in editors:
        process = editor.client._server
        if process is not None and process.returncode is None:
            await asyncio.wait_for(editor.client.shutdown_session(), PATIENCE)
            assert process.returncode == 0
        await editor.client.stop()
