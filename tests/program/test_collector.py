"""When what a task has left is collected."""

from __future__ import annotations

import subprocess
import sys

TASKS = """
import gc
from ce_lint.program.collector import collected_between

class Circle:
    def __init__(self):
        self.itself = self

collections = []


def note(phase, info):
    if phase == "stop" and info["generation"] == 2:
        collections.append(info["collected"])


gc.collect()
gc.callbacks.append(note)
gc.set_threshold(1)
before = len(gc.get_objects())
for task in collected_between(range(3)):
    print("task", task, [number >= 1000 for number in collections], len(gc.get_objects()) < before)
    left = [Circle() for _ in range(1000)]
    del left
print("end", len(collections))
"""


def test_what_a_task_has_left_is_collected_before_the_next_one_only() -> None:
    result = subprocess.run([sys.executable, "-c", TASKS], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == [
        "task 0 [] True",  # what was there before is not looked through any more
        "task 1 [True] True",
        "task 2 [True, True] True",
        "end 2",
    ]
