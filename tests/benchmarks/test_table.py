"""The arithmetic of ratios, and what is said of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.ratios import HEAD, ROWS, in_markdown, in_text, status, verdict
from benchmarks.records import Clock, Figure, NotMeasured, Run, median, medians, percentile_95, ratio

ROOT = Path(__file__).parents[2]


def runs(*walls: float, cpu: float = 1.0) -> list[Run]:
    return [Run(wall, wall * cpu, 0, 0, "", 0) for wall in walls]


def figure(measured: float, wrong: str = "") -> Figure:
    return Figure("files", "time", "half | the files", measured, 2.2, evidence="125: 1 s", wrong=wrong)


def test_a_ratio_is_that_of_the_medians() -> None:
    mine, others = runs(3, 100, 4), runs(2, 1, 50)

    # Of single runs the ratios are 1.5, 100 and 0.08: their median is another one.
    assert ratio(mine, others, Clock.WALL) == 4 / 2


def test_each_clock_has_its_own() -> None:
    assert median(runs(1, 3, cpu=2.0), Clock.WALL) == 2
    assert median(runs(1, 3, cpu=2.0), Clock.CPU) == 4
    assert ratio(runs(4, cpu=2.0), runs(2), Clock.CPU) == 4
    assert medians(runs(4, cpu=2.0), runs(0.5)) == (
        "4.00 s against 0.500 s; CPU 8.00 s against 0.500 s (16.00 times); 1 of each"
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [(range(1, 101), 95), (range(1, 21), 19), (range(1, 22), 20), ([7.0], 7.0), ([3, 1, 2], 3)],
)
def test_the_95th_percentile_is_a_value_that_was_measured(values: list[float], expected: float) -> None:
    assert percentile_95(list(values)[::-1]) == expected


def test_the_limit_itself_is_allowed() -> None:
    assert verdict(figure(2.2)) == "holds"
    assert verdict(figure(2.2001)) == "DOES NOT HOLD"


def test_a_wrong_answer_in_time_does_not_hold() -> None:
    assert verdict(figure(1.0, wrong="4 findings where there are 12")) == "DOES NOT HOLD"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], 0),
        ([figure(1.0)], 0),
        ([figure(1.0), figure(3.0)], 1),
        ([figure(1.0), NotMeasured("warm", "a cache", "there is none")], 3),
        ([figure(3.0), NotMeasured("warm", "a cache", "there is none")], 1),
    ],
)
def test_the_exit_status(lines: list[Figure | NotMeasured], expected: int) -> None:
    assert status(lines) == expected


def test_a_line_says_everything() -> None:
    line = in_text(figure(2.5, wrong="too few"))

    assert line.split() == (
        "files DOES NOT HOLD 2.500 times (allowed 2.2) time, against half | the files: too few; 125: 1 s".split()
    )


def test_a_table_has_as_many_cells_in_each_row() -> None:
    rows = [in_markdown(figure(2.5)), in_markdown(NotMeasured("warm", "a cache", "there is none"))]

    cells = [row.replace("\\|", "").count("|") for row in (*HEAD.splitlines(), *rows)]
    assert cells == [8] * 4


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) == 11


@pytest.mark.parametrize(
    "arguments", [["--only", "nothing"], ["--ce-lint", "no/ce-lint"], ["--libraries", "no/folder"], ["--rounds", "0"]]
)
@pytest.mark.slow
def test_wrong_usage(arguments: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.strip()


@pytest.mark.slow
def test_one_command_prints_the_table(ce_lint: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--rounds", "1", "--only", "start", "cold", "--markdown"]
    result = subprocess.run([*command, "--ce-lint", ce_lint], cwd=ROOT, capture_output=True, text=True, check=False)

    head, _, cold, *start = result.stdout.splitlines()
    assert head == HEAD.splitlines()[0]
    assert "not measured" in cold
    assert "no --libraries" in cold
    assert [("one small file" in line, "not measured" in line) for line in start] == [(True, False)] * 2
    assert result.returncode in {1, 3}, result.stderr
