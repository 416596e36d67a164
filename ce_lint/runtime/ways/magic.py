"""The cell magic: `%load_ext ce_lint.runtime.ways.magic`, then `%%ce_lint` at the top of a cell.

The cell runs as it would without, and below it stands what its losses received, with places as `In [3], line 2`.
`--looks N` looks at the first N calls of each place instead of three, `--plot` draws what was found.
"""

from __future__ import annotations

import html
import io
from argparse import ArgumentTypeError
from typing import NamedTuple

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import MagicArgumentParser
from IPython.display import Image, display

from ce_lint.runtime import watch
from ce_lint.runtime.pictures.plot import LOOKS_FOR_A_PICTURE
from ce_lint.runtime.sites.findings import shown_path
from ce_lint.runtime.sites.records import CallSite
from ce_lint.runtime.watch.report import WatchReport
from ce_lint.runtime.watch.watching import DEFAULT_LOOKS

_CELL_MAGIC = "%%"
_FIRST_LINE = "# %%ce_lint\n"
"""Stands for the magic's own line, so that the lines of the cell keep their numbers."""


class Shown(NamedTuple):
    """A report as a notebook, or a terminal, shows it."""

    sites: tuple[tuple[str, bool], ...]
    """A line for each call site, and whether it was proved wrong."""
    rest: tuple[str, ...]
    """What was counted, and what may be unseen."""

    def __repr__(self) -> str:
        return "\n".join([*(line for line, _ in self.sites), *self.rest])

    def _repr_html_(self) -> str:
        items = "".join(
            f'<li style="font-weight: {"bold" if is_wrong else "normal"}">{html.escape(line)}</li>'
            for line, is_wrong in self.sites
        )
        rest = "".join(f"<div>{html.escape(line)}</div>" for line in self.rest)
        return f"<div><ul>{items}</ul>{rest}</div>" if items else f"<div>{rest}</div>"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register `%%ce_lint`: what `%load_ext` calls."""
    watched = Notebook(shell)

    def ce_lint(line: str, cell: str) -> None:
        """Run the cell, and show what its losses received: `%%ce_lint [--looks N] [--plot]`."""
        watched.run_cell(line, cell)

    shell.magics_manager.register_function(ce_lint, magic_kind="cell", magic_name="ce_lint")


class Notebook:
    """Runs cells of a shell watched, and knows which cell a line of code stands in."""

    def __init__(self, shell: InteractiveShell) -> None:
        """Of this shell."""
        self._shell = shell
        self._numbers: dict[str, int] = {}
        """The cells that were run here, by the file name that the shell gave their code."""

    def run_cell(self, line: str, cell: str) -> None:
        """Run a cell watched and show the report below its output.

        Errors: UsageError, which the shell prints in one line, for wrong options; also where the cell has failed, whose
        traceback the shell has printed by then, so that "run all" stops here.
        """
        options = _parser().parse_argstring(line)
        looks = options.looks or (LOOKS_FOR_A_PICTURE if options.plot else DEFAULT_LOOKS)
        text = cell if cell.startswith(_CELL_MAGIC) else _FIRST_LINE + cell
        self._remember(text)
        with watch(looks=looks, warn=False) as live:
            result = self._shell.run_cell(text)
        report = live.report()
        display(self.shown(report))
        if options.plot:
            picture = io.BytesIO()
            report.plot().savefig(picture, format="png")
            display(Image(picture.getvalue()))
        if not result.success:
            raise UsageError("%%ce_lint: the cell has failed")

    def shown(self, report: WatchReport) -> Shown:
        """Return a report for display, with places in cells named as the shell names them."""
        lines = report.summary().splitlines()
        sites = tuple(
            (self._with_cell(site.site, line), site.is_confirmed)
            for site, line in zip(report.sites, lines, strict=False)
        )
        return Shown(sites, tuple(lines[len(sites) :]))

    def _remember(self, text: str) -> None:
        # From IPython 9 on the shell counts a cell when it begins, and takes one that is run within it for the next.
        shell = self._shell
        if shell.history_manager is None:
            return
        try:
            transformed = shell.transform_cell(text)
        except SyntaxError:
            return  # The shell says so itself, and runs nothing.
        name = shell.compile.get_code_name(text, transformed, shell.execution_count)
        self._numbers[name] = len(shell.history_manager.input_hist_parsed) - 1

    def _with_cell(self, site: CallSite, line: str) -> str:
        """A line of a summary, its place replaced where that is in a cell."""
        name = self._shell.compile.format_code_name(site.path)
        if name is None:
            return line
        cell = f"In [{self._numbers[site.path]}]" if site.path in self._numbers else name[1].replace("[", " [", 1)
        return f"{cell}, line {site.line}{line.removeprefix(f'{shown_path(site.path)}:{site.line}')}"


def _parser() -> MagicArgumentParser:
    parser = MagicArgumentParser(prog="%%ce_lint", add_help=False)
    parser.add_argument("--looks", type=_positive)
    parser.add_argument("--plot", action="store_true")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"how many calls of each place are looked at, one or more, not {text!r}")
    return int(text)
