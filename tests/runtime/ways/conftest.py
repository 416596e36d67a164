"""Programs that train, run as they are and under `ce-lint run`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 120


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """The lines of ce-lint itself, without their mark."""
        return [line.removeprefix("ce-lint: ") for line in self.err.splitlines() if line.startswith("ce-lint: ")]

    @property
    def own_err(self) -> str:
        """What the program has written to standard error: all that comes before ce-lint's first line."""
        lines = self.err.splitlines(keepends=True)
        ends = [index for index, line in enumerate(lines) if line.startswith("ce-lint: ") or ": CEL" in line]
        return "".join(lines[: ends[0]] if ends else lines)


Python = Callable[..., Outcome]


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """Run Python in the test's folder; what is left of `{folder}` of the arguments is kept."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": "", "PYTHONWARNINGS": "", **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def watched(python: Python) -> Python:
    """Run `ce-lint run` in the test's folder."""

    def run(*arguments: str, **keywords: str) -> Outcome:
        return python("-m", "ce_lint", "run", *arguments, **keywords)

    return run


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """Write a script that can train, and then does what it is told to."""

    def write(body: str) -> str:
        (tmp_path / "train.py").write_text(TRAINING + body)
        return "train.py"

    return write


TRAINING = """\
import os, signal, sys, threading
import torch
from torch import nn
from torch.nn.functional import cross_entropy

torch.manual_seed(0)
X, Y = torch.randn(64, 8), torch.arange(64) % 5


def wrong(n=1):
    for _ in range(n):
        cross_entropy(torch.randn(16, 5, requires_grad=True).softmax(dim=1), Y[:16])


def right(n=1):
    for _ in range(n):
        cross_entropy(torch.randn(16, 5, requires_grad=True), Y[:16])


"""
"""The losses are called in lines 12 and 17."""
