"""How long a report takes after a keystroke: `python -m benchmarks.keystroke`.

Makes up two projects in a temporary folder, keeps each in a `Workspace`, and types into some of their files. What is
measured is what stands between an editor's change and the diagnostics: `lay` and `report`.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.projects import equal, mixed
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.workspace import Workspace

ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Typing:
    """A place in a file where somebody types."""

    name: str
    path: str
    before: str
    """The text in front of which it happens; "" for the end of the file."""
    typed: tuple[str, ...]
    """What is put there, one after the other, each in place of the one before."""


MIXED = (
    Typing("in a forward: a finding elsewhere comes and goes", "models/net_0.py", "F.softmax(x, dim=1)", ("", "x #")),
    Typing(
        "in a forward: nothing changes", "models/net_1.py", "x = self.drop(x)", ("y = x\n        ", "y = 1\n        ")
    ),
    Typing("in a forward that a shared trainer runs", "models/net_9.py", "x = self.drop(x)", ("y = x\n        ", "")),
    Typing("in a train loop", "scripts/train_1.py", "loss.backward()", ("loss = loss * 2\n        ", "")),
    Typing("in the shared trainer", "engine/trainer.py", "loss.backward()", ("y = x\n        ", "")),
    Typing("in a helper that all models call", "utils/shapes.py", "return x", ("x = x + 0\n    ", "")),
    Typing("in a file without a loss", "datasets/part_3/images_150.py", "", tuple(f"x = {n}\n" for n in range(5))),
    Typing("a comment above a loss call", "scripts/train_3.py", "import torch\n", ("# note\n", "# notes\n")),
    Typing(
        "a line that is half typed", "models/net_3.py", "x = self.drop(x)", ("y = self.\n        ", "y = (\n        ")
    ),
    Typing("in a file of 5,000 lines", "tables/table_0.py", "", tuple(f"MORE = {n}\n" for n in range(5))),
)
EQUAL = (
    Typing("in a forward: the finding comes and goes", "lesson_3.py", "F.softmax(x, dim=1)", ("", "x #")),
    Typing("in a forward: nothing changes", "lesson_4.py", "x = self.fc2(x)", ("y = x\n        ", "y = 1\n        ")),
    Typing("in a train loop", "lesson_5.py", "loss.backward()", ("loss = loss * 2\n        ", "")),
)


def main() -> None:
    """Measure, and say a line for each place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="keystrokes at each place")
    parser.add_argument("--cpu", action="store_true", help="count the time of the processor: on a busy machine")
    asked = parser.parse_args()
    clock = time.process_time if asked.cpu else time.perf_counter
    with tempfile.TemporaryDirectory() as folder:
        measure("1,000 files, 150 models", mixed(Path(folder) / "mixed"), MIXED, asked.rounds, clock)
        measure("500 files, all names equal", equal(Path(folder) / "equal"), EQUAL, asked.rounds, clock)


def measure(title: str, root: Path, places: tuple[Typing, ...], rounds: int, clock: Callable[[], float]) -> None:
    """Type at each place of one project."""
    workspace = Workspace(root, Settings())
    began = clock()
    findings = workspace.report().findings
    say(f"{title}: first report {clock() - began:.2f} s, {len(findings)} findings")
    # As the language server does: what a project is made of stays.
    gc.collect()
    gc.freeze()
    everything = []
    for place in places:
        path = root / place.path
        text = path.read_text(encoding="utf-8")
        workspace.lay(path, text)
        workspace.report()
        taken, followed = [], 0
        for number in range(rounds):
            at = text.index(place.before) if place.before else len(text)
            laid = text[:at] + place.typed[number % len(place.typed)] + text[at:]
            began = clock()
            workspace.lay(path, laid)
            workspace.report()
            taken.append((clock() - began) * 1000)
            followed = max(followed, len(workspace.followed))
        workspace.lay(path, None)
        workspace.report()
        everything += taken
        say(f"  {summary(taken)}  loss calls followed in {followed:3} files  {place.name}")
    say(f"  {summary(everything)}  all")


def summary(taken: list[float]) -> str:
    """Return the median and the 95th percentile of some milliseconds."""
    return f"median {statistics.median(taken):6.1f} ms  p95 {statistics.quantiles(taken, n=20)[-1]:6.1f} ms"


def say(line: str) -> None:
    """Print a line when it is known."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
