"""What a store is, whatever keeps its values, and what is told of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LIMIT = 256 * 2**20
"""Bytes that a store keeps at most, unless it is told another number."""


class Store(Protocol):
    """Keeps values, as bytes, by kind and key, for the version that it was opened for.

    Nothing here raises for what the disk does: a value that cannot be kept or read is one that is missing. It may be
    used by several threads, and belongs to the process that opened it: in a forked child it holds nothing.
    """

    def get_many(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of those keys that have one."""

    def put_many(self, kind: str, items: Mapping[bytes, bytes]) -> None:
        """Keep values, until there is no room for them any more."""

    def info(self) -> Info:
        """Tell what is kept, of all versions."""

    def close(self) -> None:
        """Let go of the file; from then on the store holds nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """The entries of one kind and version."""

    version: bytes
    kind: str
    entries: int
    size: int
    """Bytes of their values."""


@dataclass(frozen=True, slots=True)
class Info:
    """What is kept in a folder."""

    folder: Path | None = None
    reason: str = ""
    """Why nothing can be kept or read; empty where nothing is wrong."""
    size: int = 0
    """Bytes that the files take on the disk."""
    limit: int = 0
    held: tuple[Held, ...] = ()
    made: float | None = None
    """When the oldest entry was made, in seconds since the epoch; None where there is none."""
    used: float | None = None
    """When an entry was used or made last, to the day."""


class NoStore:
    """A store that keeps nothing."""

    def __init__(self, reason: str = "") -> None:
        """Remember why."""
        self.reason = reason

    def get_many(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return nothing."""
        return {}

    def put_many(self, kind: str, items: Mapping[bytes, bytes]) -> None:
        """Keep nothing."""

    def info(self) -> Info:
        """Tell why nothing is kept."""
        return Info(reason=self.reason)

    def close(self) -> None:
        """Do nothing."""
