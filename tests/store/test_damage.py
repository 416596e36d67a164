"""A file that is not what was written: it costs what was in it, gives no wrong value, and is replaced."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ce_lint.store.folder import DATABASE
from ce_lint.store.inspection import inspect
from tests.store.stores import VERSION, got, opened, put, values

Filled = tuple[Path, dict[bytes, bytes]]
_PAGE = 8192


def heals(folder: Path, items: dict[bytes, bytes]) -> int:
    """Use a cache as one run after the other does, until it has everything again; how many runs that took."""
    for run in range(1, 5):
        found = got(folder, items)
        if found == items:
            # Reading does not look at all of the file, writing and making room do.
            put(folder, {b"new": b"%d" % run}, limit=50_000)
            assert got(folder, {b"new": b"%d" % run})
            return run
        put(folder, {key: items[key] for key in items.keys() - found.keys()})
    raise AssertionError("it does not heal")


def test_an_undamaged_file_needs_no_healing(filled: Filled) -> None:
    assert heals(*filled) == 1


@pytest.mark.parametrize(
    "content", [b"", b"x", b"not a database\n" * 1000, b"\x00" * 100_000, b"SQLite format 3\x00", b"\xff" * _PAGE * 3]
)
def test_a_file_that_is_no_database(filled: Filled, content: bytes) -> None:
    folder, items = filled
    (folder / DATABASE).write_bytes(content)
    assert got(folder, items) == {}
    assert heals(folder, items) == 2


def test_a_file_that_ends_early(filled: Filled) -> None:
    folder, items = filled
    whole = (folder / DATABASE).read_bytes()
    ends = {0, 1, 15, 16, 99, 100, 101, 511, 512, 513, *range(0, len(whole), 3 * _PAGE // 2), len(whole) - 1}
    for end in sorted(ends):
        (folder / DATABASE).write_bytes(whole[:end])
        assert heals(folder, items) <= 3, end


@pytest.mark.parametrize("filling", [b"\x00", b"\xff", b"garbage!"])
def test_a_page_of_garbage(filled: Filled, filling: bytes) -> None:
    folder, items = filled
    whole = (folder / DATABASE).read_bytes()
    for start in range(0, len(whole), _PAGE):
        page = (filling * _PAGE)[:_PAGE]
        (folder / DATABASE).write_bytes(whole[:start] + page + whole[start + _PAGE :])
        assert heals(folder, items) <= 3, start


def test_pages_in_another_order(filled: Filled) -> None:
    folder, items = filled
    whole = (folder / DATABASE).read_bytes()
    pages = [whole[start : start + _PAGE] for start in range(0, len(whole), _PAGE)]
    for one in range(1, len(pages) - 1):
        swapped = [*pages[:one], pages[one + 1], pages[one], *pages[one + 2 :]]
        (folder / DATABASE).write_bytes(b"".join(swapped))
        assert heals(folder, items) <= 3, one


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=40))
@example(changes=[(0.0, 1)])
def test_flipped_bits(filled: Filled, changes: list[tuple[float, int]]) -> None:
    folder, items = filled
    (folder / DATABASE).unlink(missing_ok=True)
    put(folder, items)
    content = bytearray((folder / DATABASE).read_bytes())
    for place, flipped in changes:
        # Half of the places are in the first pages, where the tables are told of.
        content[int(place * 2 * _PAGE * 3) if place < 0.5 else int(place * len(content))] ^= flipped
    (folder / DATABASE).write_bytes(content)
    assert heals(folder, items) <= 4


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE content SET value = 'text'",
        "UPDATE content SET value = CAST(x'ff' AS TEXT)",
        "UPDATE content SET value = 17",
        "UPDATE content SET value = zeroblob(3)",
        "UPDATE content SET checksum = 'text'",
        "UPDATE content SET value = (SELECT max(value) FROM content), checksum = (SELECT max(checksum) FROM content)",
        "UPDATE entry SET content = (SELECT min(id) FROM content)",
        "UPDATE entry SET content = (SELECT content FROM entry AS other WHERE other.id != entry.id)",
        "UPDATE entry SET used = 'text'",
        "UPDATE entry SET size = 'text'",
        "UPDATE entry SET size = 9223372036854775807",
        "UPDATE content SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM content)",
        "DELETE FROM content",
        "DELETE FROM entry",
        "DELETE FROM version",
        "DROP TABLE version",
        "CREATE TABLE other (id INTEGER)",
        "CREATE TRIGGER broken AFTER INSERT ON content BEGIN DELETE FROM content; END",
        "CREATE UNIQUE INDEX narrow ON entry (version, kind)",
        "PRAGMA user_version = -1",
        "PRAGMA journal_mode = WAL",
    ],
)
def test_tables_that_others_have_changed(filled: Filled, change: str) -> None:
    folder, items = filled
    with sqlite3.connect(folder / DATABASE) as connection:
        try:
            connection.execute(change)
        except sqlite3.IntegrityError:
            connection.execute("DROP TABLE entry")
    connection.close()
    assert heals(folder, items) <= 3


def of_another_program(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE content (word TEXT)")
        connection.execute("CREATE TABLE entry (word TEXT)")
    connection.close()


def of_a_trickster(file: Path) -> None:
    """A view that would never come to an end."""
    with sqlite3.connect(file) as connection:
        connection.execute(
            "CREATE VIEW entry AS WITH RECURSIVE more(id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM more) "
            "SELECT id, 1 AS content, 1 AS used FROM more"
        )
        connection.execute("CREATE TABLE content (id INTEGER PRIMARY KEY, checksum INTEGER, value BLOB)")
    connection.close()


@pytest.mark.parametrize("make", [of_another_program, of_a_trickster])
def test_a_database_of_others(filled: Filled, make: Callable[[Path], None]) -> None:
    folder, items = filled
    (folder / DATABASE).unlink()
    make(folder / DATABASE)
    assert "made by another program" in inspect(folder).reason
    assert heals(folder, items) == 2


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000, b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\xff" * 5000])
def test_a_journal_of_garbage(filled: Filled, content: bytes) -> None:
    folder, items = filled
    (folder / f"{DATABASE}-journal").write_bytes(content)
    assert heals(folder, items) <= 3


def test_a_journal_of_another_file(filled: Filled, tmp_path: Path) -> None:
    """What a process that was killed has left beside a file that was replaced since."""
    folder, items = filled
    other = tmp_path / "other"
    put(other, values(300))
    connection = sqlite3.connect(other / DATABASE, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = 5")
    connection.execute("BEGIN")
    connection.execute("UPDATE content SET value = zeroblob(5000)")
    journal = (other / f"{DATABASE}-journal").read_bytes()
    connection.close()
    assert len(journal) > 10_000
    (folder / f"{DATABASE}-journal").write_bytes(journal)
    assert heals(folder, items) <= 3


def test_a_folder_where_the_file_should_be(folder: Path) -> None:
    put(folder, {b"key": b"value"})
    (folder / DATABASE).unlink()
    (folder / DATABASE / "kept").mkdir(parents=True)
    put(folder, {b"key": b"value"})
    assert got(folder, {b"key": b"value"}) == {}
    assert (folder / DATABASE / "kept").is_dir()
    assert inspect(folder).reason == f"{folder / DATABASE}: unable to open database file"


def test_a_file_where_the_folder_should_be(folder: Path) -> None:
    folder.write_text("kept")
    put(folder, {b"key": b"value"})
    with opened(folder, VERSION) as store:
        assert store.get_many("ir", [b"key"]) == {}
        assert store.info().reason == f"{folder}: not a directory"
    put(folder / "deeper", {b"key": b"value"})
    assert got(folder / "deeper", {b"key": b"value"}) == {}
    assert folder.read_text() == "kept"


def test_a_file_that_the_same_store_has_made(folder: Path) -> None:
    with opened(folder) as store:
        store.put_many("ir", values(40))
        (folder / DATABASE).write_bytes(b"garbage" * 50_000)
        store.put_many("ir", {b"key": b"value"})
        assert store.get_many("ir", [b"key"]) == {b"key": b"value"}
