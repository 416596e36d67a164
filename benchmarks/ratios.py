"""What has to hold of ce-lint's speed, measured: `python -m benchmarks --libraries DIR`, in a checkout.

A line for each row of the table in docs/speed.md. Ratios are those of medians, of runs that took turns (A B A B). Exit
status: 0 all rows hold, 1 one does not, 2 wrong usage, 3 all that were measured hold and one could not be measured.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.records import Clock, Figure, Line, MeasurementError, NotMeasured, Row, Setting
from benchmarks.rows import checks, editor, flake8_runs, growth, start, unrelated
from benchmarks.running import say

ROWS = (
    Row("cold", "ce-lint check, cold, no cache, against ruff", checks.cold),
    Row("warm", "ce-lint check, warm cache, against ruff", checks.warm),
    Row("one-changed", "ce-lint check, one file changed, against warm", checks.one_changed),
    Row("flake8-cold", "flake8 with the plugin, cold, against flake8 without it", flake8_runs.cold),
    Row("flake8-warm", "flake8 with the plugin, warm, against flake8 without it", flake8_runs.warm),
    Row("unrelated", "the plugin, a file that names neither torch nor a loss", unrelated.unrelated),
    Row("files", "time over number of files", growth.files),
    Row("trainer", "many models and calls that all reach one Trainer", growth.trainer),
    Row("memory", "ce-lint check, peak memory", checks.memory),
    Row("keystroke", "language server, keystroke to diagnostics", editor.keystroke),
    Row("start", "ce-lint check of one small file, against python -c pass", start.start),
)
HOLD, DO_NOT_HOLD, NOT_ALL_MEASURED = 0, 1, 3
SHORT = {"times": "", "ms": " ms", "MB": " MB"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a line as soon as it is known, and return the exit status."""
    asked = _asked(arguments)
    beside = shutil.which("ce-lint", path=str(Path(sys.executable).parent)) or shutil.which("ce-lint")
    command = asked.ce_lint or (Path(beside) if beside else None)
    if command is None or not command.exists():
        sys.stderr.write(f"{command or 'ce-lint'}: there is no such command\n")
        return 2
    if asked.libraries and not asked.libraries.is_dir():
        sys.stderr.write(f"{asked.libraries}: there is no such folder\n")
        return 2
    lines: list[Line] = []
    if asked.markdown:
        _print(HEAD)
    for row in ROWS:
        if asked.only and row.name not in asked.only:
            continue
        with tempfile.TemporaryDirectory(prefix="ce-lint-benchmark-") as scratch:
            found = _measured(row, _setting(asked, command, Path(scratch).resolve()))
        lines += found
        for line in found:
            _print(in_markdown(line) if asked.markdown else in_text(line))
    return status(lines)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--libraries", type=Path, metavar="DIR", help="a folder that holds a library in each folder")
    parser.add_argument(
        "--libraries-for-flake8",
        nargs="+",
        default=(),
        metavar="NAME",
        help="those that flake8 is run on; default: all",
    )
    parser.add_argument("--only", nargs="+", choices=[row.name for row in ROWS], metavar="ROW", help=_names())
    parser.add_argument("--rounds", type=_positive, metavar="N", help="rounds of each row; default: its own number")
    parser.add_argument("--quick", action="store_true", help="few rounds and small projects: to see that it works")
    parser.add_argument("--ce-lint", type=Path, metavar="PATH", help="the command; default: that of this Python")
    parser.add_argument(
        "--environments", type=Path, metavar="DIR", help="where flake8's environments are, and are kept"
    )
    parser.add_argument(
        "--most", type=_positive, default=64_000, metavar="N", help="files of the largest project made up"
    )
    parser.add_argument("--own-losses", action="store_true", help="in the row files: losses called in classes")
    parser.add_argument("--calls", type=_positive, default=500, metavar="N", help="calls of the one Trainer, at most")
    parser.add_argument("--cpu", action="store_true", help="judge by the time of all processors: on a busy machine")
    parser.add_argument("--markdown", action="store_true", help="print a table")
    return parser.parse_args(arguments)


def _names() -> str:
    return f"of {', '.join(row.name for row in ROWS)}"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _setting(asked: argparse.Namespace, command: Path, scratch: Path) -> Setting:
    return Setting(
        # Links are kept: the command of an environment is often one, and its Python always.
        ce_lint=command.absolute(),
        scratch=scratch,
        libraries=asked.libraries.resolve() if asked.libraries else None,
        flake8_libraries=tuple(asked.libraries_for_flake8),
        environments=asked.environments.resolve() if asked.environments else None,
        rounds=asked.rounds,
        most=asked.most,
        have_own_losses=asked.own_losses,
        calls=asked.calls,
        clock=Clock.CPU if asked.cpu else Clock.WALL,
        is_quick=asked.quick,
    )


def _measured(row: Row, setting: Setting) -> list[Line]:
    say(f"{row.name}: {row.what}")
    began = time.perf_counter()
    try:
        return [*row.measure(setting)]
    except MeasurementError as reason:
        return [NotMeasured(row.name, row.what, str(reason))]
    finally:
        say(f"{row.name}: took {time.perf_counter() - began:.0f} s")


def status(lines: Sequence[Line]) -> int:
    """Return the exit status for these lines."""
    if any(isinstance(line, Figure) and not line.holds for line in lines):
        return DO_NOT_HOLD
    return NOT_ALL_MEASURED if any(isinstance(line, NotMeasured) for line in lines) else HOLD


def verdict(line: Line) -> str:
    """Return one word or two for a line."""
    if isinstance(line, NotMeasured):
        return "not measured"
    return "holds" if line.holds else "DOES NOT HOLD"


def in_text(line: Line) -> str:
    """Write a row as a line of text."""
    if isinstance(line, NotMeasured):
        return f"{line.row:12} {verdict(line):13} {line.what}: {line.reason}"
    against = f", against {line.against}" if line.against else ""
    measured = f"{_number(line.measured)} {line.unit} (allowed {line.allowed:g})"
    said = "; ".join(part for part in (line.wrong, line.evidence) if part)
    return f"{line.row:12} {verdict(line):13} {measured:28} {line.what}{against}{': ' if said else ''}{said}"


HEAD = "| row | what | against | measured | allowed | | how it comes about |\n|---|---|---|---|---|---|---|"


def in_markdown(line: Line) -> str:
    """Write a row of a Markdown table."""
    if isinstance(line, NotMeasured):
        cells = [line.row, line.what, "", "", "", verdict(line), line.reason]
    else:
        unit = SHORT[line.unit]
        said = "; ".join(part for part in (line.wrong, line.evidence) if part)
        numbers = [f"{_number(line.measured)}{unit}", f"{line.allowed:g}{unit}"]
        cells = [line.row, line.what, line.against, *numbers, verdict(line), said]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
