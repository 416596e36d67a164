"""`ce-lint check` with a cache, as real processes: whatever becomes of the cache, the output is the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from ce_lint.store.folder import DATABASE, FOLDER

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "fixtures"
GOOD = "import torch.nn.functional as F\n\n\ndef step(x, y):\n    return F.cross_entropy(F.softmax(x, dim=1), y)\n"
FOUND, NOT_ANALYSED = 1, 3
"""Exit statuses."""

# Root may write what is read-only, until it has given up the two capabilities that let it.
UNPRIVILEGED = """\
import ctypes, os, sys
for capability in (1, 2):
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


class Done(NamedTuple):
    """How a process ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is large enough to be kept, and to be read by several processes."""
    root = tmp_path / "project"
    shutil.copytree(FIXTURES / "programs", root / "one")
    for number in range(40):
        functions = (f"def f{number}_{one}(x, y):\n    return x[{one}], y\n\n\n" for one in range(300))
        (root / f"more{number}.py").write_text("".join(functions) + "criterion = f(criterion)\n")
    (root / "pyproject.toml").touch()
    return root


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "ce_lint", "check", "--select", "CEL", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CE_LINT_")} | more


def check(project: Path, *arguments: str | Path, **more: str) -> Done:
    return run(command(*arguments), project, **more)


def run(words: list[str], folder: Path, **more: str) -> Done:
    done = subprocess.run(
        words, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=300, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_written_without_a_cache(project: Path) -> None:
    before = files_below(project)
    check(project, "--no-cache")
    check(project, CE_LINT_NO_CACHE="1")
    assert files_below(project) == before


def test_the_cache_is_where_it_is_said_to_be(project: Path, tmp_path: Path) -> None:
    expected = check(project, "--no-cache")
    assert check(project) == expected
    assert (project / FOLDER / DATABASE).is_file()
    shutil.rmtree(project / FOLDER)
    assert check(project, "--cache-dir", tmp_path / "one") == expected
    assert check(project, CE_LINT_CACHE_DIR=str(tmp_path / "two")) == expected
    assert [(tmp_path / name / DATABASE).is_file() for name in ("one", "two")] == [True, True]
    assert not (project / FOLDER).exists()


def test_several_at_once_find_the_same(project: Path) -> None:
    expected = check(project, "--no-cache")
    assert (expected.status, expected.err, "CEL001" in expected.out) == (FOUND, "", True)
    for _ in range(2):  # with a new cache, and with one that is full
        running = [
            subprocess.Popen(
                command(),
                cwd=project,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(6)
        ]
        for process in running:
            out, err = process.communicate(timeout=300)
            assert Done(process.returncode, out, err) == expected
    assert check(project) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere root cannot give up that it may write everything")
@pytest.mark.parametrize("is_filled", [True, False])
def test_a_cache_that_cannot_be_written(project: Path, tmp_path: Path, is_filled: bool) -> None:
    expected = check(project, "--no-cache")
    cache = tmp_path / "cache"
    if is_filled:
        check(project, "--cache-dir", cache)
    cache.mkdir(exist_ok=True)
    before = files_below(cache)
    for path in (*before, cache):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        launched = [sys.executable, "-c", UNPRIVILEGED, *command("--cache-dir", cache)[1:]]
        assert run(launched, project) == expected
        assert files_below(cache) == before
    finally:
        cache.chmod(0o700)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\xff" * 5_000, b"garbage " * 1_000])
@pytest.mark.parametrize("is_ours", [True, False])
def test_a_cache_that_is_none(project: Path, tmp_path: Path, content: bytes, is_ours: bool) -> None:
    expected = check(project, "--no-cache")
    cache = tmp_path / "cache"
    if is_ours:
        check(project, "--cache-dir", cache)
    cache.mkdir(exist_ok=True)
    (cache / DATABASE).write_bytes(content)
    assert [check(project, "--cache-dir", cache) for _ in range(2)] == [expected, expected]


def test_a_cache_that_was_cut_off(project: Path, tmp_path: Path) -> None:
    expected = check(project, "--no-cache")
    cache = tmp_path / "cache"
    check(project, "--cache-dir", cache)
    whole = (cache / DATABASE).read_bytes()
    for part in (len(whole) // 2, 4096, 100):
        (cache / DATABASE).write_bytes(whole[:part])
        assert check(project, "--cache-dir", cache) == expected


def test_a_file_in_place_of_the_folder(project: Path) -> None:
    expected = check(project, "--no-cache")
    (project / FOLDER).write_text("a file")
    assert check(project) == expected
    assert (project / FOLDER).read_text() == "a file"


@pytest.mark.skipif(sys.platform == "win32", reason="nobody counts the time there")
def test_the_second_run_is_quicker(project: Path) -> None:
    cold = seconds_of(project, "--no-cache")
    assert check(project) == check(project, "--no-cache")
    warm = min(seconds_of(project) for _ in range(3))
    assert warm < 0.7 * cold


def seconds_of(project: Path, *arguments: str) -> float:
    """The processor time of a run, with that of its children."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    check(project, *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_flake8_does_not_care(project: Path) -> None:
    words = [sys.executable, "-m", "flake8", "--isolated", "--select", "CEL", "one"]
    expected = run(words, project)
    assert (expected.status, "CEL001" in expected.out, expected.err) == (1, True, "")
    check(project)
    assert run(words, project) == expected
    (project / FOLDER / DATABASE).write_bytes(b"garbage")
    assert run(words, project) == expected


def test_the_number_of_processes_changes_nothing(project: Path) -> None:
    expected = check(project, "--no-cache", "--jobs", "1")
    assert expected.out.count("CEL001") > 10
    for jobs in ("2", "3", "8"):
        assert check(project, "--no-cache", "--jobs", jobs) == expected
    assert check(project, "--jobs", "8") == check(project, "--jobs", "1") == expected


@pytest.mark.parametrize("form", ["json", "gitlab"])  # the one says how to fix, for which one process holds more
def test_the_document_on_several_projects_is_the_same(tmp_path: Path, form: str) -> None:
    programs = sorted(path for path in (FIXTURES / "programs").iterdir() if path.is_dir())[:6]
    for program in programs:
        shutil.copytree(program, tmp_path / program.name)
        (tmp_path / program.name / "pyproject.toml").touch()
    # Large enough for a process a project, or for several for one.
    step = "import torch.nn.functional as F\n\n\ndef step(x, y):\n    return F.cross_entropy(F.softmax(x, dim=1), y)\n"
    for number in range(24):
        text = f"{step}\n\nTEXT_{number} = '{'x' * 50_000}'\n".replace("return", f"TEXT_{number}\n    return")
        (tmp_path / programs[2 + number % 2].name / f"step_{number}.py").write_text(text)
    (tmp_path / programs[4].name / "broken.py").write_text("import torch\nloss = F.cross_entropy(\n")
    paths = [program.name for program in reversed(programs)]
    one, two = (check(tmp_path, "--no-cache", "--format", form, "--jobs", jobs, *paths) for jobs in ("1", "2"))
    assert two == one
    assert one.status == NOT_ANALYSED
    assert one.err.startswith(f"{programs[4].name}/broken.py:2: cannot be parsed: ")
    assert one.err.count("\n") == 1
    document = json.loads(one.out)
    found = document["findings"] if form == "json" else [finding["location"] for finding in document]
    assert len({finding["path"].split("/")[0] for finding in found}) > 2


@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_folder_of_somebody_else_is_named_and_left_alone(project: Path, tmp_path: Path, way: str) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").touch()
    expected = check(project, "--no-cache")
    if way == "option":
        found = check(project, "--cache-dir", "../thesis")
    else:
        found = check(project, CE_LINT_CACHE_DIR="../thesis")
    told = f"{Path('../thesis')}: is no cache of ce-lint, and holds other files (thesis.tex): nothing is kept there\n"
    assert found == expected._replace(err=told + expected.err)
    assert [file.name for file in (tmp_path / "thesis").iterdir()] == ["thesis.tex"]
    assert check(project, "--cache-dir", "../thesis", "--no-cache") == expected


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file may take all the memory there is")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_that_takes_too_much_is_named_and_the_others_are_checked(tmp_path: Path, jobs: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").touch()
    (project / "good.py").write_text(GOOD)
    (project / "huge.py").write_text(f"loss = cross_entropy(softmax([{'1, ' * 3_000_000}]), y)\n")
    for _ in range(2):
        done = run([sys.executable, "-m", "ce_lint", "check", "--jobs", jobs], project)
        assert (done.status, done.err.count("\n"), "Traceback" in done.err) == (NOT_ANALYSED, 1, False)
        assert done.err.startswith("huge.py:1: cannot be ")
        assert "good.py:5:28: CEL001 " in done.out
