"""Reports to render."""

from __future__ import annotations

import pytest

from ce_lint.findings import (
    Confidence,
    FileError,
    Finding,
    LossCalls,
    Place,
    Region,
    Report,
    Severity,
    TraceStep,
    Unresolved,
)

SOURCE = Place("model.py", 3, 16, 3, 35, text="F.softmax(x, dim=1)")
ARGUMENT = Place("train.py", 58, 22, 58, 28, text="output")
SINK = Place("train.py", 58, 12, 58, 32, text="criterion(output, y)")


@pytest.fixture
def across_files() -> Finding:
    return Finding(
        code="CEL001",
        name="softmax-before-cross-entropy",
        severity=Severity.ERROR,
        confidence=Confidence.DEFINITE,
        message="softmax output of Net (model.py:3) is the input of CrossEntropyLoss",
        message_at_source="this softmax output is the input of CrossEntropyLoss (train.py:58)",
        message_between="between both ends",
        argument=ARGUMENT,
        source=SOURCE,
        sink=SINK,
        trace=(TraceStep(SOURCE, "probabilities made here"), TraceStep(ARGUMENT, "softmaxed again here")),
        classes=10,
        fingerprint="f00d",
    )


@pytest.fixture
def in_notebook() -> Finding:
    source = Place("nb.ipynb", 1, 5, 1, 24, cell=4, raw=Region(31, 10, 31, 29), text="F.softmax(x, dim=1)")
    argument = Place("nb.ipynb", 2, 8, 2, 9, cell=4, raw=Region(32, 13, 32, 14), text="p")
    return Finding(
        code="CEL002",
        name="log-softmax-before-cross-entropy",
        severity=Severity.NOTE,
        confidence=Confidence.POSSIBLE,
        message="at the sink",
        message_at_source="at the source",
        message_between="between both ends",
        argument=argument,
        source=source,
        sink=argument,
    )


@pytest.fixture
def report(across_files: Finding, in_notebook: Finding) -> Report:
    return Report(
        findings=(in_notebook, across_files),
        unresolved=(Unresolved(Place("other.py", 7, 9, 7, 20), "F.nll_loss", "the model is a parameter"),),
        loss_calls=LossCalls(right=9, reported=2, unresolved=1),
        errors=(FileError("bad.py", 3, "cannot be parsed: unexpected indent"),),
    )
