"""What can be done about the findings of one answer: planned, and tried before it is offered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeAlias

from ce_lint.engine.results import Evidence
from ce_lint.findings import Edit, Finding, Fix, Report
from ce_lint.fixes.proof import is_proved
from ce_lint.lsp.client import Client
from ce_lint.lsp.edits import Edited, changes_of
from ce_lint.lsp.sheets import Sheets
from ce_lint.source.edits import EditError

LOG = logging.getLogger(__name__)


class Planner(Protocol):
    """Plans fixes for the findings of one answer."""

    def plan(self, finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
        """Return what can be done about a finding."""


NewPlanner: TypeAlias = "Callable[[Callable[[], None]], Planner]"
"""Makes a planner, which calls what it gets now and then: what that raises ends the planning of a fix."""


class Fixing:
    """Plans and tries each fix once."""

    def __init__(
        self,
        planner: Planner,
        report: Report,
        evidence: Callable[[Finding], Evidence | None],
        tried: Callable[[Sequence[Edited]], Report],
    ) -> None:
        """Take what the answer was made of; `tried` says what the report would be after some changes."""
        self._planner = planner
        self._report = report
        self._evidence = evidence
        self._tried = tried
        self._planned: dict[Finding, tuple[Fix, ...]] = {}
        self._proved: dict[tuple[frozenset[Edit], frozenset[Finding]], Sequence[Edited]] = {}

    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        """Return what might be done about a finding; raise Cancelled."""
        if finding not in self._planned:
            evidence = self._evidence(finding)
            self._planned[finding] = () if evidence is None else self._planner.plan(finding, evidence)
        return self._planned[finding]

    def proved(
        self, edits: Collection[Edit], fixed: Collection[Finding], sheets: Sheets, client: Client
    ) -> Sequence[Edited]:
        """Return edits as the client is to make them, if some findings are gone then, and no other one is new.

        None are returned where that is not so, or where they cannot be made; raise Cancelled.
        """
        known_by = frozenset(edits), frozenset(fixed)
        if known_by not in self._proved:
            try:
                changes = changes_of(sorted(known_by[0]), sheets, client)
            except EditError as error:
                LOG.warning("a fix is not offered: %s", error)
                changes = []
            is_right = changes and is_proved(self._report, self._tried(changes), known_by[1])
            self._proved[known_by] = changes if is_right else []
        return self._proved[known_by]
