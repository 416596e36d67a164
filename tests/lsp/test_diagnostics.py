"""Findings as an editor shows them, by a real server process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.conftest import (
    AT_SINK,
    AT_SOURCE,
    MODEL,
    RIGHT,
    TRAIN,
    Start,
    codes,
    counting,
    pulling,
    pushing,
    span,
    until,
)

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]

CLEF = "𝄞"
"""Outside of the BMP: one code point, two units of UTF-16, four bytes of UTF-8."""


async def test_a_finding_is_shown_at_both_ends(start: Start) -> None:
    editor = await start()
    editor.open("train.py")

    (sink,) = await editor.becomes("train.py", bool)
    (source,) = await editor.becomes("model.py", bool)
    assert (span(sink), span(source)) == (AT_SINK, AT_SOURCE)
    assert "(model.py:11) is the input of CrossEntropyLoss, which" in sink.message
    assert "is the input of CrossEntropyLoss (train.py:6), which" in source.message
    for diagnostic in (sink, source):
        assert (diagnostic.code, diagnostic.source) == ("CEL001", "ce-lint")
        assert diagnostic.severity is types.DiagnosticSeverity.Error
        assert diagnostic.data is not None


async def test_the_way_leads_through_the_files(start: Start) -> None:
    editor = await start()
    editor.open("train.py")

    (sink,) = await editor.becomes("train.py", bool)
    steps = [
        (step.location.uri, step.location.range.start.line, step.message) for step in sink.related_information or ()
    ]
    assert steps == [
        (editor.uri("model.py"), 10, "probabilities made here"),
        (editor.uri("train.py"), 5, "given to CrossEntropyLoss here"),
    ]


async def test_a_code_links_to_its_page(start: Start) -> None:
    editor = await start()
    editor.open("train.py")

    (sink,) = await editor.becomes("train.py", bool)
    assert sink.code_description is not None
    page = Path(sink.code_description.href.removeprefix("file://"))
    assert page.read_text().startswith("# softmax-before-cross-entropy (CEL001)")


async def test_a_client_is_sent_only_what_it_can_show(start: Start) -> None:
    editor = await start(types.ClientCapabilities())
    editor.open("train.py")

    (sink,) = await editor.becomes("train.py", bool)
    assert (sink.related_information, sink.code_description, sink.tags) == (None, None, None)


async def test_what_is_redundant_is_faded_where_it_is_made(start: Start, root: Path) -> None:
    (root / "model.py").write_text(MODEL.replace("softmax", "log_softmax"))
    editor = await start(options={"extendSelect": ["CEL002"]})
    editor.open("model.py")

    (source,) = await editor.becomes("model.py", bool)
    (sink,) = await editor.becomes("train.py", bool)
    assert (source.code, source.tags, sink.tags) == ("CEL002", (types.DiagnosticTag.Unnecessary,), None)
    assert source.severity is types.DiagnosticSeverity.Information


@pytest.mark.parametrize(
    ("encoding", "units"),
    [
        (types.PositionEncodingKind.Utf8, 4),
        (types.PositionEncodingKind.Utf16, 2),
        (types.PositionEncodingKind.Utf32, 1),
    ],
)
async def test_columns_are_counted_as_was_agreed(
    start: Start, encoding: types.PositionEncodingKind, units: int
) -> None:
    editor = await start(counting(encoding))
    assert editor.server is not None
    assert editor.server.capabilities.position_encoding == encoding
    text = TRAIN.replace("    loss = ", f'    "{CLEF}"; loss = ')
    editor.open("train.py", text)
    moved = len('"x"; ') - 1 + units

    (sink,) = await editor.shown("train.py", 1)
    assert span(sink) == (5, 21 + moved, 5, 27 + moved)

    # An edit after the character: the name that is passed becomes longer.
    where = types.Range(types.Position(5, 21 + moved), types.Position(5, 24 + moved))
    version = editor.change("train.py", f'Net(**{{"{CLEF}": 1}})', where)
    (sink,) = await editor.shown("train.py", version)
    assert span(sink) == (5, 21 + moved, 5, 21 + moved + len('Net(**{"": 1})(x)') + units)


async def test_utf_16_is_what_is_meant_where_nothing_is_said(start: Start) -> None:
    editor = await start(types.ClientCapabilities())
    editor.open("train.py", TRAIN.replace("    loss = ", f'    "{CLEF}"; loss = '))

    (sink,) = await editor.shown("train.py", 1)
    assert span(sink) == (5, 27, 5, 33)


async def test_an_edit_at_one_end_refreshes_the_other(start: Start) -> None:
    editor = await start()
    editor.open("model.py")
    await editor.becomes("train.py", bool)

    editor.change("model.py", RIGHT)
    await editor.becomes("train.py", lambda found: not found)
    editor.open("train.py", TRAIN.replace("net(x)", "net(x).softmax(1)"))
    (sink,) = await editor.becomes("train.py", bool)
    assert sink.related_information is not None
    editor.change("model.py", MODEL)
    editor.change("train.py", "\n" + TRAIN)
    (source,) = await editor.becomes("model.py", lambda found: bool(found) and "(train.py:7)" in found[0].message)
    assert span(source) == AT_SOURCE


async def test_a_version_is_pushed_with_what_is_found_in_it(start: Start) -> None:
    editor = await start()
    editor.open("train.py")
    assert codes(await editor.shown("train.py", 1)) == ["CEL001"]

    version = editor.change("train.py", "\n\n" + TRAIN)
    (sink,) = await editor.shown("train.py", version)
    assert sink.range.start.line == 7


async def test_only_open_files_where_that_is_asked_for(start: Start) -> None:
    editor = await start(options={"diagnosticMode": "openFilesOnly"})
    editor.open("train.py")

    await editor.becomes("train.py", bool)
    assert editor.uri("model.py") not in {params.uri for params in editor.published}


async def test_one_end_where_that_is_asked_for(start: Start) -> None:
    editor = await start(options={"reportAt": "sink"})
    editor.open("train.py")

    await editor.becomes("train.py", bool)
    assert editor.uri("model.py") not in {params.uri for params in editor.published}


# --- A client that asks ---------------------------------------------------------------------------------------------


async def test_a_client_that_asks_is_not_pushed_to(start: Start) -> None:
    editor = await start(pulling())
    editor.open("train.py")

    report = await editor.pull("train.py")
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    assert [span(one) for one in report.items] == [AT_SINK]
    assert editor.published == []


async def test_a_client_that_cannot_be_told_to_ask_again_is_pushed_to(start: Start) -> None:
    capabilities = pulling()
    assert capabilities.workspace is not None
    capabilities.workspace.diagnostics = None
    editor = await start(capabilities)
    assert editor.server is not None
    assert editor.server.capabilities.diagnostic_provider is None
    editor.open("model.py")
    await editor.becomes("train.py", bool)

    editor.change("model.py", RIGHT)
    await editor.becomes("train.py", lambda found: not found)


async def test_an_answer_that_is_known_is_not_repeated(start: Start) -> None:
    editor = await start(pulling())
    editor.open("train.py")

    first = await editor.pull("train.py")
    assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
    again = await editor.pull("train.py", first.result_id)
    assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
    assert again.result_id == first.result_id
    editor.change("train.py", "\n" + TRAIN)
    changed = await editor.pull("train.py", first.result_id)
    assert isinstance(changed, types.RelatedFullDocumentDiagnosticReport)
    assert changed.items[0].range.start.line == 6


async def test_the_workspace_is_asked_about_as_a_whole(start: Start) -> None:
    editor = await start(pulling())

    first = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
    known = []
    for item in first.items:
        assert isinstance(item, types.WorkspaceFullDocumentDiagnosticReport)
        assert codes(item.items) == ["CEL001"]
        assert item.result_id is not None
        known.append(types.PreviousResultId(item.uri, item.result_id))
    assert [one.uri for one in known] == [editor.uri("model.py"), editor.uri("train.py")]

    editor.open("model.py", "\n" + MODEL)
    second = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(known))
    kinds = {item.uri: item.kind for item in second.items}
    assert kinds == {editor.uri("model.py"): "full", editor.uri("train.py"): "full"}  # it names the other's line

    editor.change("model.py", RIGHT)
    third = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(known))
    assert [(item.uri, getattr(item, "items", None)) for item in third.items] == [(one.uri, ()) for one in known]


async def test_the_client_asks_again_when_another_file_is_shown_something_else(start: Start) -> None:
    editor = await start(pulling())
    editor.open("model.py")
    editor.open("train.py")
    await editor.pull("train.py")
    await asyncio.sleep(0.2)
    asked = editor.client.diagnostic_refresh_count

    editor.change("train.py", TRAIN + "\n")
    await editor.pull("train.py")
    await asyncio.sleep(0.2)
    assert editor.client.diagnostic_refresh_count == asked
    editor.change("train.py", TRAIN.replace("net(x)", "x"))
    await editor.pull("train.py")
    await until(lambda: editor.client.diagnostic_refresh_count > asked)


async def test_a_request_can_be_cancelled(start: Start, root: Path) -> None:
    for number in range(150):
        (root / f"net_{number}.py").write_text(MODEL + TRAIN.replace("from model import Net\n", ""))
    editor = await start(pulling())
    editor.open("train.py")
    request = asyncio.ensure_future(editor.pull("train.py"))
    await asyncio.sleep(0.1)
    assert not request.done(), "the project is too small for this test"
    (number,) = editor.client.protocol._request_futures
    editor.client.cancel_request(types.CancelParams(number))

    with pytest.raises(Exception, match="cancel"):
        await request
    assert isinstance(await editor.pull("train.py"), types.RelatedFullDocumentDiagnosticReport)


async def test_two_folders_are_two_projects(start: Start, root: Path) -> None:
    other = root.parent / "other"
    other.mkdir()
    (other / "setup.cfg").touch()
    (other / "script.py").write_text(MODEL + TRAIN.replace("from model import Net\n", ""))
    editor = await start(folders=[root, other])

    await editor.becomes("train.py", bool)
    assert len(await editor.becomes((other / "script.py").as_uri(), bool)) == 2


async def test_a_folder_that_is_closed_is_shown_no_longer(start: Start, root: Path) -> None:
    editor = await start()
    await editor.becomes("train.py", bool)

    for added, removed in (([], [root]), ([root], [])):
        event = types.WorkspaceFoldersChangeEvent(
            added=[types.WorkspaceFolder(one.as_uri(), one.name) for one in added],
            removed=[types.WorkspaceFolder(one.as_uri(), one.name) for one in removed],
        )
        params = types.DidChangeWorkspaceFoldersParams(event)
        editor.client.workspace_did_change_workspace_folders(params)
        await editor.becomes("train.py", lambda found, is_shown=bool(added): bool(found) is is_shown)


async def test_a_file_outside_of_all_folders_belongs_to_its_own_project(start: Start, root: Path) -> None:
    folder = root.parent / "elsewhere"
    folder.mkdir()
    editor = await start(pushing(), folders=[folder])
    editor.open("train.py")

    assert codes(await editor.becomes("model.py", bool)) == ["CEL001"]


async def test_a_project_within_a_folder_speaks_for_its_own_files(start: Start, root: Path) -> None:
    inner = root / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[tool.ce-lint]\nignore = ["CEL001"]\n')
    (inner / "script.py").write_text(MODEL + TRAIN.replace("from model import Net\n", ""))
    editor = await start()
    editor.open("inner/script.py")

    await editor.becomes("train.py", bool)
    assert await editor.shown("inner/script.py", 1) == []
