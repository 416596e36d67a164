"""How a server lives and ends, and what it lives through."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from lsprotocol import types

from tests.lsp.conftest import (
    AT_SINK,
    COMMAND,
    MODEL,
    PATIENCE,
    RIGHT,
    TRAIN,
    Editor,
    Start,
    codes,
    pulling,
    pushing,
    span,
    until,
)

pytestmark = pytest.mark.slow

SOON = 8.0
"""Seconds in which a server ends after its client."""


class Raw:
    """A client that can send what is no message."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def send(self, content: object) -> None:
        self.send_bytes(json.dumps(content).encode())

    def send_bytes(self, body: bytes) -> None:
        self.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def write(self, data: bytes) -> None:
        stdin = self.process.stdin
        assert stdin is not None
        stdin.write(data)
        stdin.flush()

    def receive(self) -> dict[str, object]:
        stdout: IO[bytes] | None = self.process.stdout
        assert stdout is not None
        length = 0
        while line := stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        message = json.loads(stdout.read(length))
        assert isinstance(message, dict)
        return message

    def answer(self, number: object) -> dict[str, object]:
        """The answer to a request; what else is told is passed over."""
        while True:
            message = self.receive()
            if message.get("id") == number and "method" not in message:
                return message

    def initialize(self, root: Path, process: int | None = None) -> None:
        params = {"processId": process, "rootUri": root.as_uri(), "capabilities": {}}
        self.send({"jsonrpc": "2.0", "id": "start", "method": "initialize", "params": params})
        assert "result" in self.answer("start")
        self.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})


@pytest.fixture
def raw(root: Path, tmp_path: Path) -> Iterator[Raw]:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}  # one that is killed clears nothing up
    with subprocess.Popen(COMMAND, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        yield Raw(process)
        process.kill()


# --- The end of a client --------------------------------------------------------------------------------------------


def test_the_server_ends_with_its_input(raw: Raw, root: Path) -> None:
    raw.initialize(root)
    assert raw.process.stdin is not None
    raw.process.stdin.close()

    raw.process.wait(SOON)


def test_the_server_ends_when_asked_to(raw: Raw, root: Path) -> None:
    raw.initialize(root)
    raw.send({"jsonrpc": "2.0", "id": 1, "method": "shutdown"})
    assert raw.answer(1)["result"] is None
    raw.send({"jsonrpc": "2.0", "method": "exit"})

    assert raw.process.wait(SOON) == 0


def test_an_exit_without_a_shutdown_is_no_success(raw: Raw, root: Path) -> None:
    raw.initialize(root)
    raw.send({"jsonrpc": "2.0", "method": "exit"})

    assert raw.process.wait(SOON) == 1


def test_the_server_ends_when_its_client_is_killed_and_the_pipe_stays_open(raw: Raw, root: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as client:
        raw.initialize(root, client.pid)
        time.sleep(1.5)
        assert raw.process.poll() is None
        client.kill()
        client.wait()

    raw.process.wait(SOON)


def test_a_client_that_cannot_be_seen_is_no_dead_one(raw: Raw, root: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    raw.initialize(root, ended.pid)
    time.sleep(2.5)
    raw.send({"jsonrpc": "2.0", "id": 1, "method": "shutdown"})

    assert raw.answer(1)["result"] is None


def test_nothing_is_left_behind(raw: Raw, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(COMMAND, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        client = Raw(process)
        client.initialize(root)
        assert len(list(folder.iterdir())) == 1
        assert process.stdin is not None
        process.stdin.close()
        process.wait(SOON)

    assert list(folder.iterdir()) == []


@pytest.mark.asyncio
async def test_a_shutdown_does_not_wait_for_the_analysis(start: Start, root: Path) -> None:
    for number in range(400):
        (root / f"net_{number}.py").write_text(MODEL + TRAIN.replace("from model import Net\n", ""))
    editor = await start(pulling())
    editor.open("train.py")
    asked = asyncio.ensure_future(editor.pull("train.py"))
    await asyncio.sleep(0.1)
    assert not asked.done()
    started = time.monotonic()
    await editor.client.shutdown_session()

    assert time.monotonic() - started < SOON / 2
    asked.cancel()


# --- Over a port ----------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_client_can_connect_to_a_port(root: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        *COMMAND, "--tcp", "0", cwd=root, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    assert server.stderr is not None
    port = 0
    while not port:
        line = (await asyncio.wait_for(server.stderr.readline(), PATIENCE)).decode()
        assert line, "the server has ended"
        match = re.search(r"waiting for a client on 127\.0\.0\.1:(\d+)", line)
        port = int(match[1]) if match else 0
    editor = Editor(root)
    await editor.client.start_tcp("127.0.0.1", port)
    await editor.initialize(pushing(), None, [root])
    editor.open("train.py")

    assert [span(one) for one in await editor.becomes("train.py", bool)] == [AT_SINK]
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    await editor.client.shutdown_session()
    await asyncio.wait_for(server.wait(), SOON)
    await editor.client.stop()


# --- What is sent ---------------------------------------------------------------------------------------------------


def test_what_is_no_message_is_passed_over(raw: Raw, root: Path) -> None:
    raw.initialize(root)
    raw.write(b"nonsense\r\n\r\n")
    for body in (b"{", b"[]", b"17", b"null", b"{}", b"\xff\xfe", b'{"jsonrpc": "1.0", "id": 1, "method": "shutdown"}'):
        raw.send_bytes(body)
    raw.send({"jsonrpc": "2.0", "method": "no/suchThing", "params": {}})
    raw.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": 1}})
    raw.send({"jsonrpc": "2.0", "method": "textDocument/didOpen"})
    for number, (method, params) in enumerate(
        [
            ("no/suchThing", {}),
            ("textDocument/hover", {"textDocument": {"uri": root.as_uri()}, "position": {"line": -1, "character": 0}}),
            ("textDocument/hover", {"position": None}),
            ("textDocument/codeAction", []),
            ("textDocument/diagnostic", "x"),
            ("workspace/diagnostic", None),
        ]
    ):
        raw.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        assert "error" in raw.answer(number), method
    raw.send({"jsonrpc": "2.0", "id": 99, "method": "shutdown"})

    assert raw.answer(99)["result"] is None


def test_before_the_client_has_said_who_it_is_there_is_no_answer(raw: Raw, root: Path) -> None:
    params = {"textDocument": {"uri": root.as_uri()}, "position": {"line": 0, "character": 0}}
    raw.send({"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": params})

    error = raw.answer(1)["error"]
    assert isinstance(error, dict)
    assert error["code"] == types.ErrorCodes.ServerNotInitialized.value
    raw.initialize(root)


def test_a_client_says_only_once_who_it_is(raw: Raw, root: Path) -> None:
    raw.initialize(root)
    params = {"processId": None, "rootUri": root.as_uri(), "capabilities": {}}
    raw.send({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})

    error = raw.answer(1)["error"]
    assert isinstance(error, dict)
    assert error["code"] == types.ErrorCodes.InvalidRequest.value


@pytest.mark.skipif(sys.platform == "win32", reason="there, a current folder cannot be removed")
@pytest.mark.asyncio
async def test_the_current_folder_can_go(start: Start, root: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    editor = await start(folders=[gone])
    gone.rmdir()
    editor.open("train.py")
    assert codes(await editor.shown("train.py", 1)) == ["CEL001"]


@pytest.mark.asyncio
async def test_unknown_documents_are_passed_over(start: Start) -> None:
    editor = await start(pulling())
    editor.change("train.py", "x")
    editor.close("train.py")
    editor.open("train.py")
    everywhere = types.Range(types.Position(900, 900), types.Position(9000, 0))

    assert await editor.actions("train.py", everywhere) == []
    assert await editor.hover("train.py", 900, 900) is None
    assert getattr(await editor.pull("nowhere.py"), "items", None) == ()
    assert getattr(await editor.pull("file:///"), "items", None) == ()
    assert getattr(await editor.pull("file:///%00.py"), "items", None) == ()
    assert getattr(await editor.pull("no uri at all: at all"), "items", None) == ()
    editor.open("file://host/share/train.py", TRAIN)
    assert getattr(await editor.pull("file://host/share/train.py"), "items", None) == ()
    editor.change("train.py", "# end\n", everywhere)
    report = await editor.pull("train.py")
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    assert codes(report.items) == ["CEL001"]


@pytest.mark.asyncio
async def test_an_error_of_ours_is_told_and_lived_through(start: Start) -> None:
    serve = "from ce_lint.lsp.serving import serve_on_standard_streams"
    failing = "class Planner:\n    __init__ = plan = lambda *_: None\n    def plan(*_): raise KeyError('of the test')"
    code = f"{serve}\n{failing}\nserve_on_standard_streams(Planner)"
    editor = await start(command=(sys.executable, "-c", code))
    editor.open("train.py")
    (sink,) = await editor.becomes("train.py", bool)

    with pytest.raises(Exception, match="of the test"):
        await editor.actions("train.py", sink.range)
    assert await editor.hover("train.py", 5, 12) is not None
    await until(lambda: [one for one in editor.client.log_messages if "of the test" in one.message])


@pytest.mark.asyncio
async def test_files_that_cannot_be_analysed_are_named_in_the_log(start: Start, root: Path) -> None:
    (root / "broken.py").write_text("from torch import nn\nnn.Softmax(:\n")
    editor = await start()
    await editor.becomes("train.py", bool)

    await until(lambda: [one for one in editor.client.log_messages if "broken.py:2: cannot be parsed" in one.message])
    assert editor.client.messages == []


@pytest.mark.asyncio
async def test_a_file_of_fifty_thousand_lines_is_lived_with(start: Start) -> None:
    editor = await start(pulling())
    editor.open("model.py", MODEL + "x = 1\n" * 50_000)
    editor.open("train.py")
    for line in range(50):
        here = types.Position(20 + 1000 * line, 0)
        editor.change("model.py", "y", types.Range(here, here))

    assert isinstance(await editor.pull("train.py"), types.RelatedFullDocumentDiagnosticReport)
    editor.change("model.py", MODEL)
    report = await editor.pull("train.py")
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    assert codes(report.items) == ["CEL001"]


# --- Many edits -----------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_five_hundred_edits_a_second_neither_queue_up_nor_starve_the_answer(start: Start, root: Path) -> None:
    for number in range(30):
        (root / f"net_{number}.py").write_text(MODEL + TRAIN.replace("from model import Net\n", ""))
    editor = await start()
    editor.open("train.py")
    editor.open("model.py")
    await editor.becomes("train.py", bool)
    pushed = len(editor.published)
    started = time.monotonic()
    here = types.Position(0, 0)
    for number in range(1, 1001):
        editor.change("train.py", "\n", types.Range(here, here))
        ahead = started + number / 500 - time.monotonic()
        if ahead > 0:
            await asyncio.sleep(ahead)
    typed = time.monotonic() - started
    meanwhile = [params for params in editor.published[pushed:] if params.uri == editor.uri("train.py")]
    version = editor.versions[editor.uri("train.py")]
    (sink,) = await editor.shown("train.py", version)
    waited = time.monotonic() - started - typed

    assert sink.range.start.line == 1005
    assert meanwhile, "while the user types, there is an answer now and then"
    assert waited < 2, "what was typed before does not have to be worked off"
    editor.change("model.py", RIGHT)
    await editor.becomes("train.py", lambda found: not found)


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_an_interrupt_ends_it_without_a_word(interruptible: None, raw: Raw, root: Path) -> None:
    raw.initialize(root)
    raw.process.send_signal(signal.SIGINT)

    raw.process.wait(SOON)
