"""`ce-lint check` on whole libraries: against ruff, from a cache, after a change; and its memory."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks.libraries import changed, changes, copied, python_files, size_of, takes_a_line_above
from benchmarks.records import Clock, Figure, MeasurementError, Run, Setting, median, medians, ratio
from benchmarks.running import ANALYSED, Command, can_sample_memory, cold_check, interleaved, run, say, warm_check

ROUNDS = 5
UNRESOLVED = "CEL901"
RUFF = "ruff check --no-cache --isolated --quiet, its default rules, output discarded"


def _ruff(setting: Setting) -> Path:
    beside = setting.python.with_name("ruff")
    found = beside if beside.exists() else shutil.which("ruff")
    if not found:
        raise MeasurementError("there is no ruff")
    return Path(found)


def _against_ruff(
    setting: Setting, row: str, what: str, command: Command, libraries: tuple[Path, ...], allowed: float
) -> Figure:
    folder = setting.scratch
    ruff: Command = [_ruff(setting), "check", "--no-cache", "--isolated", "--quiet", *libraries]

    def mine(_number: int) -> Run:
        return run(command, folder, statuses=ANALYSED)

    def other(_number: int) -> Run:
        return run(ruff, folder)

    # Once without being counted: the files are in memory then, and a cache is filled.
    interleaved(f"{row}, not counted", [mine, other], 1)
    runs, others = interleaved(row, [mine, other], setting.rounds_or(ROUNDS))
    evidence = f"{medians(runs, others)}; {len(python_files(libraries))} files"
    return Figure(row, what, RUFF, ratio(runs, others, setting.clock), allowed, evidence=evidence)


def cold(setting: Setting) -> list[Figure]:
    """Nothing is kept from run to run."""
    libraries = copied(setting, "cold")
    command = [*cold_check(setting.ce_lint), *libraries]
    return [_against_ruff(setting, "cold", "ce-lint check, cold, no cache", command, libraries, 4)]


def warm(setting: Setting) -> list[Figure]:
    """All that can be kept was kept."""
    command = warm_check(setting.ce_lint, setting.scratch / "cache of warm")
    libraries = copied(setting, "warm")
    return [_against_ruff(setting, "warm", "ce-lint check, warm cache", [*command, *libraries], libraries, 1)]


def one_changed(setting: Setting) -> list[Figure]:
    """One file was changed since."""
    row = "one-changed"
    command = warm_check(setting.ce_lint, setting.scratch / "cache of one changed")
    libraries = copied(setting, row)
    warm_command = [*command, *libraries]
    files = python_files(libraries)
    found = _with_findings(setting, libraries)
    wanted = changes(files, [path for path in found if takes_a_line_above(path)], setting.rounds_or(ROUNDS))

    def settled(_number: int) -> Run:
        # What the change before has left in the cache, and out of it, is not measured.
        run(warm_command, setting.scratch, statuses=ANALYSED)
        return run(warm_command, setting.scratch, statuses=ANALYSED)

    def after_a_change(number: int) -> Run:
        with changed(wanted[number]):
            return run(warm_command, setting.scratch, statuses=ANALYSED)

    warm_runs, changed_runs = interleaved(row, [settled, after_a_change], len(wanted))
    slowest = max(range(len(wanted)), key=lambda number: changed_runs[number].seconds(setting.clock))
    worst = changed_runs[slowest].seconds(setting.clock) / median(warm_runs, setting.clock)
    evidence = (
        f"{medians(changed_runs, warm_runs)}; worst {worst:.2f} ({wanted[slowest].name}, {wanted[slowest].path.name})"
    )
    figure = ratio(changed_runs, warm_runs, setting.clock)
    return [Figure(row, "ce-lint check, one file changed", "warm", figure, 1.1, evidence=evidence)]


def _with_findings(setting: Setting, libraries: tuple[Path, ...]) -> list[Path]:
    """Return the files that hold a finding; where there is none, those with a loss call that could not be decided."""
    command = [*cold_check(setting.ce_lint), "--format", "json", "--extend-select", UNRESOLVED, *libraries]
    findings = json.loads(run(command, setting.scratch, statuses=ANALYSED).output)["findings"]
    reported = [one for one in findings if one["code"] != UNRESOLVED]
    paths = {setting.scratch / one["path"] for one in reported or findings}
    return sorted(path for path in paths if path.suffix == ".py")


def memory(setting: Setting) -> list[Figure]:
    """The library with the most bytes."""
    if not can_sample_memory():
        raise MeasurementError("this system does not show what other processes hold (no /proc)")
    copies = copied(setting, "memory")
    library = max(copies, key=size_of)
    command = [*cold_check(setting.ce_lint), library]
    runs = [run(command, setting.scratch, statuses=ANALYSED, samples_memory=True) for _ in range(setting.rounds_or(2))]
    say(f"memory: {' '.join(f'{one.together:.0f}' for one in runs)} MB")
    # A sample misses what was between two of them; of each process the system keeps the most.
    peak = max(max(one.together, one.largest) for one in runs)
    evidence = (
        f"the largest library, {library.name}, {size_of(library) / 1e6:.0f} MB of text: the most that all processes "
        "held at one moment, shared pages counted in each; the largest process "
        f"{max(one.largest for one in runs):.0f} MB; {median(runs, Clock.WALL):.1f} s"
    )
    return [Figure("memory", "ce-lint check, peak memory", "", peak, 300, "MB", evidence)]
