"""Settings: what a client may send, and what is said of what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from ce_lint.engine.configuration.settings import Settings
from ce_lint.lsp.disk import Disk
from ce_lint.lsp.settings import KEYS, read_settings, section_of
from ce_lint.report.ends import ReportAt
from tests.lsp.conftest import TRAIN, Start, codes, until


def test_what_is_sent_is_what_is_asked_for() -> None:
    sent = {"select": ["CEL0"], "extendSelect": ["CEL902"], "ignore": ["CEL003"], "respectNoqa": False}
    settings, wrong = read_settings({**sent, "reportAt": "sink", "diagnosticMode": "openFilesOnly"})

    assert wrong == ()
    assert settings.asked == Settings(
        select=("CEL0",), extend_select=("CEL902",), ignore=("CEL003",), respect_noqa=False
    )
    assert (settings.report_at, settings.only_open_files) == (ReportAt.SINK, True)


@pytest.mark.parametrize("raw", [None, {}])
def test_nothing_sent_is_nothing_asked_for(raw: object) -> None:
    settings, wrong = read_settings(raw)

    assert (settings.asked, settings.report_at, wrong) == (Settings(), ReportAt.BOTH, ())


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([1], "the settings are not an object"),
        ({"selct": []}, 'there is no setting "selct": did you mean "select"?'),
        ({"select": "CEL001"}, '"select" is not a list of strings'),
        ({"ignore": ["F401"]}, '"ignore": no rule\'s code starts with "F401" (`ce-lint rules` lists them)'),
        ({"respectNoqa": 1}, '"respectNoqa" is not true or false'),
        ({"reportAt": "auto"}, '"reportAt" is not "both", "sink" or "source"'),
        ({"root": "/no/such/folder"}, '"root": there is no folder "/no/such/folder"'),
        ({"baseline": "\0"}, '"baseline" is no name of a file or folder'),
        ({"exclude": ["!a"]}, '"exclude": "!a" is no pattern'),
    ],
)
def test_a_wrong_setting_is_named_and_leaves_the_others(raw: object, said: str) -> None:
    settings, (line,) = read_settings({**raw, "extendSelect": ["CEL902"]} if isinstance(raw, dict) else raw)

    assert line.startswith(said)
    assert "\n" not in line
    assert settings.asked.extend_select == (("CEL902",) if isinstance(raw, dict) else ())


def test_keys_that_start_the_server_are_the_editors() -> None:
    assert read_settings({"path": [], "interpreter": ["python"], "trace": {"server": "off"}, "enable": True})[1] == ()


@pytest.mark.parametrize(
    ("sent", "ours"),
    [
        ({"select": ["CEL"]}, {"select": ["CEL"]}),
        ({"ce-lint": {"select": ["CEL"]}, "python": {}}, {"select": ["CEL"]}),
        ({"settings": {"select": ["CEL"]}}, {"select": ["CEL"]}),
        ({"python": {"analysis": {}}}, None),
        ({"selct": ["CEL"]}, {"selct": ["CEL"]}),
        (None, None),
        ({}, {}),
    ],
)
def test_our_part_is_found(sent: object, ours: object) -> None:
    assert section_of(sent) == ours


def test_every_key_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "language-server.md").read_text(encoding="utf-8")

    assert [key for key in KEYS if f"| `{key}` |" not in page] == []


def test_a_look_at_the_disk_goes_past_a_broken_configuration(root: Path) -> None:
    disk = Disk(root, Settings())
    assert disk.changed() == []
    (root / "pyproject.toml").write_text("[tool.ce-lint]\nselect = [")
    assert disk.changed() == [root / "pyproject.toml"]
    (root / "model.py").write_text(TRAIN)
    assert disk.changed() == [root / "model.py"]
    (root / "pyproject.toml").write_text("")
    assert disk.changed() == [root / "pyproject.toml"]


@pytest.mark.slow
@pytest.mark.asyncio
class TestServer:
    async def test_a_wrong_setting_is_told_once_and_the_server_lives(self, start: Start) -> None:
        editor = await start(options={"settings": {"selct": ["CEL0"], "ignore": ["CEL003"]}})
        editor.open("train.py")

        assert codes(await editor.becomes("train.py", bool)) == ["CEL001"]
        (message,) = editor.client.messages
        assert message.message == 'ce-lint: settings: there is no setting "selct": did you mean "select"?'

    async def test_settings_can_change(self, start: Start) -> None:
        editor = await start()
        editor.open("train.py")
        await editor.becomes("train.py", bool)

        for settings, is_found in (
            ({"ce-lint": {"ignore": ["CEL001"]}}, False),
            ({"ce-lint": {"select": ["CEL"]}}, True),
        ):
            params = types.DidChangeConfigurationParams(settings)
            editor.client.workspace_did_change_configuration(params)
            await editor.becomes("train.py", lambda found, is_found=is_found: bool(found) is is_found)
        nothings: tuple[dict[str, object], ...] = ({}, {"python": {"analysis": {}}})
        for nothing in nothings:
            editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(nothing))
        assert codes(await editor.becomes("train.py", bool)) == ["CEL001"]

    async def test_settings_are_asked_for(self, start: Start) -> None:
        editor = await start()
        editor.open("train.py")
        await editor.becomes("train.py", bool)

        editor.client.set_configuration({"ce-lint": {"ignore": ["CEL001"]}})
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await editor.becomes("train.py", lambda found: not found)

    async def test_another_root_is_another_project(self, start: Start, root: Path) -> None:
        inner = root / "inner"
        inner.mkdir()
        (inner / "pyproject.toml").touch()
        (inner / "script.py").write_text(
            "from model import Net\nfrom torch import nn\nnn.CrossEntropyLoss()(Net()(x), y)\n"
        )
        editor = await start(options={"root": str(inner)})
        editor.open("inner/script.py")
        assert await editor.shown("inner/script.py", 1) == []

        params = types.DidChangeConfigurationParams({"ce-lint": {"root": str(root)}})
        editor.client.workspace_did_change_configuration(params)
        assert codes(await editor.becomes("inner/script.py", bool)) == ["CEL001"]

    async def test_the_configuration_of_the_project_is_read_again(self, start: Start, root: Path) -> None:
        editor = await start()
        editor.open("train.py")
        await editor.becomes("train.py", bool)

        (root / "pyproject.toml").write_text('[tool.ce-lint]\nignore = ["CEL001"]\n')
        changes = [types.FileEvent(editor.uri("pyproject.toml"), types.FileChangeType.Changed)]
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
        await editor.becomes("train.py", lambda found: not found)

    async def test_a_broken_configuration_is_told_once_and_the_last_answer_stays(
        self, start: Start, root: Path
    ) -> None:
        editor = await start()
        editor.open("train.py")
        await editor.becomes("train.py", bool)

        (root / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
        changes = [types.FileEvent(editor.uri("pyproject.toml"), types.FileChangeType.Changed)]
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
        await until(lambda: editor.client.messages)
        editor.change("train.py", "\n" + TRAIN)
        assert await editor.hover("train.py", 5, 12) is not None
        assert codes(await editor.becomes("train.py", bool)) == ["CEL001"]
        (message,) = editor.client.messages
        assert 'pyproject.toml: [tool.ce-lint] has no key "selct": did you mean "select"?' in message.message

        (root / "pyproject.toml").write_text("[tool.ce-lint]\nselect = []\n")
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
        await editor.becomes("train.py", lambda found: not found)
