"""How a cache is kept small: what goes, and when."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ce_lint.store.folder import DATABASE
from tests.store.stores import got, key, opened, put, value, values

_DAY = 24 * 60 * 60 * 1000
_LIMIT = 2_000_000


def aged(folder: Path, days: int) -> None:
    """Make all entries older, as if they had been kept for so long."""
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute("UPDATE entry SET used = used - ?, made = made - ?", (days * _DAY, days * _DAY))
        connection.execute("PRAGMA user_version = 0")
    connection.close()


def test_the_file_stays_within_its_limit(folder: Path) -> None:
    largest = 0
    for start in range(0, 4000, 100):
        put(folder, {key(number): value(number) for number in range(start, start + 100)}, limit=_LIMIT)
        largest = max(largest, (folder / DATABASE).stat().st_size)
    # What is written at once comes on top until the others made room for it.
    assert _LIMIT * 0.8 < largest < _LIMIT + 400_000
    # Twelve megabytes were put; the latest are there, and most of the room is used.
    latest = {key(number): value(number) for number in range(3900, 4000)}
    assert got(folder, latest) == latest
    assert 400 < len(got(folder, values(4000))) < 800


def test_what_was_used_last_stays(folder: Path) -> None:
    old = values(500)
    put(folder, old, limit=_LIMIT)
    aged(folder, 5)
    used = {key(number): value(number) for number in range(0, 500, 5)}
    assert got(folder, used) == used
    put(folder, {key(number): value(number) for number in range(1000, 1400)}, limit=_LIMIT)
    assert got(folder, used) == used
    others = old.keys() - used.keys()
    assert len(got(folder, {one: old[one] for one in others})) < len(others) * 0.7


def test_a_smaller_limit_makes_the_file_smaller(folder: Path) -> None:
    put(folder, values(2000))
    assert (folder / DATABASE).stat().st_size > 4_000_000
    put(folder, {b"key": b"value"}, limit=1_000_000)
    assert (folder / DATABASE).stat().st_size < 1_200_000
    assert got(folder, {b"key": b"value"}) == {b"key": b"value"}


def test_what_was_not_used_for_a_month_goes(folder: Path) -> None:
    with opened(folder, b"0.9") as store:
        store.put_many("ir", values(500))
    put(folder, values(500))
    aged(folder, 31)
    used = values(100)
    assert got(folder, used) == used
    put(folder, {b"key": b"value"})
    assert got(folder, values(500)) == used
    with opened(folder) as store:
        info = store.info()
    assert [(held.version, held.entries) for held in info.held] == [(b"1.0 of a test", 101)]
    assert info.size < 500_000
    with sqlite3.connect(folder / DATABASE) as connection:
        assert connection.execute("SELECT count(*) FROM version").fetchone() == (1,)
    connection.close()


def test_a_month_is_looked_back_at_once_a_day(folder: Path) -> None:
    put(folder, values(5))
    aged(folder, 31)
    put(folder, {b"key": b"value"})
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute("UPDATE entry SET used = 0")
    connection.close()
    put(folder, {b"other": b"value"})
    assert got(folder, {b"key": b"value"}) == {b"key": b"value"}


def test_a_value_that_would_push_out_the_others_is_not_kept(folder: Path) -> None:
    put(folder, {b"small": b"1", b"large": b"1" * 300_000}, limit=_LIMIT)
    assert got(folder, {b"small": b"1", b"large": b"1" * 300_000}) == {b"small": b"1"}


@pytest.mark.slow
@pytest.mark.parametrize("size", [10, 100, 5_000, 100_000])
def test_values_of_any_size_are_bounded(folder: Path, size: int) -> None:
    count = 4 * _LIMIT // (size + 500)
    items = values(count, size)
    names = list(items)
    for start in range(0, count, max(1, count // 16)):
        put(folder, {name: items[name] for name in names[start : start + max(1, count // 16)]}, limit=_LIMIT)
    assert (folder / DATABASE).stat().st_size < _LIMIT * 1.5
    assert got(folder, items)
