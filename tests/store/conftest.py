"""A cache in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.stores import key, put, value, values


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the cache is to be; nothing is there."""
    return tmp_path / "cache"


@pytest.fixture
def filled(folder: Path) -> tuple[Path, dict[bytes, bytes]]:
    """A cache and what is in it, of several pages, and some values longer than a page."""
    items = values(40) | {key(number): value(number, 20_000) for number in range(100, 105)}
    put(folder, items)
    return folder, items
