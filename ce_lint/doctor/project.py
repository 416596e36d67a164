"""What ce-lint itself makes of the project: its folder, its settings, its baseline and its files."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from ce_lint import __version__
from ce_lint.doctor.records import Check, Surroundings, Verdict
from ce_lint.engine.adoption.baseline import load_baseline
from ce_lint.engine.configuration.pyproject import Configuration, load_configuration
from ce_lint.engine.discovery import discover, every_file, project_mark
from ce_lint.engine.errors import UsageError
from ce_lint.source.paths import display_path

AREA = "project"


def check_project(surroundings: Surroundings) -> Iterator[Check]:
    """Look at the project as a run of `ce-lint check` does, without analysing a file."""
    python = f"Python {platform.python_version()} in {surroundings.interpreter}"
    yield Check(AREA, "version", Verdict.OK, f"ce-lint {__version__}, {python}")
    mark = project_mark(surroundings.root)
    if mark is None:
        what = f"{surroundings.root}: nothing in it or above says what the project is, such as a pyproject.toml"
        yield Check(AREA, "folder", Verdict.WARNING, what)
    else:
        yield Check(AREA, "folder", Verdict.OK, f"{surroundings.root}, because it holds {mark}")
    try:
        configuration = load_configuration(surroundings.root)
    except UsageError as error:
        yield Check(AREA, "settings", Verdict.PROBLEM, str(error))
    else:
        yield _settings(configuration)
        yield from _baseline(configuration)
        yield _files(surroundings)


def _settings(configuration: Configuration) -> Check:
    if configuration.folder is None:
        return Check(AREA, "settings", Verdict.OK, "no [tool.ce-lint]: the defaults hold")
    return Check(AREA, "settings", Verdict.OK, f"[tool.ce-lint] in {display_path(configuration.file)}")


def _baseline(configuration: Configuration) -> Iterator[Check]:
    if configuration.baseline is None:
        return
    try:
        baseline = load_baseline(configuration.baseline)
    except UsageError as error:
        yield Check(AREA, "baseline", Verdict.PROBLEM, str(error))
        return
    count = sum(known.count for known in baseline.known.values())
    findings = "1 finding" if count == 1 else f"{count} findings"
    yield Check(AREA, "baseline", Verdict.OK, f"{display_path(baseline.file)} holds {findings}")


def _files(surroundings: Surroundings) -> Check:
    try:
        files, errors = discover([surroundings.root])
    except UsageError as error:
        return Check(AREA, "files", Verdict.PROBLEM, str(error))
    left_out = len(set(every_file(surroundings.root)) - set(files))
    what = f"{_count(len(files))} looked at, {left_out} left out by `exclude` or .gitignore"
    if errors:
        what += f", {len(errors)} cannot be read: {errors[0].path}: {errors[0].message}"
    return Check(AREA, "files", Verdict.WARNING if errors or not files else Verdict.OK, what)


def _count(number: int) -> str:
    return "1 Python file or notebook" if number == 1 else f"{number} Python files and notebooks"
