"""What is raised where a user's wish cannot be granted."""

from __future__ import annotations

from pathlib import Path


class UsageError(Exception):
    """What the user asked for cannot be done; one line that says why."""


def unreadable(file: Path, error: OSError) -> UsageError:
    """Return what is raised for a file that cannot be read."""
    return UsageError(f"{file}: cannot be read: {(error.strerror or type(error).__name__).lower()}")
