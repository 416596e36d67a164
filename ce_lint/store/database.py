"""The file of a store: its tables, and each single thing that is done with them.

A rollback journal, and no write-ahead log: that one needs memory shared by all who use the file, which network file
systems do not have, and cannot be read where nothing may be written. A process that is killed leaves a journal, from
which the next one restores the file. A machine that loses power may leave a broken file (`synchronous` is off), which
the checksums and the healing are for. The file is never mapped into memory: if it was truncated, that would be a crash.
"""

from __future__ import annotations

import contextlib
import enum
import hashlib
import itertools
import sqlite3
import struct
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ce_lint.store.records import Held

# What is changed often is apart from the values: a changed row is written anew as a whole. Values follow each other as
# they were written, so that pages are full, and those that were not used for long free whole pages.
_SCHEMA = (
    "CREATE TABLE content (id INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, value BLOB NOT NULL)",
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, content INTEGER NOT NULL, version INTEGER NOT NULL, "
    "kind TEXT NOT NULL, size INTEGER NOT NULL, made INTEGER NOT NULL, used INTEGER NOT NULL)",
    "CREATE TABLE version (id INTEGER PRIMARY KEY, name BLOB NOT NULL)",
)
_READ = (
    "SELECT entry.id, checksum, value, used FROM entry CROSS JOIN content ON content.id = entry.content "
    "WHERE entry.id IN ({})"
)
_PATIENCE_SECONDS = 0.1
"""How long one thing waits for another process: nearly all writing takes less."""
_NOT_AS_WRITTEN = "a table is not as it was written"
_PAGE = 8192
_PAGES_CACHED_KIB = 16 * 1024
"""Room for all that one writing changes: what does not fit is written early, and locks readers out for longer."""
_PARAMETERS = 500
_OVERHEAD = 64
"""Bytes of an entry beside its value, about."""
_DAY = 24 * 60 * 60 * 1000
"""Moments are in milliseconds since the epoch: what is written in one run has an order, too."""
_KEPT = 30 * _DAY
_KEPT_OF_LIMIT = 7 / 8
"""What is left when the limit was reached: it is not to be reached again at once."""
_FREE = 1 / 4
"""How much of the file may be empty."""


class DamagedError(Exception):
    """A file that is not what a store has written."""


# Where a message of sqlite quotes what is in the file, it may not be text.
FAILURES = (sqlite3.Error, DamagedError, UnicodeDecodeError)
"""All that the use of a file raises."""


class Trouble(enum.Enum):
    """What an error of sqlite means for the store."""

    LOCKED = enum.auto()
    """Another process uses the file: later, it may work."""
    FORBIDDEN = enum.auto()
    """The file or the disk does not allow it: it will not work, and nothing is known to be wrong with the file."""
    DAMAGED = enum.auto()


class Address(NamedTuple):
    """Where the value of a key is, and what its checksum starts from."""

    id: int
    seed: int


class Row(NamedTuple):
    """What is kept for one key."""

    id: int
    checksum: int
    value: bytes


def addresses(version: bytes, kind: str, keys: Collection[bytes]) -> dict[bytes, Address]:
    """Return the addresses of keys: numbers that no other key, kind or version shares, as far as a digest tells."""
    # The lengths keep two different triples from being the same bytes.
    start = hashlib.blake2b(_framed(version) + _framed(kind.encode("utf-8", "surrogatepass")), digest_size=16)
    found = {}
    for key in keys:
        digest = start.copy()
        digest.update(key)
        found[key] = Address(*struct.unpack("<qQ", digest.digest()))
    return found


def _framed(part: bytes) -> bytes:
    return struct.pack("<Q", len(part)) + part


def checksum(address: Address, value: bytes) -> int:
    """Return a number that a value has at this address only.

    Two sums that are quick everywhere and fail in different ways: it is asked for every value that is read.
    """
    number = (zlib.crc32(value) << 32 | zlib.adler32(value)) ^ address.seed
    return number - (1 << 64) if number >> 63 else number


def trouble_of(error: Exception) -> Trouble:
    """Tell what an error means: by its message, since its number is not known before Python 3.11."""
    message = str(error)
    if isinstance(error, sqlite3.OperationalError):
        if "locked" in message or message == "locking protocol":
            return Trouble.LOCKED
        if any(part in message for part in ("readonly", "is full", "I/O error", "unable to open", "access permission")):
            return Trouble.FORBIDDEN
    return Trouble.DAMAGED


class Database:
    """An open file of a store; everything raises one of the `FAILURES`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take over a connection to a file that has the tables."""
        self._connection = connection

    @classmethod
    def open(cls, file: Path, *, create: bool) -> Database | None:
        """Open a file, and make it if that is asked for; else return None where there is none."""
        if not create and not file.exists():
            return None
        uri = f"{file.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
        connection = sqlite3.connect(
            uri, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{_PAGES_CACHED_KIB}")
            # The file may come from anybody: nothing that its schema names is run, and its pages are looked at closely.
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            if _has_tables(connection):
                return cls(connection)
            if create:
                _make_tables(connection)
                return cls(connection)
        except BaseException:
            connection.close()
            raise
        connection.close()
        return None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def read(self, wanted: Mapping[bytes, Address]) -> tuple[dict[bytes, bytes], set[int]]:
        """Return the values of those keys that have one, and the ids of those that were not used for a day."""
        keys = {address.id: key for key, address in wanted.items()}
        ids = list(keys)
        now = _now()
        values: dict[bytes, bytes] = {}
        unused: set[int] = set()
        for start in range(0, len(ids), _PARAMETERS):
            part = ids[start : start + _PARAMETERS]
            query = _READ.format(",".join("?" * len(part)))
            for number, expected, value, used in self._connection.execute(query, part):
                key = keys.get(number)
                if key is None or type(value) is not bytes or type(used) is not int:
                    raise DamagedError(_NOT_AS_WRITTEN)
                if checksum(wanted[key], value) != expected:
                    raise DamagedError("a value is not the one that was written")
                values[key] = value
                if abs(now - used) > _DAY:
                    unused.add(number)
        return values, unused

    def write(self, version: bytes, kind: str, rows: Sequence[Row], limit: int) -> None:
        """Keep values, all or none; those that were not used for the longest time make room."""
        now = _now()
        with self._transaction():
            is_smaller = self._forget(now)
            is_smaller |= self._bound(limit - sum(len(row.value) + _OVERHEAD for row in rows))
            number = _version_id(version)
            self._connection.execute("INSERT OR REPLACE INTO version VALUES (?, ?)", (number, version))
            self._remove_values((row.id,) for row in rows)
            places = range(self._next_place(), 2**63)
            self._connection.executemany(
                "INSERT INTO content VALUES (?, ?, ?)",
                ((place, row.checksum, row.value) for place, row in zip(places, rows, strict=False)),
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (row.id, place, number, kind, len(row.value), now, now)
                    for place, row in zip(places, rows, strict=False)
                ),
            )
        if is_smaller:
            self._shrink_if_it_pays()

    def stamp(self, ids: Collection[int]) -> None:
        """Note that these were used."""
        now = _now()
        with self._transaction():
            self._connection.executemany("UPDATE entry SET used = ? WHERE id = ?", ((now, number) for number in ids))

    def held(self) -> tuple[Held, ...]:
        """Return what is kept, by version and kind."""
        rows = self._connection.execute(
            "SELECT name, kind, count(*), sum(size) FROM entry JOIN version ON version.id = entry.version "
            "GROUP BY name, kind ORDER BY name, kind"
        ).fetchall()
        for name, kind, entries, size in rows:
            if not (type(name) is bytes and type(kind) is str and type(entries) is int and type(size) is int):
                raise DamagedError(_NOT_AS_WRITTEN)
        return tuple(Held(*row) for row in rows)

    def times(self) -> tuple[float | None, float | None]:
        """Return when the oldest entry was made, and when one was used last, in seconds since the epoch."""
        made, used = self._connection.execute("SELECT min(made), max(used) FROM entry").fetchone()
        if not isinstance(made, int | None) or not isinstance(used, int | None):
            raise DamagedError(_NOT_AS_WRITTEN)
        return made and made / 1000, used and used / 1000

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        finally:
            # After an error; some have ended the transaction already.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _forget(self, now: int) -> bool:
        """Remove, once a day, what was not used for long: mostly what was made by versions that are gone.

        Tell whether the file may be smaller for it.
        """
        today = now // _DAY
        if self._number("PRAGMA user_version") == today:
            return False
        self._connection.execute(f"PRAGMA user_version = {today}")
        self._remove(self._connection.execute("SELECT id FROM entry WHERE used < ?", (now - _KEPT,)))
        self._connection.execute("DELETE FROM version WHERE id NOT IN (SELECT version FROM entry)")
        return True

    def _bound(self, limit: int) -> bool:
        """Remove what was not used for the longest time, if the limit is passed; tell whether it was."""
        taken = (self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")) * _PAGE
        if taken <= limit:
            return False
        excess = 1 - limit * _KEPT_OF_LIMIT / taken
        entries = self._connection.execute("SELECT id, size FROM entry ORDER BY used, content").fetchall()
        if not all(type(size) is int for _, size in entries):
            raise DamagedError(_NOT_AS_WRITTEN)
        # Pages are not full: what is to go is told as a share of the values.
        to_go = excess * sum(size + _OVERHEAD for _, size in entries)
        sizes = itertools.accumulate((size + _OVERHEAD for _, size in entries), initial=0)
        self._remove((number,) for (number, _), before in zip(entries, sizes, strict=False) if before < to_go)
        return True

    def _remove(self, ids: Iterable[tuple[int]]) -> None:
        gone = list(ids)
        self._remove_values(gone)
        self._connection.executemany("DELETE FROM entry WHERE id = ?", gone)

    def _remove_values(self, ids: Iterable[tuple[int]]) -> None:
        self._connection.executemany("DELETE FROM content WHERE id = (SELECT content FROM entry WHERE id = ?)", ids)

    def _next_place(self) -> int:
        (last,) = self._connection.execute("SELECT max(id) FROM content").fetchone()
        if last is not None and not 0 <= last < 2**62:
            raise DamagedError("a number was never given")
        return (last or 0) + 1

    def _shrink_if_it_pays(self) -> None:
        """Give free pages back to the disk, if they are many: some are soon filled again, and moving others is slow."""
        if self._number("PRAGMA freelist_count") > self._number("PRAGMA page_count") * _FREE:
            # Each step frees one page, and only a script is taken to its end; it would end a transaction, too.
            self._connection.executescript("PRAGMA incremental_vacuum")

    def _number(self, pragma: str) -> int:
        number = self._connection.execute(pragma).fetchone()[0]
        assert isinstance(number, int)
        return number


def _now() -> int:
    return time.time_ns() // 1_000_000


def _version_id(version: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(version, digest_size=8).digest(), "little", signed=True)


def _has_tables(connection: sqlite3.Connection) -> bool:
    """Tell whether the tables are there; raise DamagedError where others are."""
    found = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master ORDER BY name")]
    if found and found != list(_SCHEMA):
        raise DamagedError("the file was made by another program")
    return bool(found)


def _make_tables(connection: sqlite3.Connection) -> None:
    # These two hold if the file is empty, and are passed over if it is not.
    connection.execute(f"PRAGMA page_size = {_PAGE}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("BEGIN IMMEDIATE")
    # Another process may have come first.
    if not _has_tables(connection):
        for statement in _SCHEMA:
            connection.execute(statement)
    connection.execute("COMMIT")
