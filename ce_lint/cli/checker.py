"""What the command line asks of the engine, and the one place where it makes a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ce_lint.engine.configuration.settings import Settings
from ce_lint.findings import Finding, Report
from ce_lint.source.records import SourceFile

if TYPE_CHECKING:
    from ce_lint.engine.analysis import Evidence


class Checker(Protocol):
    """A session, or what a test puts in its place."""

    def check(self, paths: Sequence[Path], settings: Settings, overlay: Mapping[Path, SourceFile] = ...) -> Report:
        """Check files and folders, with texts laid over the disk."""

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        """Check one file with this text laid over the disk."""

    def evidence(self, finding: Finding) -> Evidence | None:
        """What a finding of the last check was made of."""


def new_session() -> Checker:
    """Make the session of this run."""
    # Imported here, because `--help`, `rules` and `explain` need not wait for libcst.
    from ce_lint.engine.session import Session

    return Session()
