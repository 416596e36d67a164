"""What is logged, in the client's log, too."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Protocol

from lsprotocol import types


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
