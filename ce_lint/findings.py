"""What users see: findings, their places, and the report of one run.

Lines and columns count from 1, columns in code points. In a notebook `cell` counts all cells
from 1 and `line` is the line within the cell. Paths are relative to the current folder, with `/`.
"""

from __future__ import annotations

import enum

import msgspec

from ce_lint.ir.recipe import Recipe


class Severity(enum.Enum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Confidence(enum.Enum):
    """Whether every alternative that reaches the loss is wrong, or one of several."""

    DEFINITE = "definite"
    POSSIBLE = "possible"


class Verdict(enum.Enum):
    """What computing both losses says of a finding."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"


class Region(msgspec.Struct, frozen=True, order=True):
    """A range of a file as it stands on disk; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Place(msgspec.Struct, frozen=True, order=True):
    """A range of text as a user sees it; the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None
    raw: Region | None = None
    """For a place in a cell, the range in the JSON of the notebook; None where that is not known."""
    text: str = ""
    """The text of the range, whitespace collapsed to one line."""

    @property
    def on_disk(self) -> Region:
        """The range of the file; where it is not known, the start of the file, which every file has."""
        if self.cell is None:
            return Region(self.line, self.column, self.end_line, self.end_column)
        return self.raw or Region(1, 1, 1, 1)

    def label(self) -> str:
        """The place in a message: `model.py:41`, `nb.ipynb:cell 4:2`."""
        cell = f"cell {self.cell}:" if self.cell is not None else ""
        return f"{self.path}:{cell}{self.line}"


class TraceStep(msgspec.Struct, frozen=True):
    """One station of a value on its way from the source to the sink."""

    place: Place
    note: str


class Applicability(enum.Enum):
    """Whether a fix may be made without looking at it."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Edit(msgspec.Struct, frozen=True, order=True):
    """New text in place of a range; where the range is empty, at it."""

    place: Place
    new_text: str
    """Its lines end with LF, whatever those of the file end with."""


class Fix(msgspec.Struct, frozen=True):
    """Edits that turn a finding right: all of them, or none."""

    name: str
    """Which of the fixes it is: `return-logits`."""
    title: str
    """What it does, and what it leaves to the user, in one line."""
    applicability: Applicability
    edits: tuple[Edit, ...]
    """In the order of their places; they do not overlap."""
    to_check: tuple[TraceStep, ...] = ()
    """What is left to the user to look at: what is done with the scores there is not understood, or changes."""


class RuntimeCheck(msgspec.Struct, frozen=True):
    """What the runtime checker measured; losses are in nats, as the loss reduces them."""

    verdict: Verdict
    method: str
    """How it was measured: `replay`, `execution` or `watch`."""
    reason: str = ""
    """Why it is refuted or inconclusive; where it is confirmed, what was left out of that, mostly nothing."""
    loss: float | None = None
    loss_on_logits: float | None = None
    window: tuple[float, float] | None = None
    """What the loss can never leave, its input being what it is."""
    gradient_norm: float | None = None
    """Of the gradient with respect to the logits."""
    gradient_norm_on_logits: float | None = None
    gradient_ratio: float | None = None
    classes: int | None = None


class ToldFinding(msgspec.Struct, frozen=True):
    """What reports tell of one flow that a rule judged to be wrong."""

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    """What is wrong, read at the sink; it names the source."""
    message_at_source: str
    """The same, read at the source; it names the sink."""
    message_between: str
    """The same, read anywhere else on the way; it names both ends."""
    argument: Place
    """The loss call's input argument: where the finding is reported at its sink."""
    source: Place
    """Where the kind was made."""
    sink: Place
    """The loss call."""
    trace: tuple[TraceStep, ...] = ()
    classes: int | None = None
    fingerprint: str = ""
    runtime: RuntimeCheck | None = None
    fixes: tuple[Fix, ...] = ()
    """What can be done about it, the best first; empty where nobody asked."""


class Finding(ToldFinding, frozen=True):
    """One flow that a rule judged to be wrong, and how to repeat it."""

    recipe: Recipe | None = None
    """What was done to the scores, to be repeated in torch; None for one that was kept from an earlier run."""


class Unresolved(msgspec.Struct, frozen=True):
    """A loss call whose input could not be decided."""

    place: Place
    loss: str
    reason: str
    fingerprint: str = ""
    is_suppressed: bool = False
    """Does a comment take it back?"""


class LossCalls(msgspec.Struct, frozen=True):
    """How many loss calls were proved right, reported and left undecided."""

    right: int = 0
    reported: int = 0
    unresolved: int = 0
    set_aside: int = 0
    """Wrong, and not reported: taken back by a comment, in the baseline, or on no changed line."""


class FileError(msgspec.Struct, frozen=True, order=True):
    """A file, or a cell of one, that could not be analysed."""

    path: str
    line: int
    message: str
    raw_line: int = 0
    """For a cell, the line in the JSON of the notebook; 0 where `line` is the file's own."""

    @property
    def on_disk(self) -> int:
        """The line of the file; every file has a first one."""
        return self.raw_line or max(self.line, 1)


class Report(msgspec.Struct, frozen=True):
    """The answer to one run; findings in the order path, cell, line, column, code."""

    findings: tuple[Finding, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    loss_calls: LossCalls = LossCalls()
    errors: tuple[FileError, ...] = ()
    notes: tuple[str, ...] = ()
    """What has to be known to judge the rest, a sentence each: what was counted, and what may be unseen."""
