"""A language server at the other end of two pipes, spoken to in plain messages."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

Message = dict[str, object]
SECONDS = 60


class Wire:
    """A running server. lsprotocol would refuse answers that are not quite as the protocol says."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._messages: queue.Queue[Message | None] = queue.Queue()
        self._asked = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.kill()
        self._server.wait()
        self._reader.join()
        for pipe in (self._server.stdin, self._server.stdout):
            assert pipe is not None
            pipe.close()

    def tell(self, method: str, params: object = None) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: object = None) -> object:
        """Send a request; return the result."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        return self._next(lambda message: message.get("id") == self._asked and "method" not in message)["result"]

    def heard(self, method: str) -> object:
        """Return the parameters of the next notification of this method."""
        return self._next(lambda message: message.get("method") == method)["params"]

    def _next(self, is_it: object) -> Message:
        assert callable(is_it)
        while True:
            message = self._messages.get(timeout=SECONDS)
            assert message is not None, f"the server has ended with status {self._server.wait()}"
            if is_it(message):
                return message

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin is not None
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._server.stdin.flush()

    def _read(self) -> None:
        assert self._server.stdout is not None
        while True:
            length = _length(self._server.stdout)
            if not length:
                self._messages.put(None)
                return
            self._messages.put(json.loads(self._server.stdout.read(length)))


def _length(stream: IO[bytes]) -> int:
    """Read the head of a message; return how long its body is, 0 at the end."""
    length = 0
    for line in iter(stream.readline, b""):
        name, _, value = line.strip().partition(b":")
        if not name:
            return length
        if name.lower() == b"content-length":
            length = int(value)
    return 0
