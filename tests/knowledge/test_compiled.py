"""What is read at each start says what the .toml files say."""

from __future__ import annotations

import msgspec
import pytest

from ce_lint.knowledge import loader
from ce_lint.knowledge.compiling import compiled
from ce_lint.knowledge.loader import COMPILED, EMPTY, load
from ce_lint.knowledge.merging import extend


def test_it_was_written_after_the_last_change_of_a_file() -> None:
    assert COMPILED.read_bytes() == compiled(), "run `python -m ce_lint.knowledge.compiling`"


def test_what_is_loaded_is_what_the_files_say() -> None:
    assert load() == extend(EMPTY, msgspec.json.decode(compiled()))


def test_it_is_what_is_loaded(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path_factory.mktemp("knowledge") / "compiled.json"
    other.write_bytes(b'[{"library": "mine", "aliases": {"mine.a": "mine.b"}}]')
    monkeypatch.setattr(loader, "COMPILED", other)
    assert load.__wrapped__().aliases == {"mine.a": "mine.b"}
