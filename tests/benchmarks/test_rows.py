"""The rows, in the smallest size that is one."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest

from benchmarks.libraries import CACHE, Change, changed, changes, copied, forget, keeps_a_cache, takes_a_line_above
from benchmarks.made.one_trainer import OneTrainer
from benchmarks.records import Clock, MeasurementError, Run, Setting
from benchmarks.rows import checks, editor, growth, start, unrelated
from benchmarks.rows.growth import Size, last_doubling, sizes
from benchmarks.rows.unrelated_inside import names_neither, texts

LOOP = "from torch import nn\nloss = nn.CrossEntropyLoss()(nn.Sequential(nn.Linear(3, 4), nn.Softmax(1))(x), y)\n"


@pytest.fixture
def libraries(tmp_path: Path) -> Path:
    folder = tmp_path / "libraries"
    for library, text in {"small": "import os\n", "large": LOOP + "#" * 1_000}.items():
        (folder / library / "package").mkdir(parents=True)
        (folder / library / "package" / "code.py").write_text(text)
        (folder / library / "package" / "notes.txt").write_text("not Python")
    return folder


@pytest.fixture
def with_libraries(setting: Setting, libraries: Path) -> Setting:
    return dataclasses.replace(setting, libraries=libraries)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- Copies of libraries and changes in them ----------------------------------------------------------------------


def test_libraries_are_copied_each_as_a_project(with_libraries: Setting) -> None:
    large, small = copied(with_libraries, "row")

    assert (large.name, small.name) == ("large", "small")
    assert set(contents(large)) == {Path("pyproject.toml"), Path("package/code.py")}
    assert (large / "package" / "code.py").read_text().startswith(LOOP)
    assert [path.name for path in copied(with_libraries, "other row", ["small"])] == ["small"]


def test_a_library_that_is_not_there_is_named(setting: Setting, with_libraries: Setting) -> None:
    with pytest.raises(MeasurementError, match="no missing"):
        copied(with_libraries, "row", ["small", "missing"])
    with pytest.raises(MeasurementError, match="no --libraries"):
        copied(setting, "row")


def test_a_change_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_bytes(b"x = 1\r\n# \xff")
    with changed(Change("both", path, above=b"# above\n", below=b"\n# below\n")):
        assert path.read_bytes() == b"# above\nx = 1\r\n# \xff\n# below\n"
    assert path.read_bytes() == b"x = 1\r\n# \xff"

    with pytest.raises(MeasurementError), changed(Change("failing", path, below=b"#")):
        raise MeasurementError
    assert path.read_bytes() == b"x = 1\r\n# \xff"


def test_changes_are_the_same_every_time_and_all_differ(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.py" for number in range(50)]
    chosen = changes(files, files[:2], 6)

    assert chosen == changes(files, files[:2], 6)
    assert len(chosen) == 18
    assert len({(change.above, change.below) for change in chosen}) == 18
    assert {change.path for change in chosen if change.above} <= set(files[:2])
    assert len({change.path for change in chosen}) > 8
    assert len(changes(files, [], 6)) == 12
    for change in chosen:
        ast.parse(change.above + b"x = 1" + change.below)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\n", False), (b"import os\n\n# coding\n", True)],
)
def test_a_line_that_says_the_encoding_stays_where_it_is(text: bytes, expected: bool, tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_bytes(text)

    assert takes_a_line_above(path) is expected


def test_caches_are_found_and_forgotten(tmp_path: Path) -> None:
    (tmp_path / "library" / CACHE / "deep").mkdir(parents=True)
    (tmp_path / "library" / "code.py").touch()
    assert keeps_a_cache([tmp_path / "library"])

    forget([tmp_path])

    assert not keeps_a_cache([tmp_path])
    assert (tmp_path / "library" / "code.py").exists()


@pytest.mark.slow
def test_the_check_of_libraries_leaves_them_alone(with_libraries: Setting, libraries: Path) -> None:
    before = contents(libraries)

    (figure,) = checks.cold(with_libraries)

    assert figure.measured > 0
    assert "2 files" in figure.evidence
    assert contents(libraries) == before


@pytest.mark.slow
def test_files_with_findings_are_found(with_libraries: Setting) -> None:
    copies = copied(with_libraries, "row")

    found = checks._with_findings(with_libraries, copies)

    assert found == [with_libraries.scratch / "row" / "large" / "package" / "code.py"]


@pytest.mark.slow
def test_memory_is_that_of_the_largest_library(with_libraries: Setting) -> None:
    (figure,) = checks.memory(with_libraries)

    assert "large" in figure.evidence
    assert 10 < figure.measured < 300
    assert figure.unit == "MB"


# --- What the plugin costs -------------------------------------------------------------------------------------------


def test_files_that_name_torch_or_a_loss_are_left_out(tmp_path: Path) -> None:
    for name, text in {
        "plain": "import os\n", "torch": "import torch\n", "loss": "focal_Loss = 1\n", "broken": "def\n",
        "other": "x = 1\n",
    }.items():  # fmt: skip
        (tmp_path / f"{name}.py").write_text(text)

    assert {path.stem for path, _, _ in texts([tmp_path], 10)} == {"plain", "other"}
    assert len(list(texts([tmp_path], 1))) == 1
    assert not names_neither("nn.CrossEntropyLoss()")


@pytest.mark.slow
def test_the_plugin_is_measured_on_real_files(setting: Setting) -> None:
    (figure,) = unrelated.unrelated(setting)

    assert f"mean of {unrelated.QUICK} files" in figure.evidence
    assert figure.measured > 0


# --- Twice as much ---------------------------------------------------------------------------------------------------


def test_sizes_double() -> None:
    assert sizes(125, 1_000) == [125, 250, 500, 1_000]
    assert sizes(125, 999) == [125, 250, 500]
    assert sizes(125, 64_000)[-1] == 64_000
    with pytest.raises(MeasurementError, match="no doubling"):
        sizes(125, 249)


def test_the_last_doubling_is_the_one_that_counts() -> None:
    measured = [
        Size(number, tuple(Run(wall, 2 * wall + number, 0, 0, "", 0) for wall in walls))
        for number, walls in {1: [1.0], 2: [50.0], 4: [1.0, 2.0, 90.0], 8: [3.0, 3.0, 3.0]}.items()
    ]

    assert last_doubling(measured, Clock.WALL) == 3 / 2
    assert last_doubling(measured, Clock.CPU) == (2 * 3 + 8) / (2 * 2 + 4)


def test_findings_that_are_lost_in_a_larger_project_are_wrong() -> None:
    projects = [OneTrainer(calls, keeps_them=True) for calls in (2, 4)]
    four = [{"source": f"zoo/a.py:{line}", "sink": "engine/trainer.py:9"} for line in range(4)]

    assert growth._wrong_findings(projects, [four, four]) == ""
    assert growth._wrong_findings(projects, [four, four[:3]]) == "4 calls: 3 findings"
    assert growth._wrong_findings(projects, [[], four]) == "2 calls: 0 findings"
    assert "3 places for 4 findings" in growth._wrong_findings(projects, [four, [*four[:3], four[0]]])
    elsewhere = [*four[:3], {"source": "zoo/a.py:9", "sink": "jobs/job_1.py:1"}]
    assert "2 loss calls" in growth._wrong_findings(projects, [four, elsewhere])


@pytest.mark.slow
def test_growth_is_measured(setting: Setting) -> None:
    smallest = dataclasses.replace(setting, most=250)

    renamed, equal = growth.files(smallest)

    assert "125 to 250" in renamed.what
    for figure in (renamed, equal):
        assert figure.wrong == ""
        assert 0.5 < figure.measured < 4
    assert not any(setting.scratch.iterdir())


# --- One small file --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_small_file_is_compared_with_a_start_of_python(setting: Setting) -> None:
    right, wrong = start.start(setting)

    assert right.measured > 1
    assert wrong.measured > 1
    assert "with a finding" in wrong.what


# --- An editor -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_language_server_is_driven(setting: Setting) -> None:
    pytest.importorskip("pygls")

    median, slow = editor.keystroke(setting)

    assert median.unit == slow.unit == "ms"
    assert 0 < median.measured <= slow.measured
    assert "3 keystrokes" in median.evidence


def test_a_server_that_cannot_be_started_is_not_waited_for(setting: Setting, tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)

    with pytest.raises(MeasurementError, match="no pygls"):
        editor.keystroke(dataclasses.replace(setting, ce_lint=tmp_path / "ce-lint"))
