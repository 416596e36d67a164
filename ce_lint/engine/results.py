"""What is known of a project once it is analysed; whoever reads it needs nothing of how that is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ce_lint.engine.undecided import Undecided
    from ce_lint.findings import FileError, Finding, Place
    from ce_lint.interpreter.flow import Flow
    from ce_lint.interpreter.sinks import Interpreter
    from ce_lint.ir.kinds import Site
    from ce_lint.rules.base import Rule

UNRESOLVED = "CEL901"


class Evidence(msgspec.Struct, frozen=True):
    """What a finding was made of: the flow, and who can say more of the program around it."""

    flow: Flow
    interpreter: Interpreter


class Judged(msgspec.Struct, frozen=True):
    """A finding before anybody chose which codes to see."""

    finding: Finding
    rule: Rule
    suppressed: bool
    """Does a comment at either end take it back?"""
    evidence: Evidence | None
    """None where the finding was kept from an earlier run."""


class Analysis(msgspec.Struct, frozen=True):
    """All that is known of one project."""

    findings: tuple[Judged, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    unused: tuple[tuple[Finding, bool], ...] = ()
    """A finding for each comment of the parsed files that takes nothing back, with whether one takes that back."""
    right: tuple[str, ...] = ()
    """The path of each loss call that was proved right."""
    right_calls: tuple[tuple[Site, str], ...] = ()
    """The site of each of those, and the loss."""
    errors: tuple[FileError, ...] = ()
    places: tuple[tuple[Site, Place], ...] = ()
    """Where the nodes stand that findings name, and those undecided calls that a comment may take back."""
    parsed: frozenset[Path] = frozenset()
    """The files that had to be parsed for it."""
    looked_at: Mapping[Path, FileError | None] = msgspec.field(default_factory=dict)
    """Files that nothing had to be followed into, each with what is wrong with it."""
    may_pass: bool = False
    """Was something left out because it took too long? Another time, it may not be."""
    made_of: Interpreter | None = None
    """What it was found with, for as long as somebody holds it: to let go of a large program takes a while."""


NOTHING = Analysis()
"""What is known where no file can hold an end of a flow."""


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """Whoever asked does not want the answer any more."""


def never() -> bool:
    """Never want to stop."""
    return False


def identity(finding: Finding) -> tuple[str, Place, Place, Place]:
    """Return what tells a finding from all others of its report."""
    return finding.code, finding.source, finding.sink, finding.argument
