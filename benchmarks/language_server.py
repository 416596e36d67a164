"""What a keystroke costs in an editor: from the change to the diagnostics of that version, in a project of 1,000 files.

    python -m benchmarks.language_server

A real server process is driven over its standard streams, as an editor does it. A digit is typed into a comment, into
the name of a class of a model, and into the activation's argument, one after the other, each with time to answer; of
each place the median and the slowest are printed, after the time that the first answer took. So is what it costs to be
offered the fixes at the activation after a change, which are planned and tried for that, and to type on without waiting
for them. The server runs on one processor beside the client.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from benchmarks.projects import mixed

COMMAND = ("ce-lint", "lsp")
KEYS = 30
HESITATION = 0.05
ACTIVATION = "softmax"
PATIENCE = 300.0
PLACES = {
    "in a comment": ("# typed here", "# typed here "),
    "in an expression of the model": ("nn.Linear(width, classes", "nn.Linear(width, classes + "),
    "in the activation's arguments": ("dim=1", "dim=1_"),
}


class Editor:
    """A client that waits for the diagnostics of a version."""

    def __init__(self) -> None:
        self.client = LanguageClient("benchmark", "1")
        self.versions: dict[str, int | None] = {}
        self.told = asyncio.Event()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def publish(params: types.PublishDiagnosticsParams) -> None:
            self.versions[params.uri] = params.version
            self.told.set()

    async def start(self, root: Path, command: Sequence[str] = COMMAND) -> None:
        """Start the server with a project open."""
        await self.client.start_io(*command, cwd=str(root))
        folders = [types.WorkspaceFolder(root.as_uri(), root.name)]
        params = types.InitializeParams(capabilities=types.ClientCapabilities(), workspace_folders=folders)
        await self.client.initialize_async(params)
        self.client.initialized(types.InitializedParams())

    async def stop(self) -> None:
        """End the server."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()  # type: ignore[no-untyped-call]

    async def shown(self, uri: str, version: int) -> None:
        """Wait for the diagnostics of a version."""
        while self.versions.get(uri) != version:
            self.told.clear()
            await asyncio.wait_for(self.told.wait(), PATIENCE)


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds from what is done to what is shown."""

    first: float
    """From the start of the server."""
    places: Mapping[str, Sequence[float]]
    """Of each keystroke, by where it is."""
    offers: Sequence[float] = ()
    interrupting: Sequence[float] = ()
    """Of keystrokes while fixes are looked for."""


async def measured(root: Path, keys: int, command: Sequence[str] = COMMAND, *, fixes_too: bool = True) -> Costs:
    """Type in a project, and return what each place costs."""
    editor = Editor()
    path = root / "models" / "net_0.py"
    uri, text = path.as_uri(), "# typed here\n" + path.read_text(encoding="utf-8")
    started = time.perf_counter()
    await editor.start(root, command)
    item = types.TextDocumentItem(uri, "python", 1, text)
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    await editor.shown(uri, 1)
    first = time.perf_counter() - started
    version = 1
    places: dict[str, list[float]] = {}
    for name, (before, after) in PLACES.items():
        for number in range(keys):
            version += 1
            typed = text.replace(before, f"{after}{number % 2}")
            assert typed != text, before
            places.setdefault(name, []).append(await keystroke(editor, uri, version, typed))
    offers, interrupting = await _with_fixes(editor, uri, text, version, keys // 3) if fixes_too else ([], [])
    await editor.stop()
    return Costs(first, places, offers, interrupting)


async def _with_fixes(editor: Editor, uri: str, text: str, version: int, times: int) -> tuple[list[float], list[float]]:
    """Return what offers of fixes cost, and keystrokes while they are looked for."""
    offers, interrupting = [], []
    for number in range(times):
        version += 2
        await keystroke(editor, uri, version - 1, f"{text}# {number}\n")
        started = time.perf_counter()
        await fixes(editor, uri, text)
        offers.append(time.perf_counter() - started)
        await keystroke(editor, uri, version, f"{text}# {number}.\n")
        version += 1
        asked = asyncio.ensure_future(fixes(editor, uri, text))
        await asyncio.sleep(HESITATION)
        interrupting.append(await keystroke(editor, uri, version, f"{text}# {number}!\n"))
        await asked
    return offers, interrupting


async def measure(root: Path, keys: int) -> None:
    """Type in a project, and print what each place costs."""
    costs = await measured(root, keys)
    sys.stdout.write(f"the first answer: {costs.first:.1f} s\n")
    for name, place in costs.places.items():
        sys.stdout.write(f"{name}: {_in_ms(place)}\n")
    sys.stdout.write(f"fixes offered: {_in_ms(costs.offers)}\n")
    sys.stdout.write(f"in a comment, while fixes are looked for: {_in_ms(costs.interrupting)}\n")


async def fixes(editor: Editor, uri: str, text: str) -> None:
    """Ask for the fixes at the activation."""
    line = text[: text.index(ACTIVATION)].count("\n")
    here = types.Position(line, text.splitlines()[line].index(ACTIVATION))
    context = types.CodeActionContext([], [types.CodeActionKind.QuickFix])
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(here, here), context)
    assert await editor.client.text_document_code_action_async(params)


async def keystroke(editor: Editor, uri: str, version: int, text: str) -> float:
    """Return the seconds from a change to its diagnostics."""
    change = types.TextDocumentContentChangeWholeDocument(text)
    identifier = types.VersionedTextDocumentIdentifier(version, uri)
    started = time.perf_counter()
    editor.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
    await editor.shown(uri, version)
    return time.perf_counter() - started


def _in_ms(costs: Sequence[float]) -> str:
    return f"median {1000 * statistics.median(costs):.0f} ms, slowest {1000 * max(costs):.0f} ms"


def main() -> None:
    """Measure in a project that is made up."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keys", type=int, default=KEYS, help="keystrokes at each place")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(mixed(Path(folder)), arguments.keys))


if __name__ == "__main__":
    main()
