"""What a store does on a disk that does as it should."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ce_lint.store.folder import DATABASE
from ce_lint.store.opening import open_store
from ce_lint.store.records import Held, NoStore, Store
from tests.store.stores import PACKAGE, VERSION, environment, got, key, opened, put, run, values

_DAY = 24 * 60 * 60 * 1000


def test_what_was_put_is_got(folder: Path) -> None:
    items = values(700) | {b"": b"", b"\x00" * 100: b"\x00"}
    put(folder, items)
    assert got(folder, items) == items
    assert got(folder, {key(701): b""}) == {}
    with opened(folder) as store:
        assert store.get_many("ir", []) == {}
        assert store.get_many("ir", [key(1), key(1)]) == {key(1): items[key(1)]}


def test_another_process_gets_it(folder: Path) -> None:
    run("store.put_many('ir', {key(n): value(n) for n in range(9)}); store.close()", folder)
    assert got(folder, values(9)) == values(9)


def test_kinds_and_versions_are_apart(folder: Path) -> None:
    with opened(folder) as store:
        store.put_many("ir", {b"key": b"ir"})
        store.put_many("report", {b"key": b"report"})
    with opened(folder, b"2.0") as store:
        store.put_many("ir", {b"key": b"later"})
        assert store.get_many("report", [b"key"]) == {}
    with opened(folder) as store:
        assert store.get_many("ir", [b"key"]) == {b"key": b"ir"}
        assert store.get_many("report", [b"key"]) == {b"key": b"report"}
    # The bytes of all three in a row are the same.
    with opened(folder, b"ab") as store:
        store.put_many("c", {b"d": b"1"})
        assert store.get_many("", [b"cd"]) == {}
    with opened(folder, b"a") as store:
        assert store.get_many("bc", [b"d"]) == {}


def test_a_value_can_be_replaced(folder: Path) -> None:
    put(folder, {b"key": b"first" * 5000})
    put(folder, {b"key": b"second"})
    assert got(folder, {b"key": b"second"}) == {b"key": b"second"}


def test_nothing_is_made_before_something_is_kept(folder: Path) -> None:
    with opened(folder) as store:
        assert store.get_many("ir", [b"key"]) == {}
        store.put_many("ir", {})
        assert store.info().held == ()
    assert not folder.exists()


def test_the_folder_is_marked(folder: Path) -> None:
    put(folder / "deep", {b"key": b"value"})
    assert sorted(file.name for file in (folder / "deep").iterdir()) == [".gitignore", "CACHEDIR.TAG", DATABASE]
    # What the specification wants to see, byte by byte.
    assert (folder / "deep" / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True, check=True)
    assert status.stdout == ""


def test_a_folder_of_others_is_not_used(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.tex").touch()
    with opened(folder) as store:
        store.put_many("ir", {b"key": b"value"})
        assert store.get_many("ir", [b"key"]) == {}
        assert store.info().reason == f"{folder}: is no cache of ce-lint, and holds other files (thesis.tex)"
    assert [file.name for file in folder.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("name", [".gitignore", "CACHEDIR.TAG"])
def test_marks_of_others_stay_as_they_are(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / name).write_text("Signature: 8a477f597d28d172789f06886806bc55\n# by another program\n")
    put(folder, {b"key": b"value"})
    assert [file.name for file in folder.iterdir()] == [name]
    assert "another program" in (folder / name).read_text()


@pytest.mark.parametrize("name", [DATABASE, ".gitignore", "CACHEDIR.TAG"])
def test_nothing_is_written_through_a_link(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / name).symlink_to(folder.parent / "elsewhere")
    put(folder, {b"key": b"value"})
    assert got(folder, {b"key": b"value"}) == {}
    assert [file.name for file in folder.iterdir()] == [name]
    assert not (folder.parent / "elsewhere").exists()


def test_a_folder_that_was_being_made_is_finished(folder: Path) -> None:
    put(folder, {b"key": b"value"})
    tag = folder / "CACHEDIR.TAG"
    whole = tag.read_bytes()
    tag.write_bytes(whole[:20])
    put(folder, {b"key": b"value"})
    assert tag.read_bytes() == whole


def test_after_closing_nothing_is_held(folder: Path) -> None:
    put(folder, {b"key": b"value"})
    store = open_store(folder, VERSION)
    assert store.get_many("ir", [b"key"]) == {b"key": b"value"}
    store.close()
    store.close()
    store.put_many("ir", {b"other": b"value"})
    assert store.get_many("ir", [b"key"]) == {}
    assert got(folder, {b"other": b"value"}) == {}


def test_no_store_keeps_nothing() -> None:
    store: Store = NoStore("not asked for")
    store.put_many("ir", {b"key": b"value"})
    assert store.get_many("ir", [b"key"]) == {}
    assert store.info().reason == "not asked for"
    store.close()


def test_what_is_told(folder: Path) -> None:
    with opened(folder, b"2.0") as store:
        store.put_many("ir", {b"a": b"12345", b"b": b"1"})
        store.put_many("report", {b"a": b"1"})
    with opened(folder, limit=10_000_000) as store:
        store.put_many("ir", {b"a": b"12"})
        info = store.info()
    assert info.held == (
        Held(VERSION, "ir", 1, 2),
        Held(b"2.0", "ir", 2, 6),
        Held(b"2.0", "report", 1, 1),
    )
    assert (info.folder, info.reason, info.limit) == (folder, "", 10_000_000)
    assert info.size == (folder / DATABASE).stat().st_size
    assert info.made is not None and info.used is not None
    assert time.time() - 60 < info.made <= info.used <= time.time()


def test_reading_writes_nothing(filled: tuple[Path, dict[bytes, bytes]]) -> None:
    folder, items = filled
    before = (folder / DATABASE).stat().st_mtime_ns, (folder / DATABASE).read_bytes(), folder.stat().st_mtime_ns
    assert got(folder, items) == items
    after = (folder / DATABASE).stat().st_mtime_ns, (folder / DATABASE).read_bytes(), folder.stat().st_mtime_ns
    assert before == after


def test_use_is_noted_once_a_day(filled: tuple[Path, dict[bytes, bytes]]) -> None:
    folder, items = filled
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute("UPDATE entry SET used = used - 2 * ?", (_DAY,))
    connection.close()
    used = dict(list(items.items())[:7])
    assert got(folder, used) == used
    with sqlite3.connect(folder / DATABASE) as connection:
        noted = connection.execute("SELECT count(*) FROM entry WHERE used > ?", ((time.time() - 60) * 1000,)).fetchone()
    connection.close()
    assert noted == (7,)
    before = (folder / DATABASE).stat().st_mtime_ns
    assert got(folder, used) == used
    assert (folder / DATABASE).stat().st_mtime_ns == before


def test_threads_may_share_a_store(folder: Path) -> None:
    wrong: list[int] = []
    with opened(folder) as store:

        def work(start: int) -> None:
            for number in range(start, start + 50):
                store.put_many("ir", {key(number): b"%d" % number})
                if store.get_many("ir", [key(number)]) != {key(number): b"%d" % number}:
                    wrong.append(number)

        threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 400, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.slow
def test_a_forked_child_leaves_the_file_alone(filled: tuple[Path, dict[bytes, bytes]]) -> None:
    folder, items = filled
    program = """
items = {key(n): value(n) for n in range(40)}
assert store.get_many("ir", list(items)) == items
store._lock.acquire()  # as a thread of the parent would hold it
child = os.fork()
if child == 0:
    store.put_many("ir", {b"child": b"1"})
    print(store.get_many("ir", list(items)))
    store.close()
    sys.stdout.flush()
    os._exit(0)
store._lock.release()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), store.get_many("ir", list(items)) == items)
store.close()
"""
    assert run(program, folder) == "{}\n0 True\n"
    assert got(folder, {b"child": b"1"}) == {}
    assert got(folder, items) == items


@pytest.mark.slow
def test_what_is_not_imported(folder: Path) -> None:
    code = "import sys, ce_lint.store.opening, ce_lint.cli.cache, ce_lint.cli.caching\nprint('sqlite3' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True, cwd=PACKAGE
    )
    assert result.stdout == "False\n"
    assert run("print('sqlite3' in sys.modules); store.close()", folder) == "True\n", "this test cannot fail"


@pytest.mark.slow
def test_a_python_without_sqlite(folder: Path) -> None:
    code = (
        "import sys, pathlib; sys.modules['_sqlite3'] = None\n"
        "from ce_lint.store.opening import open_store\n"
        f"print(open_store(pathlib.Path({str(folder)!r}), b'1').info().reason)"
    )
    result = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert result.stdout == "this Python has no _sqlite3\n"


@pytest.mark.slow
def test_processes_of_a_pool_each_open_their_own(folder: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(put, [(folder, {key(number): b"%d" % number}) for number in range(6)])
    expected = {key(number): b"%d" % number for number in range(6)}
    assert got(folder, expected) == expected
