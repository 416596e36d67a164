"""What is shown in the client's window beside diagnostics: the log, and that a project is looked at."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from typing import Protocol

from lsprotocol import types

from ce_lint.lsp.projects import Project

_SHORT = 1.0
"""Seconds that nobody needs to be told of."""


class Listening(Protocol):
    """Who takes log messages."""

    def window_log_message(self, params: types.LogMessageParams) -> None:
        """Take one."""


class LogToClient(logging.Handler):
    """Sends records to the client, from whichever thread they come."""

    def __init__(self, client: Listening, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop in which the client is talked to."""
        super().__init__(logging.INFO)
        self._client = client
        self._loop = loop

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text = logging.Formatter().formatException(record.exc_info) + f"\n{text}"
        params = types.LogMessageParams(_kind(record.levelno), text)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody listens any more
            self._loop.call_soon_threadsafe(self._client.window_log_message, params)


def _kind(level: int) -> types.MessageType:
    if level >= logging.ERROR:
        return types.MessageType.Error
    return types.MessageType.Warning if level >= logging.WARNING else types.MessageType.Info


class Progress(Protocol):
    """The client's progress bars, as pygls has them."""

    async def create_async(self, token: str) -> object:
        """Make one."""

    def begin(self, token: str, value: types.WorkDoneProgressBegin) -> None:
        """Show it."""

    def end(self, token: str, value: types.WorkDoneProgressEnd) -> None:
        """Take it away."""


async def show_first_look(progress: Progress, project: Project) -> None:
    """Show that a project is looked at, until there is an answer."""
    await asyncio.sleep(_SHORT)
    if project.answered:
        return
    token = str(uuid.uuid4())
    await progress.create_async(token)
    progress.begin(token, types.WorkDoneProgressBegin(title=f"ce-lint: {project.root.name}"))
    await project.settled()
    progress.end(token, types.WorkDoneProgressEnd())
