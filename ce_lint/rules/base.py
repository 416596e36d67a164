"""What a rule is: metadata, a judgement, a message and a page."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind


class Default(enum.Enum):
    """Whether a rule reports without being asked."""

    ON = "on"
    OFF = "off"
    PREVIEW = "preview"


class Rule(NamedTuple):
    """One code, one meaning: which kinds break which contract, and what to say of it."""

    code: str
    name: str
    severity: Severity
    default: Default
    summary: str
    """One line for `ce-lint rules`."""
    page: str
    """The rule's documentation in Markdown, as `ce-lint explain` prints it."""
    kinds: frozenset[ScoreKind]
    """The kinds that break the contract of `family`; empty where the kind alone does not decide."""
    family: Family
    consequence: Callable[[Flow], str]
    """The end of the message, after "softmax output of Net (model.py:41) is the input of CrossEntropyLoss, ":
    why that is wrong and what to do."""
    in_evaluation_only: bool | None = None
    """Whether the kind reaches the loss in evaluation only; None: either way."""
    is_found_at_run_time_only: bool = False
    """Whether the static analysis never reports it, and the runtime checker does."""

    def is_broken_by(self, kind: ScoreKind, family: Family, *, evaluation_only: bool = False) -> bool:
        """Whether scores of this kind break the rule as the input of a loss of this family."""
        return kind in self.kinds and family is self.family and self.in_evaluation_only in (None, evaluation_only)
