"""What the command line asks of the engine, and the one place where it makes a session."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ce_lint.engine.configuration.settings import Settings
from ce_lint.findings import Report


class Checker(Protocol):
    """A session, or what a test puts in its place."""

    def check(self, paths: Sequence[Path], settings: Settings) -> Report:
        """Check files and folders."""

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        """Check one file with this text laid over the disk."""


def new_session() -> Checker:
    """Make the session of this run."""
    # Imported here, because `--help`, `rules` and `explain` need not wait for libcst.
    from ce_lint.engine.session import Session

    return Session()
