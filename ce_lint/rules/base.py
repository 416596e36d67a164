"""What a rule is: metadata, a judgement, a message and a page."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow


class Default(enum.Enum):
    """Whether a rule reports without being asked."""

    ON = "on"
    OFF = "off"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Rule:
    """One code, one meaning: a pure function from a flow to a message."""

    code: str
    name: str
    severity: Severity
    default: Default
    summary: str
    """One line for `ce-lint rules`."""
    page: str
    """The rule's documentation in Markdown, as `ce-lint explain` prints it."""
    matches: Callable[[Flow], bool]
    consequence: Callable[[Flow], str]
    """The end of the message, after "softmax output of Net (model.py:41) is the input of CrossEntropyLoss, ":
    why that is wrong and what to do."""
