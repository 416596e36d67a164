"""The same files give the same document, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.report.json import to_json
from ce_lint.report.view import View

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "fixtures" / "programs"


def document(session: Session) -> str:
    report = session.check([PROGRAMS], Settings(select=("CEL",), root=PROGRAMS))
    return to_json(View(report, show_unresolved=True))


def test_two_fresh_sessions_agree() -> None:
    assert document(Session()) == document(Session())


def test_a_warm_session_agrees_with_itself() -> None:
    session = Session()
    assert document(session) == document(session)


@pytest.fixture(scope="module")
def in_processes() -> dict[str, bytes]:
    """The output of real runs, by their hash seed."""
    command = [sys.executable, "-m", "ce_lint", "check", "--format", "json", "--select", "CEL", "--show-unresolved"]
    processes = {
        seed: subprocess.Popen(
            [*command, "--root", str(PROGRAMS), str(PROGRAMS)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in ("0", "1", "2")
    }
    return {seed: process.communicate()[0] for seed, process in processes.items()}


def test_there_is_something_to_compare(in_processes: dict[str, bytes]) -> None:
    assert in_processes["0"].count(b"CEL001") > 10


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_hash_seed_changes_nothing(in_processes: dict[str, bytes], seed: str) -> None:
    assert in_processes[seed] == in_processes["0"]
