"""What twice as much costs: files, and calls that reach one loss."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.made import copies, one_trainer
from benchmarks.records import Clock, Figure, MeasurementError, Run, Setting, in_seconds, median
from benchmarks.running import ANALYSED, can_sample_memory, cold_check, interleaved, run

ROUNDS = 2
FEWEST_FILES = 125
QUICK_FILES = 500
FEWEST_CALLS = 125
QUICK_CALLS = 20
ALLOWED = 2.2


@dataclass(frozen=True, slots=True)
class Size:
    """A project of one size, and its runs."""

    number: int
    """Of files, or of calls."""
    runs: tuple[Run, ...]


def sizes(fewest: int, most: int) -> list[int]:
    """Return the doublings from the one to the other."""
    found = [fewest]
    while found[-1] * 2 <= most:
        found.append(found[-1] * 2)
    if len(found) < 2:
        raise MeasurementError(f"there is no doubling between {fewest} and {most}")
    return found


def files(setting: Setting) -> list[Figure]:
    """125 files and more, half of the copies wrong; every copy with names of its own, or all with the same ones."""
    wanted = sizes(FEWEST_FILES, min(setting.most, QUICK_FILES) if setting.is_quick else setting.most)

    def figure(name: str, *, are_renamed: bool) -> Figure:
        projects = [copies.Copies(number, are_renamed, setting.have_own_losses) for number in wanted]
        measured = _measured(
            setting,
            f"files, {name}",
            wanted,
            lambda root, at: copies.write(root, copies.texts(projects[at])),
        )
        wrong = "; ".join(
            f"{project.files} files: {len(found)} findings where there are {project.findings}"
            for project, size in zip(projects, measured, strict=True)
            if len(found := _findings(size.runs[-1])) != project.findings
        )
        what = f"time over number of files, {name}: the last doubling, {wanted[-2]:,} to {wanted[-1]:,}"
        return Figure(
            "files", what, "half the files", last_doubling(measured, setting.clock), ALLOWED,
            evidence=growth(measured, setting.clock), wrong=wrong,
        )  # fmt: skip

    return [figure("names of its own in each", are_renamed=True), figure("all names equal", are_renamed=False)]


def trainer(setting: Setting) -> list[Figure]:
    """Four models a call, half of them wrong; a Trainer that keeps model and loss, or is handed the model."""
    wanted = (
        sizes(QUICK_CALLS // 4, QUICK_CALLS)
        if setting.is_quick
        else sizes(min(FEWEST_CALLS, setting.calls // 4), setting.calls)
    )

    def figure(name: str, *, keeps_them: bool) -> Figure:
        projects = [one_trainer.OneTrainer(number, keeps_them) for number in wanted]
        measured = _measured(
            setting,
            f"trainer, {name}",
            wanted,
            lambda root, at: copies.write(root, one_trainer.texts(projects[at])),
        )
        found = [_findings(size.runs[-1]) for size in measured]
        wrong = _wrong_findings(projects, found)
        counted = ", ".join(f"{len(one)} of {project.wrong}" for one, project in zip(found, projects, strict=True))
        what = (
            f"{projects[-1].models:,} models, {wanted[-1]} calls that reach one Trainer, {name}: the last doubling of "
            "calls and models"
        )
        return Figure(
            "trainer", what, "half the calls", last_doubling(measured, setting.clock), ALLOWED,
            evidence=f"{growth(measured, setting.clock)}; wrong models reported: {counted}", wrong=wrong,
        )  # fmt: skip

    return [
        figure("which its constructor takes", keeps_them=True),
        figure("which its method takes", keeps_them=False),
    ]


def _wrong_findings(projects: Sequence[one_trainer.OneTrainer], found: Sequence[list[dict[str, str]]]) -> str:
    """Say what is wrong with the findings: more models may be reported in a larger project, never fewer, none twice.

    All are at the one loss call. Beyond a bound the tool may leave models out, and the row shows how many it reported.
    """
    said = []
    for number, (project, findings) in enumerate(zip(projects, found, strict=True)):
        sources = {finding["source"] for finding in findings}
        sinks = {finding["sink"] for finding in findings}
        if not findings or len(findings) < len(found[number - 1] if number else ()):
            said.append(f"{project.calls} calls: {len(findings)} findings")
        if len(sources) != len(findings) or not all(source.startswith(one_trainer.MODELS) for source in sources):
            said.append(f"{project.calls} calls: {len(sources)} places for {len(findings)} findings")
        if findings and len(sinks) != 1:
            said.append(f"{project.calls} calls: findings at {len(sinks)} loss calls")
    return "; ".join(said)


def _measured(setting: Setting, name: str, numbers: Sequence[int], make: Callable[[Path, int], Path]) -> list[Size]:
    """Make a project of each size; check all of them once a round, without a cache."""
    folder = setting.scratch / name.replace(",", "")
    roots = [make(folder / str(number), at) for at, number in enumerate(numbers)]
    command = [*cold_check(setting.ce_lint), "--format", "json"]

    def side(root: Path) -> Callable[[int], Run]:
        return lambda _number: run([*command, "."], root, statuses=ANALYSED, samples_memory=can_sample_memory())

    runs = interleaved(name, [side(root) for root in roots], setting.rounds_or(ROUNDS))
    shutil.rmtree(folder)
    return [Size(number, tuple(done)) for number, done in zip(numbers, runs, strict=True)]


def _findings(done: Run) -> list[dict[str, str]]:
    """Return both ends of each finding."""
    found = []
    for finding in json.loads(done.output)["findings"]:
        source, sink = finding["source"], finding["sink"]
        found.append({"source": f"{source['path']}:{source['line']}", "sink": f"{sink['path']}:{sink['line']}"})
    return found


def last_doubling(measured: Sequence[Size], clock: Clock) -> float:
    """Return how many times the time of the size before the last one's is."""
    return median(measured[-1].runs, clock) / median(measured[-2].runs, clock)


def growth(measured: Sequence[Size], clock: Clock) -> str:
    """Say what each size took, what it held, and what each doubling costs."""
    ratios = ["", *(f", {median(b.runs, clock) / median(a.runs, clock):.2f} times" for a, b in pairwise(measured))]
    return "; ".join(
        f"{size.number}: {in_seconds(median(size.runs, clock))} {_peak(size.runs):.0f} MB{times}"
        for size, times in zip(measured, ratios, strict=True)
    )


def _peak(runs: Sequence[Run]) -> float:
    return max(max(one.together, one.largest) for one in runs)
