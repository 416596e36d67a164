"""Disks that are full, or on which nothing may be written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ce_lint.store.folder import DATABASE
from tests.store.stores import command, environment, got, put, run, values

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="its ways to forbid are Linux's")]

READ_AND_WRITE = """
try:
    (Path(sys.argv[2]) / "probe" if Path(sys.argv[2]).is_dir() else Path(sys.argv[2])).open("ab").close()
except OSError:
    pass
else:
    raise SystemExit("it may be written")
items = {key(n): value(n) for n in range(40)}
print(store.get_many("ir", list(items)) == items, store.info().reason)
for number in range(50):
    store.put_many("ir", {b"new %d" % number: b"value" * 1000})
print(store.get_many("ir", list(items)) == items, store.get_many("ir", [b"new 0"]))
store.close()
"""

FULL = """
items = {key(n): value(n) for n in range(3000)}
first = {key(n): items[key(n)] for n in range(40)}
store.put_many("ir", first)
for start in range(0, 3000, 100):
    names = [key(n) for n in range(start, start + 100)]
    store.put_many("ir", {name: items[name] for name in names})
found = store.get_many("ir", list(items))
print(all(found[name] == items[name] for name in found), 40 <= len(found) < 3000, store.info().reason)
store.close()
store = open_store(folder, b"1.0 of a test")
found = store.get_many("ir", list(items))
print(all(found[name] == items[name] for name in found), 40 <= len(found) < 3000, store.info().reason)
store.close()
"""


@pytest.mark.parametrize("which", ["folder", "file", "both"])
def test_read_only(folder: Path, which: str) -> None:
    put(folder, values(40))
    closed = {"folder": [folder], "file": [folder / DATABASE], "both": [folder / DATABASE, folder]}[which]
    for path in closed:
        path.chmod(0o500)
    try:
        answer = run(READ_AND_WRITE, folder, str(closed[0]), unprivileged=True)
    finally:
        folder.chmod(0o700)
        (folder / DATABASE).chmod(0o600)
    assert answer == "True \nTrue {}\n"


def test_a_folder_in_which_none_can_be_made(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    program = "store.put_many('ir', {b'key': b'value'}); print(store.get_many('ir', [b'key']), store.info().reason)"
    try:
        answer = run(program, tmp_path / "cache", unprivileged=True)
    finally:
        tmp_path.chmod(0o700)
    assert answer == f"{{}} {tmp_path / 'cache'}: permission denied\n"


def test_a_damaged_file_that_cannot_be_replaced(folder: Path) -> None:
    put(folder, values(40))
    (folder / DATABASE).write_bytes(b"garbage" * 1000)
    folder.chmod(0o500)
    program = "print(store.get_many('ir', [key(1)])); store.put_many('ir', {b'a': b'b'}); print(store.info().reason)"
    try:
        answer = run(program, folder, unprivileged=True)
    finally:
        folder.chmod(0o700)
    reason = "file is not a database, and it cannot be removed: permission denied"
    assert answer == f"{{}}\n{folder / DATABASE}: {reason}\n"


def test_a_folder_that_cannot_be_read(folder: Path) -> None:
    put(folder, values(40))
    folder.chmod(0)
    program = "print(store.get_many('ir', [key(1)])); store.put_many('ir', {b'a': b'b'}); print(store.info().reason)"
    try:
        answer = run(program, folder, unprivileged=True)
    finally:
        folder.chmod(0o700)
    assert answer == f"{{}}\n{folder}: permission denied\n"


def test_a_file_that_may_not_grow(folder: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
    assert run(limit + FULL, folder) == "True True \nTrue True \n"
    assert (folder / DATABASE).stat().st_size <= 1_000_000
    put(folder, values(3000))
    assert got(folder, values(3000)) == values(3000)


def _is_allowed(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def on_a_small_disk(script: str, program: str, folder: Path, *arguments: str) -> str:
    """Run a program where a file system of a megabyte lies at the folder; only this program sees it."""
    # Made before: in its own world root is nobody who could write elsewhere.
    folder.mkdir()
    start = ["unshare", "--map-root-user", "--mount", "sh", "-ec"]
    mount = 'mount -t tmpfs -o size=1m none "$0"\n'
    if not shutil.which("unshare") or not _is_allowed([*start, mount, str(folder)]):
        pytest.skip("this process may not mount anything")
    result = subprocess.run(
        [*start, mount + script, folder, *command(program, folder, *arguments)],
        env=environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_a_full_disk(folder: Path) -> None:
    assert on_a_small_disk('"$@"', FULL, folder) == "True True \nTrue True \n"


def test_a_read_only_disk(folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "made", values(40))
    script = f'cp -r {tmp_path}/made/. "$0"\nmount -o remount,ro "$0"\n"$@"'
    assert on_a_small_disk(script, READ_AND_WRITE, folder, str(folder)) == "True \nTrue {}\n"


@pytest.mark.parametrize("there", ["nothing", "the marks", "the database"])
def test_a_disk_without_any_room(folder: Path, tmp_path: Path, there: str) -> None:
    made = tmp_path / "made"
    put(made, values(1))
    copied = {"nothing": "", "the marks": f"{made}/CACHEDIR.TAG {made}/.gitignore", "the database": f"{made}/."}[there]
    # The database of another format takes all the room.
    fill = 'head -c 2000000 /dev/zero > "$0/entries-0.db" 2>/dev/null || true\n"$@"'
    program = """
store.put_many("ir", {key(n): value(n, 20_000) for n in range(1, 9)})
found = store.get_many("ir", [key(n) for n in range(9)])
print(len(found), all(found[name] == value(0) for name in found))
store.close()
"""
    answer = on_a_small_disk((f'cp -r {copied} "$0"\n' if copied else "") + fill, program, folder)
    assert answer == ("1 True\n" if there == "the database" else "0 True\n")
