"""What the plugin does with files that name neither torch nor a loss: `python unrelated_inside.py MOST FOLDER...`.

Run by the Python that ce-lint is installed in, in a process of its own, and prints one JSON document.
"""

from __future__ import annotations

import ast
import json
import random
import re
import statistics
import sys
import time
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

from ce_lint.flake8_plugin import Plugin

NAMED = re.compile("torch|loss|entropy|criterion|nll", re.IGNORECASE)
HEAVY = ("libcst", "torch")
SEED = 6


def names_neither(text: str) -> bool:
    """Tell whether a text names neither torch nor a loss."""
    return not NAMED.search(text)


def texts(folders: list[Path], most: int) -> Iterator[tuple[Path, list[str], ast.Module]]:
    """Yield files that name neither, as flake8 would hand them over, in an order that is the same every time."""
    paths = sorted({path for folder in folders for path in folder.rglob("*.py")})
    random.Random(SEED).shuffle(paths)  # noqa: S311 - the same order every time
    number = 0
    for path in paths:
        try:
            with tokenize.open(path) as file:
                text = file.read()
            if not names_neither(text):
                continue
            tree = ast.parse(text)
        except (OSError, SyntaxError, ValueError):
            # Broken on purpose, for the tests of a library.
            continue
        yield path, text.splitlines(keepends=True), tree
        number += 1
        if number == most:
            return


def main() -> None:
    """Measure, and print."""
    warnings.simplefilter("ignore")
    most, *folders = sys.argv[1:]
    walls: list[float] = []
    cpu, slowest, findings = 0.0, "", 0
    for path, lines, tree in texts([Path(folder) for folder in folders], int(most)):
        began, cpu_began = time.perf_counter(), time.process_time()
        findings += len(list(Plugin(tree, str(path), lines).run()))
        taken, cpu = time.perf_counter() - began, cpu + time.process_time() - cpu_began
        slowest = path.name if taken > max(walls, default=0) else slowest
        walls.append(taken)
    document = {
        "files": len(walls),
        "mean": statistics.fmean(walls) if walls else 0.0,
        "cpu": cpu / len(walls) if walls else 0.0,
        "median": statistics.median(walls) if walls else 0.0,
        "slowest": max(walls, default=0.0),
        "slowest_file": slowest,
        "findings": findings,
        "imported": [name for name in HEAVY if name in sys.modules],
    }
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
