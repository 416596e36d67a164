"""What the command line asks of the engine, and the one place where it makes a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ce_lint.cli.caching import Caching
from ce_lint.engine.configuration.settings import Settings
from ce_lint.findings import Finding, Report

if TYPE_CHECKING:
    from ce_lint.engine.clock import Clock
    from ce_lint.engine.results import Evidence
    from ce_lint.source.records import SourceFile
    from ce_lint.supply.stored import Shelf


NO_CACHING = Caching(is_on=False)


class Checker(Protocol):
    """A session, or what a test puts in its place."""

    def check(self, paths: Sequence[Path], settings: Settings, overlay: Mapping[Path, SourceFile] = ...) -> Report:
        """Check files and folders, with texts laid over the disk."""

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        """Check one file with this text laid over the disk."""

    def close(self) -> None:
        """Let go of what is kept on disk."""

    def evidence(self, finding: Finding) -> Evidence | None:
        """What a finding of the last check was made of."""


def new_session(
    caching: Caching = NO_CACHING,
    jobs: int = 1,
    shelves: Sequence[Shelf] = (),
    *,
    holds_evidence: bool = True,
    clock: Clock | None = None,
) -> Checker:
    """Make the session of this run; `shelves` hold what others have lowered, and a clock measures it.

    Without evidence it is quicker with several projects.
    """
    # Imported here, because `--help`, `rules` and `explain` need not wait for the engine.
    from ce_lint.engine.keeping import Keeping
    from ce_lint.engine.session import Session

    keeping = Keeping(caching.folder_of, jobs, shelves, clock=clock)
    return Session(keeping, holds_evidence=holds_evidence)
