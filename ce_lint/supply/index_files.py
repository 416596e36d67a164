"""Index files: lowered contents by the keys of their contents, to be read by a run on another machine.

    ce-lint index 1                what it is, and of which format
    0.1.0-7f3a… cpython 3.12.4 …   what must be the same for its results to hold
    values                         each packed, one after the other
    table                          for each value its key, place, size and checksum
    trailer                        where the table is, how long it is, and a digest of all but the values

All of it is data: nothing that is read is executed. A file that is cut off or changed outside the values has no digest
that is right; a value that is changed is one that is missing. Like the cache, it is never mapped into memory: if it was
truncated, that would be a crash.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ce_lint.supply.keys import SIZE
from ce_lint.supply.stored import KIND

_NAME = b"ce-lint index "
_FORMAT = b"1"
_HEAD = _NAME + _FORMAT + b"\n"
_ENTRY = struct.Struct(f">{SIZE}sQII")
_PLACE = struct.Struct(">QQ")
_DIGEST_SIZE = 16
_TRAILER_SIZE = _PLACE.size + _DIGEST_SIZE
_LONGEST_VERSION = 500
"""Bytes in which a version has to end: of a file that is none of ours, not more is read."""
_QUICK = 1
"""zlib's level: it takes a twentieth of the time of lowering, and leaves a third of the bytes."""
_CUT_OFF = "is truncated, or was changed"


class UnusableError(Exception):
    """Why a file cannot be used as an index, in words that follow its name."""


class _Value(NamedTuple):
    """Where a value is."""

    place: int
    size: int
    checksum: int


class IndexWriter:
    """Writes an index file, value by value."""

    def __init__(self, stream: BinaryIO, version: bytes) -> None:
        """Begin the file; no value is held."""
        self._stream = stream
        self._head = _HEAD + version + b"\n"
        self._values: dict[bytes, _Value] = {}
        self.size = stream.write(self._head)

    def __contains__(self, key: bytes) -> bool:
        """Tell whether a value is there."""
        return key in self._values

    def __len__(self) -> int:
        """Count the values."""
        return len(self._values)

    def add(self, key: bytes, value: bytes) -> None:
        """Write the packed value of a key; the first one of each key is kept."""
        if key not in self._values:
            self._values[key] = _Value(self.size, len(value), zlib.crc32(value))
            self.size += self._stream.write(value)

    def finish(self) -> None:
        """Write what makes the file whole."""
        table = b"".join(_ENTRY.pack(key, *self._values[key]) for key in sorted(self._values))
        place = _PLACE.pack(self.size, len(self._values))
        self.size += self._stream.write(table + place + _digest(self._head, table, place))


class IndexFile:
    """A shelf on which the values of an index file are; it can be used in a forked child, too."""

    def __init__(self, path: Path, version: bytes) -> None:
        """Read where the values are; raise UnusableError, and OSError for a file that cannot be read."""
        self._path = path
        self._values: dict[bytes, _Value] = {}
        with path.open("rb") as stream:
            head = _head(stream, version)
            size = stream.seek(0, os.SEEK_END)
            if size < len(head) + _TRAILER_SIZE:
                raise UnusableError(_CUT_OFF)
            stream.seek(size - _TRAILER_SIZE)
            trailer = stream.read(_TRAILER_SIZE)
            place, digest = trailer[: _PLACE.size], trailer[_PLACE.size :]
            start, count = _PLACE.unpack(place)
            if start < len(head) or start + count * _ENTRY.size + _TRAILER_SIZE != size:
                raise UnusableError(_CUT_OFF)
            stream.seek(start)
            table = stream.read(count * _ENTRY.size)
        if _digest(head, table, place) != digest:
            raise UnusableError(_CUT_OFF)
        self._values = {key: _Value(*value) for key, *value in _ENTRY.iter_unpack(table)}

    def __len__(self) -> int:
        """Count the values."""
        return len(self._values)

    def get_many(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The results that are there."""
        here = {key: self._values[key] for key in keys if key in self._values} if kind == KIND else {}
        return dict(self._read(here)) if here else {}

    def _read(self, wanted: dict[bytes, _Value]) -> Iterator[tuple[bytes, bytes]]:
        # Opened each time: a file that a parent opened has one position for all its children.
        try:
            with self._path.open("rb") as stream:
                for key, value in sorted(wanted.items(), key=lambda item: item[1].place):
                    stream.seek(value.place)
                    packed = stream.read(value.size)
                    if zlib.crc32(packed) == value.checksum:
                        yield key, zlib.decompress(packed)
        except (OSError, zlib.error):
            return  # what cannot be read any more is found out anew


def packed(value: bytes) -> bytes:
    """A value as it stands in an index file."""
    return zlib.compress(value, _QUICK)


def _head(stream: BinaryIO, version: bytes) -> bytes:
    """The first two lines, where they are of this format and version."""
    start = stream.read(len(_HEAD) + _LONGEST_VERSION)
    if start and _HEAD.startswith(start[: len(_HEAD)]) and len(start) < len(_HEAD):
        raise UnusableError(_CUT_OFF)
    if not start.startswith(_NAME):
        raise UnusableError("is no index of ce-lint")
    if not start.startswith(_HEAD):
        raise UnusableError("was written by a ce-lint that writes other index files: make it anew")
    found, end, _ = start[len(_HEAD) :].partition(b"\n")
    if not end:
        raise UnusableError(_CUT_OFF)
    if found != version:
        raise UnusableError(f"was written by ce-lint {_shown(found)}, and this is {_shown(version)}: make it anew")
    return _HEAD + found + end


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=_DIGEST_SIZE)
    for part in parts:
        digest.update(part)
    return digest.digest()


def _shown(version: bytes) -> str:
    """Take out what would steer a terminal: the file may come from anybody."""
    text = version.decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
