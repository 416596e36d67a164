"""Stores, values that are known beforehand, and programs that use them in processes of their own."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ce_lint.store.opening import open_store
from ce_lint.store.records import LIMIT, Store

PACKAGE = Path(__file__).parents[2]
VERSION = b"1.0 of a test"

PRELUDE = """\
import hashlib, os, sys
from pathlib import Path
from ce_lint.store.opening import open_store
folder = Path(sys.argv[1])
def key(number): return hashlib.blake2b(b"%d" % number, digest_size=16).digest()
def value(number, size=2000): return hashlib.shake_128(b"%d" % number).digest(size + number % 997)
store = open_store(folder, b"1.0 of a test")
"""
"""How every program of these tests begins."""

# Root may write what is read-only, until it has given up the two capabilities that let it.
_UNPRIVILEGED = """\
import ctypes, os, sys
for capability in (1, 2):
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def key(number: int) -> bytes:
    return hashlib.blake2b(b"%d" % number, digest_size=16).digest()


def value(number: int, size: int = 2000) -> bytes:
    """Bytes that differ from key to key, in their number too."""
    return hashlib.shake_128(b"%d" % number).digest(size + number % 997)


def values(count: int, size: int = 2000) -> dict[bytes, bytes]:
    return {key(number): value(number, size) for number in range(count)}


@contextlib.contextmanager
def opened(folder: Path, version: bytes = VERSION, limit: int = LIMIT) -> Iterator[Store]:
    with contextlib.closing(open_store(folder, version, limit)) as store:
        yield store


def put(folder: Path, items: Mapping[bytes, bytes], kind: str = "ir", limit: int = LIMIT) -> None:
    with opened(folder, limit=limit) as store:
        store.put_many(kind, items)


def got(folder: Path, items: Mapping[bytes, bytes], kind: str = "ir") -> dict[bytes, bytes]:
    """What a new store has for these keys: it must be what was put, or nothing."""
    with opened(folder) as store:
        found = store.get_many(kind, list(items))
    assert all(items[one] == found[one] for one in found), "a wrong value"
    return found


def command(program: str, folder: Path, *arguments: str, unprivileged: bool = False) -> list[str]:
    start = [sys.executable, *(["-c", _UNPRIVILEGED] if unprivileged else [])]
    return [*start, "-c", PRELUDE + program, str(folder), *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONWARNINGS": "error"}


def run(program: str, folder: Path, *arguments: str, unprivileged: bool = False) -> str:
    """Run a program with a store in a process of its own; what it prints is returned, and an error of it fails."""
    result = subprocess.run(
        command(program, folder, *arguments, unprivileged=unprivileged),
        env=environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout
