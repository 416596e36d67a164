"""The server: what of the protocol it takes part in, and who does it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, PyglsError
from pygls.lsp.server import LanguageServer

from ce_lint import __version__
from ce_lint.lsp.addresses import path_of
from ce_lint.lsp.client import Client, client_of
from ce_lint.lsp.documents import SYNC, OpenFiles
from ce_lint.lsp.fixing import NewPlanner
from ce_lint.lsp.projects import Listener, Project, Projects
from ce_lint.lsp.protocol import Protocol
from ce_lint.lsp.publishing import Publisher
from ce_lint.lsp.settings import read_settings, section_of
from ce_lint.lsp.window import LogToClient, show_first_look

LOG = logging.getLogger(__name__)

_NOT_INITIALIZED = types.ErrorCodes.ServerNotInitialized.value

WATCHED = (
    *("**/*.py", "**/*.ipynb", "**/pyproject.toml", "**/setup.cfg", "**/tox.ini", "**/.flake8", "**/.gitignore"),
    "**/*baseline*.json",
)


class Server(LanguageServer):
    """The language server of one client."""

    def __init__(self, new_planner: NewPlanner) -> None:
        """Start without a client; `new_planner` makes what plans fixes for one answer."""
        super().__init__(
            "ce-lint",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            notebook_document_sync=SYNC,
            protocol_cls=Protocol,
        )
        self.new_planner = new_planner
        self.client = Client()
        self.files = OpenFiles(self.client.encoding)
        self.scratch = Path(tempfile.mkdtemp(prefix="ce-lint-"))
        self._projects: Projects | None = None
        self._publisher: Publisher | None = None
        self._folders: tuple[str, ...] = ()
        self._tasks: set[asyncio.Future[None]] = set()

    @property
    def projects(self) -> Projects:
        """The projects; raise JsonRpcException before a client has said who it is."""
        if self._projects is None:
            raise JsonRpcException("the client has not sent `initialize`", _NOT_INITIALIZED)
        return self._projects

    @property
    def publisher(self) -> Publisher:
        """Whoever shows the client what was found."""
        assert self._publisher is not None
        return self._publisher

    def meet(self, params: types.InitializeParams) -> None:
        """Get to know the client; raise JsonRpcException where it is known."""
        if self._projects is not None:
            raise JsonRpcException("the client has sent `initialize` before", types.ErrorCodes.InvalidRequest.value)
        self.client = client_of(params.capabilities)
        self.files = OpenFiles(self.client.encoding)
        logging.getLogger("ce_lint").addHandler(LogToClient(self, asyncio.get_running_loop()))
        folders = [folder.uri for folder in params.workspace_folders or ()]
        self._folders = tuple(folders or ([params.root_uri] if params.root_uri else []))
        self._go_home()
        self.stay_somewhere()
        settings, wrong = read_settings(section_of(params.initialization_options))
        self.complain(wrong)
        listener = Listener(self._answered, self._failed, self._started, self._removed)
        self._projects = Projects(self.client, self.files, self.new_planner, listener, self.scratch, settings)
        self._publisher = Publisher(
            self.client,
            self.files,
            self._projects,
            self.text_document_publish_diagnostics,
            self._refresh,
        )

    def begin(self) -> None:
        """Start to look at the client's folders."""
        for uri in self._folders:
            self.projects.add_folder(uri)

    def configure(self, raw: object) -> None:
        """Take settings that the client sends."""
        settings, wrong = read_settings(raw)
        self.complain(wrong)
        self.projects.configure(settings)

    def complain(self, wrong: tuple[str, ...]) -> None:
        """Tell the user of settings that cannot be meant."""
        if wrong:
            self.say(f"ce-lint: settings: {'; '.join(wrong)}")

    def say(self, text: str, kind: types.MessageType = types.MessageType.Error) -> None:
        """Show the user a message."""
        self.window_show_message(types.ShowMessageParams(kind, text))

    def leave(self) -> None:
        """Let all threads end, and clear up."""
        if self._projects is not None:
            self._projects.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def report_server_error(self, error: Exception, source: type[PyglsError] | type[JsonRpcException]) -> None:
        """Log what went wrong with a message, and go on: a request has its own answer, and the user no part in it."""
        if source is JsonRpcInternalError:
            return  # the client cannot be reached: pygls has logged it, and to tell the client would fail as well
        LOG.error("%s: %s: %s", source.__name__, type(error).__name__, error)

    def stay_somewhere(self) -> None:
        """Go home where the current folder is gone: a branch that git leaves takes folders with it."""
        try:
            Path.cwd()
        except OSError:
            os.chdir(self.scratch)
            self._go_home()

    def _go_home(self) -> None:
        """Make the client's first folder the current one: messages name files as seen from there."""
        path = path_of(self._folders[0]) if self._folders else None
        if path is not None and path.is_dir():
            os.chdir(path)

    def _answered(self, project: Project) -> None:
        if project.told:
            project.told = ""
            LOG.info("%s: analysed again", project.root)
        errors = "\n".join(f"{error.path}:{error.line}: {error.message}" for error in project.answer.report.errors)
        if errors != project.errors:
            project.errors = errors
            if errors:
                LOG.info("not analysed: %s", errors)
        self.publisher.show(project)

    def _failed(self, project: Project, reason: str) -> None:
        if reason != project.told:
            project.told = reason
            self.say(f"ce-lint: {reason}")

    def _started(self, project: Project) -> None:
        if self.client.shows_progress:
            task = asyncio.ensure_future(show_first_look(self.work_done_progress, project))
            # The loop keeps no task that nobody else keeps.
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _removed(self) -> None:
        self.publisher.clear()

    def _refresh(self) -> None:
        self.workspace_diagnostic_refresh(None)
