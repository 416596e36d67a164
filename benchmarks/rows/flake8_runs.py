"""flake8 with the plugin, against flake8 alone."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.environments import environments, flake8
from benchmarks.libraries import copied, forget, keeps_a_cache, python_files
from benchmarks.records import Figure, MeasurementError, Run, Setting, medians, ratio
from benchmarks.running import Command, interleaved, run

ROUNDS = 2
AGAINST = "flake8 --isolated --select F in an environment without ce-lint"


def cold(setting: Setting) -> list[Figure]:
    """Each run finds no cache."""
    return [_figure(setting, "flake8-cold", "flake8 with the plugin, cold, --select F,CEL", 1.10, is_warm=False)]


def warm(setting: Setting) -> list[Figure]:
    """Each run finds the cache that a run before it has filled."""
    return [_figure(setting, "flake8-warm", "flake8 with the plugin, warm, --select F,CEL", 1.03, is_warm=True)]


def _figure(setting: Setting, row: str, what: str, allowed: float, *, is_warm: bool) -> Figure:
    libraries = copied(setting, row, setting.flake8_libraries)
    made = environments(setting.environments or setting.scratch / "environments")
    home = setting.scratch / f"home of {row}"
    home.mkdir(exist_ok=True)
    caches = (*libraries, setting.scratch / row, home)
    # A cache that is kept for the user, not beside the code, is out of the way and found all the same.
    variables = {"XDG_CACHE_HOME": str(home)}

    def plain(_number: int) -> Run:
        return run([flake8(made.plain), "--isolated", "--select", "F", *libraries], setting.scratch, variables)

    def with_plugin(_number: int) -> Run:
        command: Command = [flake8(made.with_plugin), "--isolated", "--select", "F,CEL", *libraries]
        return run(command, setting.scratch, variables)

    if is_warm:
        with_plugin(0)
        if not keeps_a_cache(caches):
            raise MeasurementError("the plugin keeps no cache")
    mine = with_plugin if is_warm else _after(lambda: forget(caches), with_plugin)
    runs, others = interleaved(row, [mine, plain], setting.rounds_or(ROUNDS))
    evidence = f"{medians(runs, others)}; {len(python_files(libraries))} files"
    return Figure(row, what, AGAINST, ratio(runs, others, setting.clock), allowed, evidence=evidence)


def _after(first: Callable[[], None], side: Callable[[int], Run]) -> Callable[[int], Run]:
    def both(number: int) -> Run:
        first()
        return side(number)

    return both
