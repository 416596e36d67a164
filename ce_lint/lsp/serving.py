"""The server's life: it begins with a way to the client, and ends when the client does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable

from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async

from ce_lint.engine.limits import RECURSION_LIMIT
from ce_lint.lsp.features import register
from ce_lint.lsp.fixing import NewPlanner
from ce_lint.lsp.server import Server

LOG = logging.getLogger(__name__)

_LOOK_EVERY = 1.0
"""Seconds between two looks at the client's process."""


def serve_on_standard_streams(new_planner: NewPlanner) -> None:
    """Talk to the client over standard input and output; `new_planner` makes what plans fixes for one answer."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    # What anybody prints would be taken for a message.
    sys.stdout = sys.stderr
    server = _server(new_planner)
    server.protocol.set_writer(StdoutWriter(stdout))
    _run(server, lambda: _talk(server, StdinAsyncReader(stdin, server.thread_pool)))


def serve_on_a_port(new_planner: NewPlanner, host: str, port: int, told: Callable[[str, int], None]) -> None:
    """Wait for one client on a port, and talk to it; `told` gets the address when it can be reached."""
    server = _server(new_planner)

    async def serve() -> None:
        connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
            asyncio.get_running_loop().create_future()
        )

        def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if connected.done():
                writer.close()
            else:
                connected.set_result((reader, writer))

        listening = await asyncio.start_server(connect, host, port)
        told(*listening.sockets[0].getsockname()[:2])
        reader, writer = await connected
        listening.close()
        server.protocol.set_writer(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await _talk(server, reader)

    _run(server, serve)


def _server(new_planner: NewPlanner) -> Server:
    # For all threads at once: one that raises it for itself would lower it for the others afterwards.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    server = Server(new_planner)
    register(server)
    return server


def _run(server: Server, serve: Callable[[], object]) -> None:
    status = 1
    try:
        with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
            asyncio.run(serve())  # type: ignore[arg-type]
            status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except OSError:
        server.leave()
        raise
    server.leave()
    logging.shutdown()
    sys.stderr.flush()
    # A thread may still wait for standard input, or be in the middle of an analysis.
    os._exit(status)


async def _talk(server: Server, reader: object) -> None:
    """Take messages until there are no more, or the client's process is gone."""
    stop = threading.Event()
    talking = asyncio.ensure_future(run_async(stop, reader, server.protocol, LOG, server.report_server_error))  # type: ignore[arg-type]
    watching = asyncio.ensure_future(_watch(server))
    done, _ = await asyncio.wait((talking, watching), return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    for one in done:
        one.result()


async def _watch(server: Server) -> None:
    parent: Parent | None = None
    while parent is None or not parent.is_gone:
        await asyncio.sleep(_LOOK_EVERY)
        if parent is None and server.process_id is not None:
            parent = Parent(server.process_id)
    LOG.warning("the client's process, %s, is gone", server.process_id)


if sys.platform == "win32":
    import ctypes

    _SYNCHRONIZE = 0x00100000
    _TIMED_OUT = 0x00000102

    def _runs(process: int) -> bool:
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, process)
        if not handle:
            return False
        try:
            return bool(kernel.WaitForSingleObject(handle, 0) == _TIMED_OUT)
        finally:
            kernel.CloseHandle(handle)

else:

    def _runs(process: int) -> bool:
        try:
            os.kill(process, 0)
        except PermissionError:
            return True
        except (ProcessLookupError, OverflowError):
            return False
        return True


class Parent:
    """A process that is there when it is first looked at."""

    def __init__(self, process: int | None) -> None:
        """Look at it; one that is not there, as for a server in a container, is taken to run for ever."""
        self._process = process if process is not None and process > 0 and _runs(process) else None
        self._is_real_parent = process == os.getppid()

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        if self._process is None:
            return False
        # One that nobody has waited for yet counts as running; but its children are somebody else's by then.
        return not _runs(self._process) or (self._is_real_parent and os.getppid() != self._process)
