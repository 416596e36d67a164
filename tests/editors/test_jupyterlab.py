"""jupyter-lsp, in a real Jupyter server, starts ours as the page says and hands on what it finds."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.editors.conftest import Project, Recipe

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("jupyter_lsp") is None, reason="jupyter-lsp is not installed here"),
]

BROWSER = '''\
"""What jupyterlab-lsp does in the browser: open a document over a websocket, and read what is published for it."""
import asyncio, json, pathlib, sys, time
from tornado.websocket import websocket_connect

runtime, uri, root, text = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


def server():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for path in runtime.glob("jpserver-*.json"):
            return json.loads(path.read_text())
        time.sleep(0.1)
    raise SystemExit("no Jupyter server within a minute")


async def main():
    info = server()
    address = info["url"].replace("http", "ws", 1) + "lsp/ws/ce-lint?token=" + info["token"]
    for _ in range(100):
        try:
            socket = await websocket_connect(address)
            break
        except ConnectionRefusedError:  # it says where it listens before it does
            await asyncio.sleep(0.1)
    else:
        raise SystemExit("the server does not listen")

    def send(**message):
        socket.write_message(json.dumps({"jsonrpc": "2.0", **message}))

    async def next_with(**wanted):
        while True:
            message = json.loads(await asyncio.wait_for(socket.read_message(), 60))
            if all(message.get(key) == value for key, value in wanted.items()):
                return message

    send(id=1, method="initialize", params={"processId": None, "rootUri": root, "capabilities": {}})
    await next_with(id=1)
    send(method="initialized", params={})
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    send(method="textDocument/didOpen", params={"textDocument": document})
    while True:
        message = await next_with(method="textDocument/publishDiagnostics")
        params = message["params"]
        # What is on the disk may be told of first; that has no version.
        if params["uri"] == uri and params["diagnostics"] and params.get("version") == 1:
            break
    for found in params["diagnostics"]:
        print(found["code"], found["range"]["start"]["line"], found["message"])


asyncio.run(main())
'''
CELLS = """\
from torch import nn

net, criterion = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1)), nn.CrossEntropyLoss()


loss = criterion(net(x), y)
"""


def shown(project: Project, recipe: Recipe, document: Path, text: str) -> list[str]:
    """Open a document in a Jupyter server with the recipe's configuration; return what is found in it, one a line."""
    config = project.write("jupyter_server_config.py", recipe("JupyterLab", "python"))
    browser = project.write("browser.py", BROWSER)
    runtime = project.folder.parent / "runtime"
    environment = {**project.environment, "JUPYTER_RUNTIME_DIR": str(runtime)}
    options = ("--config", config, "--ServerApp.open_browser=False", "--allow-root", "--ServerApp.port=0")
    command = [sys.executable, "-m", "jupyter_server", *map(str, options)]
    log = project.folder.parent / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(command, cwd=project.folder, env=environment, stdout=file, stderr=file)
    try:
        arguments = (runtime, document.as_uri(), project.folder.as_uri(), text)
        return project.run(sys.executable, browser, *map(str, arguments)).splitlines()
    finally:
        server.terminate()
        server.wait(60)


def test_a_file_is_shown_as_it_is_typed(project: Project, recipe: Recipe) -> None:
    text = "# typed, and not saved\n" + project.train.read_text(encoding="utf-8")

    (line,) = shown(project, recipe, project.train, text)

    assert line.startswith("CEL001 9 softmax output of Net (model.py:11) is the input of CrossEntropyLoss")


def test_the_cells_of_a_notebook_are_one_document(project: Project, recipe: Recipe) -> None:
    document = project.folder / ".virtual_documents" / "net.ipynb"

    lines = shown(project, recipe, document, CELLS)

    assert [line[:8] for line in lines] == ["CEL001 2", "CEL001 5"]
