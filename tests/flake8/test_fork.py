"""flake8's workers inherit one analysis of a project, or wait for the one process that makes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info >= (3, 14), reason="workers are not forked there"
)

MODEL = "import torch.nn.functional as F\n\n\ndef scores(x):\n    return F.softmax(x, dim=1)\n"
TRAIN = "from torch import nn\nfrom model import scores\n\nloss = nn.CrossEntropyLoss()(scores(x), y)\n"
PROGRAM = """\
import multiprocessing, os, signal, sys, time
from ce_lint.engine import analysis
real = analysis.analyse
def analyse(*arguments, **options):
    process = multiprocessing.current_process().name.split("-")[0]
    with open("../analyses", "a") as file:
        file.write(f"{process} {os.getpid() == parent}\\n")
    if process == "ForkProcess" and {is_killed}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
analysis.analyse = analyse
parent = os.getpid()
from flake8.main.cli import main
sys.exit(main(["--isolated", "--select", "CEL", *sys.argv[1:]]))
"""
LARGE = f"# {110_000 * 'x'}\n"
"""With it, another process is worth it."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    (folder / "model.py").write_text(MODEL)
    for number in range(12):
        (folder / f"train_{number}.py").write_text(TRAIN)
    return folder


def findings(project: Path, *arguments: str, is_killed: bool = False) -> tuple[list[str], list[str]]:
    """The lines of the findings, and who has analysed the project."""
    noted = project.parent / "analyses"
    noted.unlink(missing_ok=True)
    command = [sys.executable, "-c", PROGRAM.replace("{is_killed}", str(is_killed)), *arguments, "."]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    return sorted(ran.stdout.splitlines()), noted.read_text().splitlines() if noted.exists() else []


def test_a_small_project_is_analysed_once_in_the_process_that_forks(project: Path) -> None:
    found, analysed = findings(project, "--jobs", "2", "--cel-no-cache")
    assert (len(found), analysed) == (24, ["MainProcess True"])


@pytest.mark.slow
def test_a_large_one_is_analysed_once_beside_it(project: Path) -> None:
    (project / "large.py").write_text(LARGE)
    found, analysed = findings(project, "--jobs", "2", "--cel-no-cache")
    assert (len(found), analysed) == (24, ["ForkProcess False"])
    assert findings(project, "--jobs", "1", "--cel-no-cache") == (found, ["MainProcess True"])
    # What the process has found is kept for the next run.
    assert findings(project, "--jobs", "2") == (found, ["ForkProcess False"])
    assert findings(project, "--jobs", "2") == (found, [])


@pytest.mark.slow
def test_nothing_is_lost_when_that_process_dies(project: Path) -> None:
    expected, _ = findings(project, "--jobs", "1", "--cel-no-cache")
    (project / "large.py").write_text(LARGE)
    found, analysed = findings(project, "--jobs", "2", "--cel-no-cache", is_killed=True)
    assert found == expected
    assert set(analysed) == {"ForkProcess False", "ForkPoolWorker False"}


@pytest.mark.slow
def test_projects_are_analysed_side_by_side_each_once(project: Path) -> None:
    for name in ("a", "b", "c"):
        (project / name).mkdir()
        for file in project.glob("*.*"):
            (project / name / file.name).write_text(file.read_text())
        (project / name / "large.py").write_text(LARGE)
    found, analysed = findings(project, "--jobs", "2", "--cel-no-cache")
    assert (len(found), len(analysed)) == (96, 4)
    assert {"ForkProcess False"} == set(analysed)
    assert findings(project, "--jobs", "1", "--cel-no-cache")[0] == found


TWICE = """\
from flake8.api import legacy
from flake8.main.options import JobsArgument
guide = legacy.get_style_guide(select=["CEL"], jobs=JobsArgument("2"))
print(guide.check_files(["."]).total_errors)
with open("model.py", "w") as file:
    file.write("def scores(x):\\n    return x\\n")
print(guide.check_files(["."]).total_errors)
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", LARGE], ids=["here", "beside"])
def test_whoever_runs_it_twice_gets_what_has_changed(project: Path, text: str) -> None:
    (project / "large.py").write_text(text)
    command = [sys.executable, "-c", TWICE]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert [line for line in ran.stdout.splitlines() if line.isdigit()] == ["24", "0"]


@pytest.mark.slow
def test_of_a_file_that_is_too_long_it_is_said_whoever_looks_at_it(project: Path) -> None:
    for number in range(5):
        (project / f"long_{number}.py").write_text(MODEL.replace("scores", "others") + 20_001 * "x = 12345678\n")
    (project / "unconcerned.py").write_text(20_001 * "x = 12345678\n")
    command = [sys.executable, "-m", "flake8", "--isolated", "--select", "CEL", "."]
    for arguments in (["-j1", "--cel-no-cache"], ["-j2", "--cel-no-cache"], ["-j2"], ["-j2"], ["-j1"]):
        ran = subprocess.run([*command, *arguments], cwd=project, capture_output=True, text=True, check=False)
        said = sorted(line.partition(" lines")[0] for line in ran.stderr.splitlines())
        assert said == [f"long_{number}.py:1: is too long: 20006" for number in range(5)], arguments
        assert len(ran.stdout.splitlines()) == 24
