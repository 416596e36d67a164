"""Each message of the client, and what is done about it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from lsprotocol import types

from ce_lint.lsp.actions import KINDS, Asked, actions
from ce_lint.lsp.addresses import path_of
from ce_lint.lsp.analyst import Analyst
from ce_lint.lsp.hover import hover
from ce_lint.lsp.server import WATCHED, Server
from ce_lint.lsp.settings import SECTION, section_of

_FILES = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**/*"), scheme="file")]
)


def register(server: Server) -> None:
    """Take part in all that we take part in."""
    for add in (_session, _workspace, _documents, _notebooks, _disk, _code):
        add(server)


def _session(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(ls: Server, params: types.InitializeParams) -> None:
        ls.meet(params)
        if ls.client.pulls:
            # What is registered by now is offered; a client that asks and is told as well would show all of it twice.
            _diagnostics(ls)

    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, _params: types.InitializedParams) -> None:
        registrations = []
        if ls.client.watches:
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registrations.append(types.Registration("ce-lint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        if ls.client.is_told_of_settings:
            section = {"section": SECTION}
            registrations.append(
                types.Registration("ce-lint-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section)
            )
        if registrations:
            ls.client_register_capability(types.RegistrationParams(registrations))
        ls.begin()

    @server.feature(types.SHUTDOWN)
    def shutdown(ls: Server, _params: None) -> None:
        ls.projects.stop()


def _workspace(server: Server) -> None:
    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        raw = section_of(params.settings)
        if params.settings is None and ls.client.configures:
            item = types.ConfigurationItem(section=SECTION)
            answers = await ls.workspace_configuration_async(types.ConfigurationParams([item]))
            ls.configure(answers[0] if answers else None)
        elif raw:
            # Some clients send an empty table when they start: it says nothing of us.
            ls.configure(raw)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_workspace_folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.added:
            ls.projects.add_folder(folder.uri)
        for folder in params.event.removed:
            ls.projects.remove_folder(folder.uri)


def _documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        ls.files.open(params.text_document)
        _lay(ls, params.text_document.uri)
        ls.projects.look_at_the_disk()

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        ls.files.change(params)
        _lay(ls, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.files.close(params.text_document.uri)
        _lay(ls, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        _touch(ls, [params.text_document.uri])


def _notebooks(server: Server) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def did_open(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
        ls.files.open_notebook(params)
        _lay(ls, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def did_change(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
        ls.files.change_notebook(params)
        _lay(ls, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def did_close(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
        ls.files.close_notebook(params.notebook_document.uri)
        _lay(ls, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def did_save(ls: Server, params: types.DidSaveNotebookDocumentParams) -> None:
        _touch(ls, [params.notebook_document.uri])


def _disk(server: Server) -> None:
    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        _touch(ls, [change.uri for change in params.changes])

    @server.feature(types.WORKSPACE_DID_CREATE_FILES, _FILES)
    def did_create_files(ls: Server, params: types.CreateFilesParams) -> None:
        _touch(ls, [file.uri for file in params.files])

    @server.feature(types.WORKSPACE_DID_RENAME_FILES, _FILES)
    def did_rename_files(ls: Server, params: types.RenameFilesParams) -> None:
        _touch(ls, [uri for file in params.files for uri in (file.old_uri, file.new_uri)])

    @server.feature(types.WORKSPACE_DID_DELETE_FILES, _FILES)
    def did_delete_files(ls: Server, params: types.DeleteFilesParams) -> None:
        _touch(ls, [file.uri for file in params.files])


def _diagnostics(server: Server) -> None:
    options = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier="ce-lint")

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def diagnostic(ls: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        project = ls.projects.speaker(params.text_document.uri)
        if project is not None:
            await project.settled()
        return ls.publisher.of_document(params.text_document.uri, params.previous_result_id)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(
        ls: Server, params: types.WorkspaceDiagnosticParams
    ) -> types.WorkspaceDiagnosticReport:
        await asyncio.gather(*(project.settled() for project in ls.projects))
        previous = {one.uri: one.value for one in params.previous_result_ids}
        return types.WorkspaceDiagnosticReport(ls.publisher.of_workspace(previous))


def _code(server: Server) -> None:
    options = types.CodeActionOptions(code_action_kinds=KINDS)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        project = ls.projects.speaker(uri)
        if project is None:
            return []
        parts = ls.files.parts(ls.files.file_of(uri)) or ()
        file_uris = tuple(part.text.uri for part in parts) or (uri,)
        only = (
            None
            if params.context.only is None
            else tuple(str(getattr(one, "value", one)) for one in params.context.only)
        )
        return await project.ask(partial(actions, asked=Asked(uri, file_uris, params.range, only)))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def at_pointer(ls: Server, params: types.HoverParams) -> types.Hover | None:
        uri = params.text_document.uri
        project, path = ls.projects.speaker(uri), ls.projects.path(ls.files.file_of(uri))
        if project is None or path is None:
            return None
        parts = ls.files.parts(ls.files.file_of(uri)) or ()
        cell = next((part.cell for part in parts if part.text.uri == uri), None)

        def ask(analyst: Analyst) -> types.Hover | None:
            return hover(analyst, analyst.sheets.of(path, cell), params.position)

        return await project.ask(ask)


def _lay(ls: Server, uri: str) -> None:
    ls.stay_somewhere()
    ls.projects.lay(uri)


def _touch(ls: Server, uris: list[str]) -> None:
    ls.stay_somewhere()
    paths: list[Path] = [path for path in map(path_of, uris) if path is not None]
    ls.projects.touch(paths)
    ls.projects.look_at_the_disk()
