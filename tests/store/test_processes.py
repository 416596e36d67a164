"""Many processes at one cache, and what happens to one of them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from ce_lint.store.folder import DATABASE
from tests.store.stores import command, environment, got, key, opened, put, value, values

pytestmark = pytest.mark.slow

_ENTRIES = 4000

WORKER = """
import random
rng = random.Random(int(sys.argv[2]))
put = wrong = 0
for _ in range(60):
    if rng.random() < 0.3:  # as another run of the linter would
        store.close()
        store = open_store(folder, b"1.0 of a test")
    numbers = rng.sample(range(4000), 200)
    found = store.get_many("ir", [key(n) for n in numbers])
    wrong += sum(found[key(n)] != value(n) for n in numbers if key(n) in found)
    missing = [n for n in numbers if key(n) not in found]
    store.put_many("ir", {key(n): value(n) for n in missing})
    put += len(missing)
print(wrong, put, store.info().reason)
store.close()
"""

WRITER = """
import itertools
for start in itertools.count(1000, 1000):
    store.put_many("ir", {key(n): value(n) for n in range(start, start + 1000)})
"""


def workers(folder: Path, count: int = 8) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(
            command(WORKER, folder, str(seed)),
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for seed in range(count)
    ]  # fmt: skip


def test_many_processes_at_once(folder: Path) -> None:
    # They make the folder at once, too.
    for worker in workers(folder):
        answer, errors = worker.communicate(timeout=300)
        assert (worker.returncode, errors) == (0, "")
        wrong, put_by_it, *reason = answer.split()
        assert (wrong, reason) == ("0", [])
        assert int(put_by_it) > 0
    # Each key was asked for 24 times: a few may have found the file locked whenever they were to be kept.
    assert len(got(folder, values(_ENTRIES))) > _ENTRIES * 0.95


def test_many_processes_at_a_damaged_file(folder: Path) -> None:
    put(folder, values(_ENTRIES))
    running = workers(folder)
    rng = random.Random(0)  # noqa: S311 - the same every time
    while any(worker.poll() is None for worker in running):
        time.sleep(0.05)
        with contextlib.suppress(FileNotFoundError), (folder / DATABASE).open("r+b") as file:
            file.seek(rng.randrange(max(1, file.seek(0, os.SEEK_END))))
            file.write(b"garbage" * 100)
    for worker in running:
        answer, errors = worker.communicate(timeout=300)
        assert (worker.returncode, errors) == (0, "")
        assert answer.split()[0] == "0"
    got(folder, values(_ENTRIES))
    put(folder, {b"key": b"value"})
    put(folder, {b"key": b"value"})
    assert got(folder, {b"key": b"value"}) == {b"key": b"value"}


def test_a_writer_that_is_killed(folder: Path) -> None:
    """What was kept before stays: the next one restores it from the journal that was left."""
    seeds = values(500)
    put(folder, seeds)
    journal = folder / f"{DATABASE}-journal"
    rng = random.Random(0)  # noqa: S311 - the same every time
    left = 0
    for _ in range(25):
        writer = subprocess.Popen(command(WRITER, folder), env=environment())
        deadline = time.monotonic() + 60
        while not journal.exists():
            assert time.monotonic() < deadline and writer.poll() is None
        time.sleep(rng.random() * 0.02)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        left += journal.exists()
        assert got(folder, seeds) == seeds
        put(folder, {b"key": b"value"})
        assert got(folder, {b"key": b"value"}) == {b"key": b"value"}
        got(folder, {key(number): value(number) for number in range(1000, 4000)})
    assert left > 0, "none was killed while it wrote"


def test_a_locked_file_is_not_waited_for(folder: Path) -> None:
    items = values(50)
    put(folder, items)
    other = sqlite3.connect(folder / DATABASE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    start = time.monotonic()
    with opened(folder) as store:
        for _ in range(100):
            assert store.get_many("ir", list(items)) == {}
            store.put_many("ir", {b"key": b"value"})
        assert "database is locked" in store.info().reason
    assert time.monotonic() - start < 2
    other.execute("ROLLBACK")
    other.close()
    assert got(folder, items) == items


def test_a_writer_does_not_wait_long_for_a_reader(folder: Path) -> None:
    items = values(50)
    put(folder, items)
    other = sqlite3.connect(folder / DATABASE, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM entry").fetchone()
    start = time.monotonic()
    with opened(folder) as store:
        for number in range(100):
            store.put_many("ir", {b"%d" % number: b"value"})
    assert time.monotonic() - start < 2
    assert got(folder, items) == items
    other.close()


def test_a_lock_that_is_let_go_is_forgotten(folder: Path) -> None:
    put(folder, {b"key": b"value"})
    with opened(folder) as store:
        for _ in range(5):
            other = sqlite3.connect(folder / DATABASE, isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")
            assert store.get_many("ir", [b"key"]) == {}
            other.close()
            assert store.get_many("ir", [b"key"]) == {b"key": b"value"}


def test_a_cache_that_is_removed_while_it_is_used(folder: Path) -> None:
    with opened(folder) as store:
        store.put_many("ir", {b"key": b"value"})
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        # What it finds out by the first of these, it can act on by the second.
        store.put_many("ir", {b"lost": b"value"})
        store.put_many("ir", {b"other": b"value"})
        assert store.get_many("ir", [b"key", b"other"]) == {b"other": b"value"}
    assert got(folder, {b"other": b"value"}) == {b"other": b"value"}
