"""`ce-lint check --fix`: the fixes that are made in files, or printed as a patch."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import click
import msgspec

from ce_lint.cli.answers import STDIN
from ce_lint.cli.checker import Checker
from ce_lint.cli.files import told_of_standard_output
from ce_lint.cli.options import Command, declared
from ce_lint.cli.progress import progress
from ce_lint.engine.configuration.settings import Settings
from ce_lint.findings import Finding, Report
from ce_lint.source.lines import ended_lines

if TYPE_CHECKING:
    from ce_lint.engine.results import Evidence
    from ce_lint.fixes.rounds import Done

FINDINGS = 50
"""Fixes that nobody asked for are looked for in so many findings: a report is not to be held up by them."""

LINES = 2_500
"""A file of more lines is not looked into for them."""

Wanted: TypeAlias = Callable[[Finding], bool]


class Fixing(NamedTuple):
    """What is to be done with the fixes of the findings."""

    writes: bool = False
    prints: bool = False
    unsafe: bool = False

    @property
    def is_asked_for(self) -> bool:
        """Whether the fixes are made, be it in memory."""
        return self.writes or self.prints


def fixing_options(command: Command) -> Command:
    """Declare the options that make fixes; the command gets them as `fixing`."""

    @functools.wraps(command)
    def with_fixing(
        *arguments: object,
        paths: tuple[Path, ...],
        stdin_filename: Path | None,
        fix: bool,
        unsafe_fixes: bool,
        diff_fixes: bool,
        **others: object,
    ) -> object:
        if fix and diff_fixes:
            raise click.UsageError("--fix writes and --diff-fixes does not: they exclude each other")
        fixing = Fixing(fix, diff_fixes, unsafe_fixes)
        if fixing.is_asked_for and (STDIN in paths or (not paths and stdin_filename is not None)):
            raise click.UsageError("fixes are made in files, not in standard input (-)")
        return command(*arguments, paths=paths, stdin_filename=stdin_filename, fixing=fixing, **others)

    return declared(
        with_fixing,
        click.option("--fix", is_flag=True, help="Make the safe fixes in the files, then report what is left."),
        click.option(
            "--unsafe-fixes",
            is_flag=True,
            help="With --fix or --diff-fixes: also make the fixes that have to be looked at.",
        ),
        click.option(
            "--diff-fixes", is_flag=True, help="Print what --fix would change, as a patch, and write nothing."
        ),
    )


def with_fixes(session: Checker, report: Report) -> Report:
    """Add to the findings what can be done about them, as long as that does not take much longer than the check."""
    # Imported here, because `--help`, `rules` and `explain` need not wait for libcst.
    from ce_lint.fixes.plan import Planner

    planner = Planner()
    planned: list[Finding] = []
    for finding in report.findings[:FINDINGS]:
        evidence = session.evidence(finding)
        if evidence is not None and _is_long(evidence):
            break
        fixes = () if evidence is None else planner.plan(finding, evidence)
        planned.append(msgspec.structs.replace(finding, fixes=fixes))
    rest = report.findings[len(planned) :]
    told = f"only the first {len(planned)} of {len(report.findings)} findings say how to fix them: --fix looks at all"
    notes = (*report.notes, told) if rest else report.notes
    return msgspec.structs.replace(report, findings=(*planned, *rest), notes=notes)


def _is_long(evidence: Evidence) -> bool:
    """Is an end of a flow in a file of which reading it once more takes a second?"""
    program = evidence.interpreter.machine.program
    modules = (program.module(Path(site.path)) for site in (evidence.flow.origin, evidence.flow.sink))
    return any(module is not None and ended_lines(module.source.text) > LINES for module in modules)


def make_fixes(
    session: Checker, paths: tuple[Path, ...], asked: Settings, fixing: Fixing, wanted: Wanted | None
) -> bool:
    """Make the fixes of findings on files and folders, and say which; tell whether a file was written.

    `wanted` tells which of the findings are meant, where not all are.
    """
    from ce_lint.fixes.patch import folder_of, patch
    from ce_lint.fixes.plan import Planner
    from ce_lint.fixes.rounds import Rounds
    from ce_lint.fixes.writing import LeftAloneError, write

    with progress("fixing"):
        outcome = Rounds(session, asked, Planner().plan, unsafe=fixing.unsafe, wanted=wanted).converge(
            paths or (Path(),)
        )
    for problem in outcome.problems:
        click.echo(problem, err=True)
    made: list[Done] = []
    for group in outcome.groups:
        try:
            if fixing.writes:
                write(group)
        except LeftAloneError as error:
            click.echo(str(error), err=True)
            continue
        made += group.done
    if fixing.prints:
        changes = [change for group in outcome.groups for change in group.changes]
        with told_of_standard_output():
            click.echo(patch(changes), nl=False)
        if folder_of(changes) != Path.cwd():
            click.echo(f"the patch applies in {folder_of(changes)}", err=True)
    for line in _told("fixed" if fixing.writes else "to fix", made, outcome.held_back):
        click.echo(line, err=True)
    sys.stderr.flush()
    return fixing.writes and bool(made)


def _told(word: str, made: list[Done], held_back: int) -> Iterator[str]:
    """What was made, with what is left to look at; then how much more could be."""
    from ce_lint.report.fixes import check_lines

    for done in made:
        codes = ", ".join(sorted({finding.code for finding in done.findings}))
        files = ", ".join(dict.fromkeys(edit.place.path for edit in done.fix.edits))
        yield f"{word}: {done.findings[0].argument.label()}: {codes} {done.fix.title}: {files}"
        yield from (f"  {line}" for line in check_lines(done.fix))
    if held_back:
        yield f"{held_back} more can be fixed with --unsafe-fixes"


def same_findings(report: Report) -> Wanted:
    """Tell of a finding whether it is one of a report's."""
    known = {finding.fingerprint for finding in report.findings}
    return lambda finding: finding.fingerprint in known
