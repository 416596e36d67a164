"""What the plugin does with files that name neither torch nor a loss: `python unrelated_inside.py MOST FOLDER...`.

Run by the Python that ce-lint is installed in, in a process of its own, and prints one JSON document. The plugin is
handed the files as flake8 does it: after it took over flake8's options, in a process that is forked as flake8 forks its
workers, or in this one where flake8 would not fork.
"""

from __future__ import annotations

import ast
import json
import multiprocessing
import os
import random
import re
import statistics
import sys
import time
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

from flake8 import checker
from flake8.options.parse_args import parse_args

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


def measured(files: list[tuple[Path, list[str], ast.Module]]) -> dict[str, object]:
    """What the constructor and the run take for each file."""
    walls: list[float] = []
    cpu, slowest, findings = 0.0, "", 0
    for path, lines, tree in files:
        began, cpu_began = time.perf_counter(), time.process_time()
        findings += len(list(Plugin(tree, str(path), lines).run()))
        taken, cpu = time.perf_counter() - began, cpu + time.process_time() - cpu_began
        slowest = path.name if taken > max(walls, default=0) else slowest
        walls.append(taken)
    return {
        "files": len(walls),
        "mean": statistics.fmean(walls) if walls else 0.0,
        "cpu": cpu / len(walls) if walls else 0.0,
        "median": statistics.median(walls) if walls else 0.0,
        "slowest": max(walls, default=0.0),
        "slowest_file": slowest,
        "findings": findings,
        "imported": [name for name in HEAVY if name in sys.modules],
    }


def main() -> None:
    """Measure, and print."""
    warnings.simplefilter("ignore")
    most, *folders = sys.argv[1:]
    files = list(texts([Path(folder) for folder in folders], int(most)))
    plugins, options = parse_args(["--isolated", "--select", "CEL", *folders])
    if multiprocessing.get_start_method() != "fork":
        sys.stdout.write(json.dumps({**measured(files), "before": 0.0}))
        return
    began = time.perf_counter()
    with checker._mp_prefork(plugins.checkers, options):  # flake8's own, while it forks its workers
        worker = os.fork()
    before = time.perf_counter() - began
    if worker:
        os.waitpid(worker, 0)
        return
    sys.stdout.write(json.dumps({**measured(files), "before": before}))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
