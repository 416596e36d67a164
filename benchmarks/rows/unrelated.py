"""A file that names neither torch nor a loss, in the plugin."""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.libraries import copied, copy_of
from benchmarks.records import Clock, Figure, MeasurementError, Setting
from benchmarks.running import ANALYSED, Command, run

FILES = 3_000
QUICK = 300
SCRIPT = Path(__file__).with_name("unrelated_inside.py")
WHAT = "the plugin, a file that names neither torch nor a loss; libcst not imported"


def unrelated(setting: Setting) -> list[Figure]:
    """The constructor and the run, in one process, over real files: the standard library's, and the libraries'."""
    # Copies: the plugin may write beside what it reads.
    standard = copy_of(Path(sysconfig.get_paths()["stdlib"]), setting.scratch / "standard library")
    figures = [_figure(setting, f"{WHAT}; in the standard library, nothing kept from an earlier run", [standard])]
    if setting.libraries:
        folders = copied(setting, "unrelated")
        # What the projects around them come to is found once, and is of the rows of flake8.
        run([setting.ce_lint, "check", *folders], setting.scratch, statuses=ANALYSED)
        figures.append(_figure(setting, f"{WHAT}; in the libraries, which an earlier run has looked through", folders))
    return figures


def _figure(setting: Setting, what: str, folders: Sequence[Path]) -> Figure:
    shown = _shown(setting, folders)
    if not shown["files"]:
        raise MeasurementError("no file names neither torch nor a loss")
    imported = ", ".join(shown["imported"])
    mean = shown["mean"] if setting.clock is Clock.WALL else shown["cpu"]
    evidence = (
        f"mean of {shown['files']} files, CPU {shown['cpu'] * 1e3:.3f} ms; median {shown['median'] * 1e3:.3f} ms, "
        f"slowest {shown['slowest'] * 1e3:.1f} ms ({shown['slowest_file']}); "
        f"once, before flake8 forks: {shown['before'] * 1e3:.0f} ms"
    )
    wrong = f"imported: {imported}" if imported else ""
    return Figure("unrelated", what, "", mean * 1e3, 0.2, "ms", evidence, wrong)


def _shown(setting: Setting, folders: Sequence[Path]) -> dict[str, Any]:
    most = QUICK if setting.is_quick else FILES
    command: Command = [setting.python, SCRIPT, str(most), *folders]
    shown: dict[str, Any] = json.loads(run(command, setting.scratch, statuses=(0,)).output)
    return shown
