"""Where a store begins."""

from __future__ import annotations

from pathlib import Path

from ce_lint.store.records import LIMIT, NoStore, Store


def open_store(folder: Path, version: bytes, limit: int = LIMIT) -> Store:
    """Return a store in a folder, which need not exist: it is made when there is something to keep.

    The version is all that the values depend on beside their keys: entries that another one made are not seen.
    """
    try:
        # Imported here: whoever keeps nothing need not wait for sqlite, and some builds of Python do not have it.
        from ce_lint.store.disk import DiskStore
    except ImportError as error:
        return NoStore(f"this Python has no {error.name}")
    return DiskStore(folder, version, limit)
