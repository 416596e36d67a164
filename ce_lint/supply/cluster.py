"""Contents that are lowered by the workers of a dask cluster: bytes go there, and bytes come back.

The workers need not see the files. What a worker that dies had to do, dask gives to another one. What the cluster does
not do, whatever the reason, is left to whoever asked: nothing here is lost but time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ce_lint.program.collector import collector_paused
from ce_lint.program.loading import lower_content
from ce_lint.supply.index_files import packed
from ce_lint.supply.limits import LIMITS
from ce_lint.supply.stored import encoded

if TYPE_CHECKING:
    from distributed import Client

CHUNK = 400_000
"""Bytes of contents that are one task: about a tenth of a second."""
TOO_LARGE = 4_000_000
"""Contents of more bytes are lowered here: to send them takes longer."""
IN_FLIGHT = 64_000_000
"""Bytes of contents that were sent and are not answered."""
CONNECTING_SECONDS = 8.0
SILENCE_SECONDS = 60.0
"""How long nothing at all may come back while there is something to do."""
LEAVING_SECONDS = 2.0


class Unlowered(NamedTuple):
    """A content, and what it is known by."""

    key: bytes
    suffix: str
    data: bytes


class ClusterError(Exception):
    """Why a cluster cannot be used, in one line."""


class _Chunk(NamedTuple):
    """The contents of one task."""

    contents: list[Unlowered]
    size: int


class Cluster:
    """A scheduler's address, and what is done with the results."""

    def __init__(
        self,
        address: str,
        version: Callable[[], bytes],
        take: Callable[[bytes, bytes], None],
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """Take what must give the same on all machines, and who is given each packed result, with its key."""
        self._address = address
        self._version = version
        self._take = take
        self._silence = silence_seconds
        self._left: list[BaseException] = []
        """Why a chunk was left, for each that was."""

    def lower(self, contents: Iterable[Unlowered]) -> str:
        """Lower contents; return why some of them were not, in one line, and an empty text if all were.

        Raises ClusterError where there is no such cluster, or its workers have another ce-lint.
        """
        with _quiet():
            return asyncio.run(self._lower(_chunks(contents)))

    async def _lower(self, chunks: Iterator[_Chunk]) -> str:
        async with self._client() as client:
            running: dict[asyncio.Task[list[bytes | None]], _Chunk] = {}
            while True:
                while sum(chunk.size for chunk in running.values()) < IN_FLIGHT:
                    chunk = next(chunks, None)
                    if chunk is None:
                        break
                    task = asyncio.create_task(self._answer(client, chunk))
                    task.add_done_callback(_looked_at)
                    running[task] = chunk
                if not running:
                    return self._trouble()
                done, _ = await asyncio.wait(running, timeout=self._silence, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    self._note(running.pop(task), task)
                if not done or client.status != "running":
                    for task in running:
                        task.cancel()
                    await asyncio.wait(running, timeout=LEAVING_SECONDS) if running else None
                    why = "went away" if done else f"gave no answer for {self._silence:g} s"
                    return f"{self._address}: the cluster {why}: what is left is done here"

    @contextlib.asynccontextmanager
    async def _client(self) -> AsyncIterator[Client]:
        from distributed import Client

        try:
            client = Client(self._address, asynchronous=True, timeout=CONNECTING_SECONDS, set_as_default=False)
            await asyncio.wait_for(client, CONNECTING_SECONDS + 1)
        except (TimeoutError, asyncio.TimeoutError) as error:
            raise ClusterError(f"{self._address}: there is no answer from a dask scheduler") from error
        except (OSError, ValueError) as error:
            raise ClusterError(f"{self._address}: there is no dask scheduler: {_line(error)}") from error
        try:
            yield client
        finally:
            with contextlib.suppress(asyncio.TimeoutError, TimeoutError, OSError):
                await asyncio.wait_for(client.close(), LEAVING_SECONDS)

    async def _answer(self, client: Client, chunk: _Chunk) -> list[bytes | None]:
        question = [(one.suffix, one.data) for one in chunk.contents]
        future = client.submit(lower_chunk, question, self._version, pure=False, key=None)
        version, answers = await future
        expected = self._version()
        if version != expected:
            theirs, ours = version.decode("utf-8", "replace"), expected.decode()
            raise ClusterError(f"{self._address}: a worker has ce-lint {theirs}, and this is {ours}")
        assert isinstance(answers, list)
        return answers

    def _note(self, chunk: _Chunk, task: asyncio.Task[list[bytes | None]]) -> None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            for one, value in zip(chunk.contents, task.result(), strict=True):
                if value is not None:
                    self._take(one.key, value)
        elif isinstance(error, ClusterError):
            raise error
        elif (missing := _missing(error)) is not None:
            raise ClusterError(f"{self._address}: the workers need ce-lint of the same version: {_line(missing)}")
        else:
            self._left.append(error)

    def _trouble(self) -> str:
        if not self._left:
            return ""
        reason = _line(self._left[0])
        return f"{self._address}: {len(self._left)} tasks of the cluster failed, and are done here: {reason}"


def _looked_at(task: asyncio.Task[list[bytes | None]]) -> None:
    """Let an error be no news: after the first one nobody asks for the others, and asyncio would log each of them."""
    if not task.cancelled():
        task.exception()


def lower_chunk(question: list[tuple[str, bytes]], version: Callable[[], bytes]) -> tuple[bytes, list[bytes | None]]:
    """On a worker: what it is, and the packed result of each content; None for one that takes longer than it may."""
    answers: list[bytes | None] = []
    with collector_paused():
        for suffix, data in question:
            since = time.thread_time()
            lowered = lower_content(Path(f"content{suffix}"), data)
            is_slow = time.thread_time() - since > LIMITS.seconds
            answers.append(None if is_slow or lowered.may_pass else packed(encoded(lowered)))
    return version(), answers


def _chunks(contents: Iterable[Unlowered]) -> Iterator[_Chunk]:
    chunk: list[Unlowered] = []
    size = 0
    for one in contents:
        if len(one.data) > TOO_LARGE:
            continue
        chunk.append(one)
        size += len(one.data)
        if size >= CHUNK:
            yield _Chunk(chunk, size)
            chunk, size = [], 0
    if chunk:
        yield _Chunk(chunk, size)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let dask not log what is told in one line; each of its loggers has a level and a handler of its own."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _missing(error: BaseException | None) -> ImportError | None:
    """What a worker could not import: dask wraps what goes wrong before a task is run."""
    while error is not None and not isinstance(error, ImportError):
        error = error.__cause__ or error.__context__
    return error


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__
