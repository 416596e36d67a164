"""`ce-lint doctor`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ce_lint import __version__
from ce_lint.cli.progress import progress

if TYPE_CHECKING:
    from ce_lint.doctor.records import Check, Remedy, Surroundings

_STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red", "not applicable": "dim"}
_PROBLEM = 1


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path())
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def doctor(context: click.Context, path: Path, output: str) -> None:
    """Look at what runs ce-lint in the project at PATH (default: the current folder), and say which line to change.

    The flake8, the ruff and the Python interpreters that the project's settings name are asked; nothing is changed.

    Exit status: 0 no problem, though perhaps warnings, 1 a problem was found, 2 wrong usage.
    """
    from ce_lint.doctor.examination import examine
    from ce_lint.doctor.records import Verdict

    surroundings = _surroundings(path)
    with progress("asking flake8, ruff and the editor's Python"):
        checks = examine(surroundings)
    if output == "json":
        click.echo(json.dumps(_document(surroundings, checks), indent=2, ensure_ascii=False))
    else:
        _print(checks)
    context.exit(_PROBLEM if any(check.verdict is Verdict.PROBLEM for check in checks) else 0)


def _surroundings(path: Path) -> Surroundings:
    from ce_lint.doctor.records import Surroundings
    from ce_lint.engine.discovery import project_root

    return Surroundings(
        root=project_root(path),
        interpreter=Path(sys.executable),
        version=sys.version_info[:2],
        environment=dict(os.environ),
    )


def _print(checks: tuple[Check, ...]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    verdict_width = max(len(check.verdict.value) for check in checks)
    name_width = max(len(_name(check)) for check in checks)
    for check in checks:
        verdict = check.verdict.value
        answer = Text(f"{verdict:<{verdict_width}}", style=_STYLES[verdict])
        answer.append(f"  {_name(check):<{name_width}}  {_printable(check.what)}", style="default")
        console.print(answer)
        for remedy in check.remedies:
            for line in _remedy(remedy):
                console.print(Text(" " * (verdict_width + 2) + _printable(line), style="bold"))
    counts = [sum(check.verdict.value == verdict for check in checks) for verdict in ("problem", "warning")]
    console.print(f"{_counted(counts[0], 'problem')}, {_counted(counts[1], 'warning')}")


def _name(check: Check) -> str:
    return f"{check.area}: {check.name}"


def _remedy(remedy: Remedy) -> list[str]:
    """Say where, what to do, and the lines; where they are indented, as they are to be."""
    from ce_lint.source.paths import display_path

    place = "" if remedy.path is None else display_path(remedy.path)
    if remedy.line is not None:
        place += f":{remedy.line}"
    start = f"-> {place}: {remedy.act.value}:" if place else f"-> {remedy.act.value}:"
    lines = remedy.text.split("\n")
    if lines[1:] or lines[0] != lines[0].lstrip():
        return [start, *(f"   | {line}" for line in lines)]
    return [f"{start} {lines[0]}"]


def _printable(text: str) -> str:
    """Take out what would steer a terminal: what is told comes from the files and programs of a project."""
    return "".join(
        character if character.isprintable() or character == "\t" else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _document(surroundings: Surroundings, checks: tuple[Check, ...]) -> dict[str, object]:
    from ce_lint.source.paths import display_path

    return {
        "version": __version__,
        "project": display_path(surroundings.root),
        "checks": [
            {
                "area": check.area,
                "name": check.name,
                "verdict": check.verdict.value,
                "what": check.what,
                "remedies": [
                    {
                        "act": remedy.act.value,
                        "path": None if remedy.path is None else display_path(remedy.path),
                        "line": remedy.line,
                        "text": remedy.text,
                    }
                    for remedy in check.remedies
                ],
            }
            for check in checks
        ],
    }
