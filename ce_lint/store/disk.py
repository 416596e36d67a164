"""The store in a file: what it does about a disk that does not do as it should."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from ce_lint.store.database import FAILURES, Address, Database, Row, Trouble, addresses, checksum, trouble_of
from ce_lint.store.folder import DATABASE, claim, database_files, is_ours, objection, reason_of
from ce_lint.store.inspection import inspect
from ce_lint.store.records import Info

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_LOCKED_AT_MOST = 3
"""How many times in a row the file may be locked, until it is left alone: each has waited."""
_WRITTEN_AT_ONCE = 8 * 2**20
"""Bytes of values: nobody else can use the file while they are written."""
_LARGEST_OF_LIMIT = 1 / 8
_LARGEST = 2**28


class DiskStore:
    """Keeps values in one sqlite file; opens it when it is first needed."""

    def __init__(self, folder: Path, version: bytes, limit: int) -> None:
        """Name the folder; nothing is done on the disk yet."""
        self._folder = Path(os.path.abspath(folder))
        self._file = self._folder / DATABASE
        self._version = version
        self._limit = limit
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._database: Database | None = None
        self._judged: tuple[int, int] | None = None
        """The file that was opened last, as the file system knows it."""
        self._reason = ""
        """Why the file is left alone; empty while it is used."""
        self._is_writable = True
        self._has_healed = False
        self._locked_in_a_row = 0
        self._unstamped: set[int] = set()

    def get_many(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of those keys that have one."""
        if not keys:
            return {}
        wanted = addresses(self._version, kind, keys)
        nothing: dict[bytes, bytes] = {}

        def read(database: Database) -> dict[bytes, bytes]:
            values, unused = database.read(wanted)
            self._unstamped |= unused
            return values

        return self._attempt(read, nothing)

    def put_many(self, kind: str, items: Mapping[bytes, bytes]) -> None:
        """Keep values; what cannot be kept is passed over."""
        largest = min(int(self._limit * _LARGEST_OF_LIMIT), _LARGEST)
        small = {key: value for key, value in items.items() if len(value) <= largest}
        for rows in _parts(addresses(self._version, kind, small), small):

            def write(database: Database, rows: Sequence[Row] = rows) -> None:
                database.write(self._version, kind, rows, self._limit)
                self._stamp(database)

            self._attempt(write, None, writing=True)

    def info(self) -> Info:
        """Tell what is kept, of all versions."""
        return inspect(self._folder, self._limit, self._reason)

    def close(self) -> None:
        """Note what was used, and let go of the file."""
        if os.getpid() != self._process:
            return
        if self._unstamped and self._database is not None:
            self._attempt(self._stamp, None, writing=True)
        with self._lock:
            self._let_go("it is closed")

    def _stamp(self, database: Database) -> None:
        if self._unstamped:
            database.stamp(self._unstamped)
            self._unstamped = set()

    def _attempt(self, work: Callable[[Database], _Result], otherwise: _Result, *, writing: bool = False) -> _Result:
        """Return what comes of work with the file, or the other result where it cannot be done."""
        # A child that was forked must not touch the connection, nor wait for a lock that a thread of its parent holds.
        if os.getpid() != self._process:
            return otherwise
        with self._lock:
            had_healed = self._has_healed
            result = self._tried(work, otherwise, writing=writing)
            if writing and self._has_healed and not had_healed:
                result = self._tried(work, otherwise, writing=True)
            return result

    def _tried(self, work: Callable[[Database], _Result], otherwise: _Result, *, writing: bool) -> _Result:
        if self._reason or (writing and not self._is_writable):
            return otherwise
        try:
            database = self._opened(create=writing)
            result = otherwise if database is None else work(database)
        except FAILURES as error:
            self._cope(error, writing=writing)
            return otherwise
        except OSError as error:
            # The folder cannot be made.
            self._leave(f"{self._folder}: {reason_of(error)}")
            return otherwise
        self._locked_in_a_row = 0
        return result

    def _opened(self, *, create: bool) -> Database | None:
        if self._database is None:
            reason = objection(self._folder)
            if reason:
                self._leave(reason)
                return None
            if create:
                claim(self._folder)
            self._judged = _identity(self._file)
            self._database = Database.open(self._file, create=create)
            self._judged = _identity(self._file)
        return self._database

    def _cope(self, error: Exception, *, writing: bool) -> None:
        trouble = trouble_of(error)
        if trouble is Trouble.DAMAGED:
            self._heal(str(error))
        elif trouble is Trouble.LOCKED:
            self._locked_in_a_row += 1
            if self._locked_in_a_row >= _LOCKED_AT_MOST:
                self._leave(f"{self._file}: {error}")
        elif writing and _identity(self._file) != self._judged:
            # It was removed, or replaced: what is there is to be opened the next time.
            self._drop()
        elif writing:
            # What is there can still be read.
            self._is_writable = False
            _LOG.info("nothing more is kept in %s: %s", self._file, error)
        else:
            self._leave(f"{self._file}: {error}")

    def _heal(self, reason: str) -> None:
        """Remove a file that cannot be trusted, so that the next writing makes a new one."""
        _LOG.info("%s is replaced: %s", self._file, reason)
        self._drop()
        if self._has_healed:
            # It is not the file, then.
            self._leave(f"{self._file}: damaged again: {reason}")
            return
        self._has_healed = True
        if self._judged is None or _identity(self._file) != self._judged:
            # Another process has done it.
            return
        try:
            # Not without the tag: what we did not make is not ours to remove.
            if not is_ours(self._folder):
                claim(self._folder)
            for file in database_files(self._folder):
                # The journal goes first: it would be taken for that of the new file.
                if file.name.startswith(DATABASE):
                    file.unlink(missing_ok=True)
        except OSError as error:
            self._leave(f"{self._file}: {reason}, and it cannot be removed: {reason_of(error)}")

    def _leave(self, reason: str) -> None:
        _LOG.info("the cache is left alone: %s", reason)
        self._let_go(reason)

    def _let_go(self, reason: str) -> None:
        self._reason = self._reason or reason
        self._drop()

    def _drop(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        self._unstamped = set()


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _parts(places: Mapping[bytes, Address], items: Mapping[bytes, bytes]) -> Iterator[list[Row]]:
    """Cut what is to be written into parts that keep others waiting for a moment only."""
    rows: list[Row] = []
    size = 0
    for key, address in places.items():
        value = items[key]
        rows.append(Row(address.id, checksum(address, value), value))
        size += len(value)
        if size >= _WRITTEN_AT_ONCE:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows
