"""What is told of a cache without using it."""

from __future__ import annotations

from pathlib import Path

from ce_lint.store.database import FAILURES, Database
from ce_lint.store.folder import DATABASE, objection, size_of
from ce_lint.store.records import LIMIT, Info


def inspect(folder: Path, limit: int = LIMIT, reason: str = "") -> Info:
    """Tell what is kept in a folder; nothing is changed there, and a damaged file is not replaced."""
    reason = reason or objection(folder)
    if reason:
        return Info(folder, reason, limit=limit)
    file = folder / DATABASE
    size = size_of(folder)
    try:
        database = Database.open(file, create=False)
        if database is None:
            return Info(folder, size=size, limit=limit)
        try:
            made, used = database.times()
            return Info(folder, "", size, limit, database.held(), made, used)
        finally:
            database.close()
    except FAILURES as error:
        return Info(folder, f"{file}: {error}", size, limit)
