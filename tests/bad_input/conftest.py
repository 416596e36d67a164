"""A project with a good file beside a bad one, and real processes that check both, measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

MAX_SECONDS = 10
MAX_WAIT = 40
MAX_MEGABYTES = 1_000

GOOD = """\
import torch.nn.functional as F


def step(x, y):
    return F.cross_entropy(F.softmax(x, dim=1), y)
"""

_LAUNCHER = """
import json, resource, subprocess, sys, time
limit, *command = sys.argv[1:]
begin = time.monotonic()
try:
    # One process a run: a child that dies would leave flake8 waiting for it for ever.
    done = subprocess.run(command, capture_output=True, text=True, timeout=float(limit))
    status, out, err = done.returncode, done.stdout, done.stderr
except subprocess.TimeoutExpired:
    status, out, err = "still running", "", ""
used = resource.getrusage(resource.RUSAGE_CHILDREN)
# Other work on the machine makes it late, and several processes of its own make it busy: neither is slow.
seconds = min(time.monotonic() - begin, used.ru_utime + used.ru_stime)
print(json.dumps([status, out, err, seconds, used.ru_maxrss // 1024]))
"""
"""Small, so that what it measures is its child and not a copy of itself."""


@dataclass(frozen=True)
class Outcome:
    """What a process said and used."""

    status: int | str
    out: str
    err: str
    seconds: float
    megabytes: int

    @property
    def is_within_bounds(self) -> bool:
        return self.seconds < MAX_SECONDS and self.megabytes < MAX_MEGABYTES


Run = Callable[..., Outcome]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    """Run a module of Python in the project: `ce_lint`, `flake8`."""

    def measured(module: str, *arguments: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-c", _LAUNCHER, str(MAX_WAIT), sys.executable, "-m", module, *arguments],
            cwd=project,
            env={**os.environ, "PYTHONWARNINGS": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        return Outcome(*json.loads(done.stdout))

    return measured
