"""Quick fixes, fixes of a whole file, and comments that take a finding back, as edits of the client's documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.conftest import (
    MODEL,
    RIGHT,
    TRAIN,
    WITH_SIMPLE_FIXES,
    Start,
    pushing,
)

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]

SOURCE = types.Range(types.Position(10, 15), types.Position(10, 20))
SINK = types.Range(types.Position(5, 23), types.Position(5, 23))
CLEF = "𝄞"


def simple() -> types.ClientCapabilities:
    """A client that takes neither versions of documents nor edits that come later."""
    capabilities = pushing()
    assert capabilities.workspace is not None
    assert capabilities.text_document is not None
    capabilities.workspace.workspace_edit = None
    capabilities.text_document.code_action = None
    return capabilities


def by_title(actions: Sequence[types.CodeAction]) -> dict[str, types.CodeAction]:
    return {action.title: action for action in actions}


def changes_of(action: types.CodeAction) -> list[tuple[str, int | None, list[types.TextEdit]]]:
    """Each document with its version and its edits."""
    assert action.edit is not None
    assert action.edit.document_changes is not None
    found = []
    for change in action.edit.document_changes:
        assert isinstance(change, types.TextDocumentEdit)
        edits = [edit for edit in change.edits if isinstance(edit, types.TextEdit)]
        found.append((change.text_document.uri, change.text_document.version, edits))
    return found


def applied(text: str, edits: Sequence[types.TextEdit]) -> str:
    """A text after edits, whose columns are counted in units of UTF-16."""
    data = text.encode("utf-16-le")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode("utf-16-le")))
    for edit in sorted(edits, key=lambda one: one.range.start, reverse=True):
        start, end = (starts[one.line] + 2 * one.character for one in (edit.range.start, edit.range.end))
        data = data[:start] + edit.new_text.encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")


async def test_what_is_offered_at_an_end(start: Start) -> None:
    editor = await start(command=WITH_SIMPLE_FIXES)
    editor.open("train.py")

    for name, where in (("train.py", SINK), ("model.py", SOURCE)):
        actions = await editor.actions(name, where)
        assert [(action.title, action.kind, action.is_preferred) for action in actions] == [
            ("Return logits from Net.forward", types.CodeActionKind.QuickFix, True),
            ("Change both ends (unsafe)", types.CodeActionKind.QuickFix, None),
            ("Ignore CEL001 on this line", types.CodeActionKind.QuickFix, None),
        ]
        assert [len(action.diagnostics or ()) for action in actions] == [1, 1, 1]
    assert await editor.actions("train.py", types.Range(types.Position(1, 0), types.Position(1, 5))) == []


async def test_a_fix_names_the_versions_of_open_documents(start: Start, root: Path) -> None:
    (root / "train.py").write_bytes(TRAIN.replace("\n", "\r\n").encode())
    editor = await start(command=WITH_SIMPLE_FIXES)
    editor.open("model.py", "\n" + MODEL)

    actions = by_title(await editor.actions("train.py", SINK))
    chosen = actions["Change both ends (unsafe)"]
    model, train = changes_of(chosen)
    assert model[:2] == (editor.uri("model.py"), 1)
    assert train[:2] == (editor.uri("train.py"), None)
    assert applied("\n" + MODEL, model[2]) == "\n" + RIGHT
    assert [edit.new_text for edit in train[2]] == ["net(\r\n    x)"]
    with (root / "train.py").open(newline="") as stream:
        assert applied(stream.read(), train[2]) == TRAIN.replace("net(x)", "net(\n    x)").replace("\n", "\r\n")


async def test_a_client_that_takes_no_versions_gets_its_edits_at_once(start: Start) -> None:
    editor = await start(simple(), command=WITH_SIMPLE_FIXES)
    editor.open("model.py")

    action = by_title(await editor.actions("model.py", SOURCE))["Return logits from Net.forward"]
    assert action.edit is not None
    assert action.edit.changes is not None
    assert applied(MODEL, list(action.edit.changes[editor.uri("model.py")])) == RIGHT


async def test_what_is_no_longer_there_is_not_fixed(start: Start) -> None:
    editor = await start(command=WITH_SIMPLE_FIXES)
    editor.open("model.py")
    assert await editor.actions("model.py", SOURCE) != []

    editor.change("model.py", RIGHT)
    assert await editor.actions("model.py", SOURCE) == []


@pytest.mark.parametrize("new", ["F.softmax(self.fc(x), dim=-1)", "F.sigmoid(self.fc(x))", "self.fc(x) +"])
async def test_a_fix_that_does_not_turn_the_code_right_is_not_offered(start: Start, new: str) -> None:
    """The finding stays, another one is made, or the text cannot be parsed."""
    *python, code = WITH_SIMPLE_FIXES
    editor = await start(command=(*python, code.replace('"self.fc(x)"', repr(new))))
    editor.open("train.py")
    (before,) = await editor.becomes("train.py", bool)

    for name, where in (("train.py", SINK), ("model.py", SOURCE)):
        assert [action.title for action in await editor.actions(name, where)] == ["Ignore CEL001 on this line"]
        assert await editor.actions(name, where, ["source.fixAll"]) == []
    hover = await editor.hover("train.py", 5, 22)
    assert hover is not None
    assert "1.461" in hover, "what was tried is forgotten"
    editor.change("train.py", "\n" + TRAIN)
    (after,) = await editor.shown("train.py", 2)
    assert after.message == before.message


async def test_trying_a_fix_leaves_open_texts_as_they_are(start: Start) -> None:
    editor = await start(command=WITH_SIMPLE_FIXES)
    editor.open("model.py", "\n" + MODEL)
    editor.open("train.py", "\n" + TRAIN)
    (sink,) = await editor.shown("train.py", 1)

    for number in range(2, 5):
        assert len(await editor.actions("train.py", sink.range)) == 3
        editor.change("train.py", "\n" + TRAIN + f"# {number}\n")
        assert [one.range for one in await editor.shown("train.py", number)] == [sink.range]
    assert [one.range.start.line for one in await editor.shown("model.py")] == [11]


async def test_what_turns_several_findings_right_is_offered_once(start: Start, root: Path) -> None:
    (root / "other.py").write_text(TRAIN)
    editor = await start(command=WITH_SIMPLE_FIXES)
    editor.open("model.py")
    assert len(await editor.shown("model.py", 1)) == 2

    actions = by_title(await editor.actions("model.py", SOURCE))
    assert len(actions["Return logits from Net.forward"].diagnostics or ()) == 2
    assert len(actions["Ignore CEL001 on this line"].diagnostics or ()) == 2


async def test_a_text_that_cannot_be_parsed_is_not_fixed(start: Start) -> None:
    editor = await start(command=WITH_SIMPLE_FIXES)
    editor.open("model.py")
    await editor.shown("model.py", 1)

    editor.change("model.py", MODEL + "def (:\n")
    assert [action.title for action in await editor.actions("train.py", SINK)] == ["Ignore CEL001 on this line"]
    assert await editor.actions("model.py", SOURCE) == []


async def test_all_safe_fixes_of_a_file_where_that_is_asked_for(start: Start, root: Path) -> None:
    (root / "other.py").write_text(TRAIN)
    editor = await start(command=WITH_SIMPLE_FIXES)
    editor.open("model.py")

    for only in (["source.fixAll.ce-lint"], [types.CodeActionKind.SourceFixAll], ["source"]):
        (action,) = await editor.actions("model.py", SOURCE, only)
        assert action.kind == "source.fixAll.ce-lint"
        ((uri, version, edits),) = changes_of(action)
        assert (uri, version) == (editor.uri("model.py"), 1)
        assert applied(MODEL, edits) == RIGHT, "two findings, one cause"
    assert await editor.actions("model.py", SOURCE, ["source.fixAll.ruff"]) == []
    assert await editor.actions("model.py", SOURCE, ["source.organizeImports"]) == []
    (action,) = await editor.actions("train.py", SOURCE, ["notebook.source.fixAll"])
    assert action.kind == "notebook.source.fixAll.ce-lint"


async def test_only_what_is_asked_for(start: Start) -> None:
    editor = await start(command=WITH_SIMPLE_FIXES)
    editor.open("model.py")

    assert len(await editor.actions("model.py", SOURCE, [types.CodeActionKind.QuickFix])) > 1
    assert await editor.actions("model.py", SOURCE, [types.CodeActionKind.Refactor]) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("loss = criterion(net(x), y)", "loss = criterion(net(x), y)  # ce-lint: ignore[CEL001]"),
        (
            "loss = criterion(net(x), y)  # ce-lint: ignore[CEL003] why",
            "loss = criterion(net(x), y)  # ce-lint: ignore[CEL003, CEL001] why",
        ),
        (f'"{CLEF}"; loss = criterion(net(x), y)', f'"{CLEF}"; loss = criterion(net(x), y)  # ce-lint: ignore[CEL001]'),
    ],
)
async def test_a_comment_takes_a_finding_back(start: Start, line: str, expected: str) -> None:
    editor = await start()
    text = TRAIN.replace("loss = criterion(net(x), y)", line)
    editor.open("train.py", text)
    (sink,) = await editor.shown("train.py", 1)

    action = by_title(await editor.actions("train.py", sink.range))["Ignore CEL001 on this line"]
    ((_, version, edits),) = changes_of(action)
    assert version == 1
    (edit,) = edits
    editor.change("train.py", edit.new_text, edit.range)
    assert await editor.shown("train.py", 2) == []
    assert text.replace(line, expected) == applied(text, [edit])


async def test_a_comment_at_the_source_takes_all_of_its_findings_back(start: Start) -> None:
    editor = await start()
    editor.open("model.py")
    await editor.becomes("train.py", bool)

    action = by_title(await editor.actions("model.py", SOURCE))["Ignore CEL001 on this line"]
    ((_, _, (edit,)),) = changes_of(action)
    editor.change("model.py", edit.new_text, edit.range)
    assert await editor.shown("model.py", 2) == []
    await editor.becomes("train.py", lambda found: not found)


async def test_a_notebook_that_is_not_open_is_edited_in_its_json(start: Start, root: Path) -> None:
    (root / "model.py").unlink()
    source = MODEL + f'\n# {CLEF} "quoted"\n' + TRAIN.replace("from model import Net\n", "")
    cell = {
        "cell_type": "code",
        "metadata": {"b": 1, "a": 2},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}, indent=1)
    (root / "nb.ipynb").write_text(text)
    editor = await start(simple(), command=WITH_SIMPLE_FIXES)

    found = await editor.becomes("nb.ipynb", bool)
    action = by_title(await editor.actions("nb.ipynb", found[0].range))["Return logits from Net.forward"]
    assert action.edit is not None
    assert action.edit.changes is not None
    (edit,) = action.edit.changes[editor.uri("nb.ipynb")]
    fixed = applied(text, [edit])
    assert len(edit.new_text) < 40, "what is around the change is not in it"
    cell["source"] = source.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)").splitlines(keepends=True)
    assert fixed == json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}, indent=1)


async def test_a_fix_that_is_made_turns_the_finding_right_in_every_file(start: Start, root: Path) -> None:
    use = "from model import Net\n\n\ndef is_sure(x):\n    return Net()(x).max() > 0.9\n"
    (root / "use.py").write_text(use)
    editor = await start()
    editor.open("train.py")
    editor.open("use.py")
    (sink,) = await editor.becomes("train.py", bool)

    found = await editor.actions("train.py", sink.range)
    action = next(action for action in found if action.title.startswith("Return logits from Net"))
    changes = {uri: (version, edits) for uri, version, edits in changes_of(action)}
    assert {uri: version for uri, (version, _) in changes.items()} == {
        editor.uri("model.py"): None,
        editor.uri("use.py"): 1,
    }
    # As an editor makes them: a file that was not open is opened for it.
    editor.open("model.py")
    for uri, (_, edits) in changes.items():
        for edit in sorted(edits, key=lambda one: one.range.start, reverse=True):
            editor.change(uri, edit.new_text, edit.range)
    await editor.becomes("train.py", lambda diagnostics: not diagnostics)
    await editor.becomes("model.py", lambda diagnostics: not diagnostics)
    assert applied(MODEL, changes[editor.uri("model.py")][1]) == RIGHT
    assert ".softmax(" in applied(use, changes[editor.uri("use.py")][1])
