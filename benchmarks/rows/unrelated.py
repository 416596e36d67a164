"""A file that names neither torch nor a loss, in the plugin."""

from __future__ import annotations

import json
import sysconfig
from pathlib import Path

from benchmarks.libraries import copied, copy_of
from benchmarks.records import Clock, Figure, MeasurementError, Setting
from benchmarks.running import Command, run

FILES = 3_000
QUICK = 300
SCRIPT = Path(__file__).with_name("unrelated_inside.py")


def unrelated(setting: Setting) -> list[Figure]:
    """The constructor and the run, in one process, over real files: the standard library's, and the libraries'."""
    # Copies: the plugin may write beside what it reads.
    folders = [copy_of(Path(sysconfig.get_paths()["stdlib"]), setting.scratch / "standard library")]
    if setting.libraries:
        folders += copied(setting, "unrelated")
    most = QUICK if setting.is_quick else FILES
    command: Command = [setting.python, SCRIPT, str(most), *folders]
    shown = json.loads(run(command, setting.scratch, statuses=(0,)).output)
    if not shown["files"]:
        raise MeasurementError("no file names neither torch nor a loss")
    imported = ", ".join(shown["imported"])
    mean = shown["mean"] if setting.clock is Clock.WALL else shown["cpu"]
    evidence = (
        f"mean of {shown['files']} files, CPU {shown['cpu'] * 1e3:.3f} ms; median {shown['median'] * 1e3:.3f} ms, "
        f"slowest {shown['slowest'] * 1e3:.1f} ms ({shown['slowest_file']})"
    )
    what = "the plugin, a file that names neither torch nor a loss; libcst not imported"
    wrong = f"imported: {imported}" if imported else ""
    return [Figure("unrelated", what, "", mean * 1e3, 0.2, "ms", evidence, wrong)]
