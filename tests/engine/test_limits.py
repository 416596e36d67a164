"""Calls that nest deeply: what they cost, and the limit that the host program has afterwards."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ce_lint.engine.limits import RECURSION_LIMIT, deeply

UP_AND_DOWN = """
import resource
import sys
from ce_lint.engine.limits import deeply


def descend(depth):
    if depth:
        descend(depth - 1)
    return depth


def work():
    # Each step goes down and up again across many borders of pieces.
    for depth in range(1000, 1400):
        descend(depth)
    return "done"


def faults(call):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    assert call() == "done"
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


sys.setrecursionlimit(6000)
work()
deeply(work)
print(faults(work), faults(lambda: deeply(work)))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info < (3, 11),
    reason="counted on Linux; before 3.11, each frame is an object",
)
def test_nested_calls_ask_the_system_for_no_memory_that_was_given_back() -> None:
    result = subprocess.run([sys.executable, "-c", UP_AND_DOWN], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    plain, on_one_stack = map(int, result.stdout.split())
    assert on_one_stack * 10 < plain


@pytest.mark.parametrize("own", [1_000, 9_000])
def test_the_host_program_gets_its_own_limit_back(own: int) -> None:
    before = sys.getrecursionlimit()

    def fails() -> None:
        raise LookupError("here")

    try:
        sys.setrecursionlimit(own)
        assert deeply(sys.getrecursionlimit) == max(own, RECURSION_LIMIT)
        assert sys.getrecursionlimit() == own
        with pytest.raises(LookupError, match="here"):
            deeply(fails)
        assert sys.getrecursionlimit() == own
    finally:
        sys.setrecursionlimit(before)
