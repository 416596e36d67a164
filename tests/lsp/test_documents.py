"""Open documents over the disk, and what becomes of files that are closed, moved and removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.conftest import AT_SINK, MODEL, RIGHT, TRAIN, Start, codes, pulling, pushing, span

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]


async def test_an_unsaved_text_lies_over_the_disk(start: Start, root: Path) -> None:
    (root / "model.py").write_text(RIGHT)
    editor = await start()
    editor.open("train.py")
    assert await editor.shown("train.py", 1) == []

    editor.open("model.py", MODEL)
    assert codes(await editor.becomes("train.py", bool)) == ["CEL001"]
    assert (root / "model.py").read_text() == RIGHT
    editor.close("model.py")
    await editor.becomes("train.py", lambda found: not found)


async def test_a_file_need_not_be_on_disk_yet(start: Start, root: Path) -> None:
    (root / "model.py").unlink()
    editor = await start()
    editor.open("train.py")
    assert await editor.shown("train.py", 1) == []

    editor.open("model.py", MODEL)
    assert [span(one) for one in await editor.becomes("train.py", bool)] == [AT_SINK]
    assert len(await editor.shown("model.py", 1)) == 1
    editor.close("model.py")
    await editor.becomes("model.py", lambda found: not found)
    await editor.becomes("train.py", lambda found: not found)


async def test_a_file_can_be_in_a_folder_that_is_not_there_yet(start: Start, root: Path) -> None:
    (root / "model.py").unlink()
    editor = await start()
    editor.open("nets/deep/model.py", MODEL)
    editor.open("train.py", TRAIN.replace("from model", "from nets.deep.model"))

    assert codes(await editor.becomes("train.py", bool)) == ["CEL001"]


async def test_a_document_that_was_never_saved_is_analysed_alone(start: Start) -> None:
    editor = await start()
    editor.open("untitled:Untitled-1", MODEL + TRAIN.replace("from model import Net\n", ""))

    source, sink = await editor.becomes("untitled:Untitled-1", bool)
    assert "(Untitled-1:16)" in source.message
    assert "(Untitled-1:11)" in sink.message
    editor.open("untitled:Untitled-2", TRAIN)
    assert await editor.shown("untitled:Untitled-2", 1) == []
    editor.close("untitled:Untitled-1")
    await editor.becomes("untitled:Untitled-1", lambda found: not found)


async def test_a_home_is_no_project(start: Start, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(root))
    monkeypatch.setenv("USERPROFILE", str(root))
    editor = await start()
    alone = MODEL + TRAIN.replace("from model import Net\n", "")
    editor.open("script.py", alone)

    source, _ = await editor.becomes("script.py", bool)
    assert "(script.py:16)" in source.message
    version = editor.change("script.py", TRAIN)
    assert await editor.shown("script.py", version) == [], "its neighbours are not looked at"
    assert {params.uri for params in editor.published} == {editor.uri("script.py")}


async def test_what_is_no_file_of_the_user_is_passed_over(start: Start) -> None:
    editor = await start(pulling())
    editor.open("git:/project/train.py?ref", TRAIN)

    report = await editor.pull("git:/project/train.py?ref")
    assert getattr(report, "items", None) == ()
    assert (
        await editor.actions("git:/project/train.py?ref", types.Range(types.Position(0, 0), types.Position(9, 0))) == []
    )
    assert await editor.hover("git:/project/train.py?ref", 5, 12) is None


@pytest.mark.parametrize("is_open", [False, True])
async def test_a_deleted_file_is_forgotten(start: Start, root: Path, *, is_open: bool) -> None:
    editor = await start()
    if is_open:
        editor.open("train.py")
    await editor.becomes("train.py", bool)

    (root / "train.py").unlink()
    if is_open:
        editor.close("train.py")
    params = types.DeleteFilesParams([types.FileDelete(editor.uri("train.py"))])
    editor.client.workspace_did_delete_files(params)
    await editor.becomes("train.py", lambda found: not found)
    await editor.becomes("model.py", lambda found: not found)


async def test_a_renamed_file_takes_its_findings_along(start: Start, root: Path) -> None:
    editor = await start()
    await editor.becomes("train.py", bool)

    (root / "train.py").rename(root / "training.py")
    files = [types.FileRename(editor.uri("train.py"), editor.uri("training.py"))]
    editor.client.workspace_did_rename_files(types.RenameFilesParams(files))
    await editor.becomes("train.py", lambda found: not found)
    assert codes(await editor.becomes("training.py", bool)) == ["CEL001"]
    await editor.becomes("model.py", lambda found: bool(found) and "(training.py:6)" in found[0].message)


async def test_what_others_change_on_disk_is_seen(start: Start, root: Path) -> None:
    editor = await start()
    await editor.becomes("train.py", bool)
    assert "workspace/didChangeWatchedFiles" in editor.registered

    (root / "model.py").write_text(RIGHT)
    changes = [types.FileEvent(editor.uri("model.py"), types.FileChangeType.Changed)]
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
    await editor.becomes("train.py", lambda found: not found)


async def test_a_client_that_watches_nothing_has_the_files_looked_at_now_and_then(start: Start, root: Path) -> None:
    capabilities = pushing()
    assert capabilities.workspace is not None
    capabilities.workspace.did_change_watched_files = None
    editor = await start(capabilities)
    editor.open("train.py")
    await editor.becomes("model.py", bool)
    assert editor.registered == []

    (root / "model.py").write_text(RIGHT)
    (root / "other.py").write_text(MODEL + TRAIN.replace("from model import Net\n", ""))
    identifier = types.TextDocumentIdentifier(editor.uri("train.py"))
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))
    await editor.becomes("model.py", lambda found: not found)
    assert len(await editor.becomes("other.py", bool)) == 2


async def test_a_saved_file_is_read_again(start: Start, root: Path) -> None:
    editor = await start()
    editor.open("model.py")
    await editor.becomes("train.py", bool)

    editor.change("model.py", RIGHT)
    (root / "model.py").write_text(RIGHT)
    identifier = types.TextDocumentIdentifier(editor.uri("model.py"))
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))
    editor.close("model.py")
    await editor.becomes("train.py", lambda found: not found)


async def test_a_text_that_cannot_be_parsed_leaves_the_last_good_answer(start: Start) -> None:
    editor = await start(pulling())
    editor.open("model.py")
    editor.open("train.py")
    first = await editor.pull("model.py")
    assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
    assert codes(first.items) == ["CEL001"]

    editor.change("model.py", MODEL + "\ndef broken(:\n")
    broken = await editor.pull("model.py", first.result_id)
    assert isinstance(broken, types.RelatedUnchangedDocumentDiagnosticReport)
    report = await editor.pull("train.py")
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    assert codes(report.items) == ["CEL001"]

    editor.change("model.py", RIGHT)
    mended = await editor.pull("model.py", first.result_id)
    assert isinstance(mended, types.RelatedFullDocumentDiagnosticReport)
    assert mended.items == ()


async def test_nothing_is_pushed_for_a_text_that_cannot_be_parsed(start: Start) -> None:
    editor = await start()
    editor.open("model.py")
    await editor.shown("model.py", 1)

    editor.change("model.py", "\n" + MODEL + "\ndef broken(:\n")
    version = editor.change("model.py", "\n\n" + MODEL)
    (source,) = await editor.shown("model.py", version)
    assert source.range.start.line == 12
    pushed = [params for params in editor.published if params.uri == editor.uri("model.py")]
    assert all(len(params.diagnostics) == 1 for params in pushed)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_edits_of_ranges_add_up_to_the_text(start: Start, end: str) -> None:
    editor = await start()
    text = TRAIN.replace("net(x)", "x").replace("\n", end)
    editor.open("train.py", text)
    assert await editor.shown("train.py", 1) == []
    version = 1
    for column, letter in enumerate("net(", start=21):
        here = types.Position(5, column)
        version = editor.change("train.py", letter, types.Range(here, here))
    here = types.Position(5, 26)
    version = editor.change("train.py", ")", types.Range(here, here))

    assert [span(one) for one in await editor.shown("train.py", version)] == [AT_SINK]
    # A form feed and a line separator end a line for `str.splitlines` only.
    here = types.Position(0, 0)
    version = editor.change("train.py", f"# \f\u2028{end}", types.Range(here, here))
    assert [one.range.start.line for one in await editor.shown("train.py", version)] == [6]
