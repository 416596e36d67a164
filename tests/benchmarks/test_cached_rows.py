"""What the rows about caches run, seen by programs that note what they find when they are run."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.libraries import CACHE
from benchmarks.records import MeasurementError
from benchmarks.rows import checks, flake8_runs

if TYPE_CHECKING:
    from benchmarks.records import Setting

PROGRAM = """\
#!{python}
import json, sys
from pathlib import Path

if "--help" in sys.argv:
    print("--no-cache --cache-dir")
    sys.exit()
folders = [Path(word) for word in sys.argv[1:] if Path(word).is_dir() and "cache" not in Path(word).name]
files = sorted(path for folder in folders for path in folder.rglob("*.py"))
note = {{
    "program": Path(sys.argv[0]).parent.parent.name,
    "options": [word for word in sys.argv[1:] if word.startswith("--")],
    "files": {{path.name: path.read_text() for path in files}},
    "is_cached": any(True for folder in folders for _ in folder.rglob("{cache}")),
}}
with open({log!r}, "a") as log:
    log.write(json.dumps(note) + "\\n")
if {keeps_a_cache} and "--isolated" in sys.argv:
    (folders[0] / "{cache}").mkdir(exist_ok=True)
if "json" in sys.argv:
    found = [str(path) for path in files if "finding" in path.name]
    print(json.dumps({{"findings": [{{"code": "CEL001", "path": path}} for path in found]}}))
"""


@dataclasses.dataclass(frozen=True)
class Note:
    """What one run has found."""

    program: str
    options: list[str]
    files: dict[str, str]
    is_cached: bool


def program(path: Path, log: Path, *, keeps_a_cache: bool = False) -> Path:
    path.parent.mkdir(parents=True)
    text = PROGRAM.format(python=sys.executable, cache=CACHE, log=str(log), keeps_a_cache=keeps_a_cache)
    path.write_text(text)
    path.chmod(0o755)
    return path


def notes(log: Path) -> list[Note]:
    return [Note(**json.loads(line)) for line in log.read_text().splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def noted(setting: Setting, log: Path, tmp_path: Path) -> Setting:
    """A ce-lint and a ruff that take notes, and two libraries."""
    command = program(tmp_path / "tools" / "bin" / "ce-lint", log)
    command.with_name("ruff").write_text(command.read_text())
    command.with_name("ruff").chmod(0o755)
    for library, name in (("one", "plain"), ("one", "other"), ("two", "finding")):
        path = tmp_path / "libraries" / library / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name} = 1\n")
    return dataclasses.replace(setting, ce_lint=command, libraries=tmp_path / "libraries")


UNCHANGED = {"plain.py": "plain = 1\n", "other.py": "other = 1\n", "finding.py": "finding = 1\n"}


@pytest.mark.slow
def test_warm_runs_find_the_cache_that_was_filled(noted: Setting, log: Path) -> None:
    checks.warm(dataclasses.replace(noted, rounds=2))

    options = [note.options for note in notes(log)]
    assert options == [["--cache-dir"], ["--no-cache", "--isolated", "--quiet"]] * 3
    assert all(note.files == UNCHANGED for note in notes(log))


@pytest.mark.slow
def test_one_file_is_changed_at_a_time(noted: Setting, log: Path) -> None:
    (figure,) = checks.one_changed(dataclasses.replace(noted, rounds=2))

    looked_for, *runs = notes(log)
    assert looked_for.options == ["--no-cache", "--format", "--extend-select"]
    assert {tuple(note.options) for note in runs} == {("--cache-dir",)}
    # Three kinds of change, two rounds; each after two runs on what is not changed.
    assert len(runs) == 18
    for number, note in enumerate(runs):
        differing = [name for name in UNCHANGED if note.files[name] != UNCHANGED[name]]
        assert len(differing) == (number % 3 == 2), number
    above = [name for note in runs for name, text in note.files.items() if text.startswith("# changed")]
    assert above == ["finding.py", "finding.py"]
    assert "worst" in figure.evidence
    assert {path.name: path.read_text() for path in (noted.libraries or Path()).rglob("*.py")} == UNCHANGED


@pytest.fixture
def with_flake8(noted: Setting, log: Path, tmp_path: Path) -> Setting:
    """Two environments, of which one keeps a cache."""
    program(tmp_path / "environments" / "plain" / "bin" / "flake8", log)
    program(tmp_path / "environments" / "plugin" / "bin" / "flake8", log, keeps_a_cache=True)
    return dataclasses.replace(noted, environments=tmp_path / "environments", rounds=2, flake8_libraries=("two",))


@pytest.mark.slow
def test_flake8_is_cold_in_each_round(with_flake8: Setting, log: Path) -> None:
    flake8_runs.cold(with_flake8)

    assert [(note.program, note.is_cached) for note in notes(log) if note.program == "plugin"] == [
        ("plugin", False)
    ] * 2
    assert [note.program for note in notes(log)] == ["plugin", "plain"] * 2
    assert {tuple(note.files) for note in notes(log)} == {("finding.py",)}


@pytest.mark.slow
def test_flake8_is_warm_in_each_round(with_flake8: Setting, log: Path) -> None:
    flake8_runs.warm(with_flake8)

    filled, *rest = [note.is_cached for note in notes(log) if note.program == "plugin"]
    assert not filled
    assert rest == [True, True]


@pytest.mark.slow
def test_without_a_cache_there_is_no_warm_flake8(with_flake8: Setting, log: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "environments" / "plugin" / "bin" / "flake8"
    plugin.write_text((tmp_path / "environments" / "plain" / "bin" / "flake8").read_text())

    with pytest.raises(MeasurementError, match="keeps no cache"):
        flake8_runs.warm(with_flake8)
    assert len(notes(log)) == 1
