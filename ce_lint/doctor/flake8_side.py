"""Is the plugin seen by flake8, and are its codes selected? The real flake8 is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ce_lint import __version__
from ce_lint.doctor.flake8_programs import ask_flake8, codes_reported
from ce_lint.doctor.flake8_settings import (
    PREFIX,
    Cause,
    Flake8Settings,
    causes,
    codes_by_name,
    codes_of,
    ignored_per_file,
    read_settings,
    select_ours,
)
from ce_lint.doctor.install import install_beside, install_with
from ce_lint.doctor.programs import NotAskedError, beside, module, on_path
from ce_lint.doctor.records import Act, Check, Remedy, Surroundings, Verdict
from ce_lint.doctor.sample import NAME
from ce_lint.engine.choices import Choices
from ce_lint.engine.configuration import UsageError
from ce_lint.engine.settings import Settings
from ce_lint.rules.base import Default
from ce_lint.rules.registry import RULES
from ce_lint.source.paths import display_path

AREA = "flake8"

ON_BY_DEFAULT = tuple(rule.code for rule in RULES if rule.default is Default.ON)


def check_flake8(surroundings: Surroundings) -> Iterator[Check]:
    """Ask this interpreter's flake8, the one on PATH, and the settings that both read."""
    command = module(surroundings.interpreter, "flake8")
    try:
        flake8 = ask_flake8(command, surroundings)
    except NotAskedError as error:
        yield Check(AREA, "plugin", Verdict.PROBLEM, f"python -m flake8: {error}", _if_missing(surroundings, error))
    else:
        name = f"{flake8.name}, of {surroundings.interpreter},"
        if flake8.ours is None:
            yield Check(AREA, "plugin", Verdict.PROBLEM, f"{name} does not list ce-lint", (_install(surroundings),))
        else:
            yield Check(AREA, "plugin", Verdict.OK, f"{name} lists ce-lint {flake8.ours}")
            yield _selection(command, surroundings)
    yield _on_path(surroundings)
    yield from _settings_that_surprise(read_settings(surroundings.root, surroundings.home))


def _selection(command: list[str], surroundings: Surroundings) -> Check:
    try:
        reported = codes_reported(command, surroundings)
        wanted = _wanted(surroundings)
    except (NotAskedError, UsageError) as error:
        return Check(AREA, "codes", Verdict.PROBLEM, f"ce-lint checks nothing in flake8: {error}")
    settings = read_settings(surroundings.root, surroundings.home)
    chosen = codes_by_name(settings)
    missing = [code for code in wanted if code not in reported and code.startswith(chosen)]
    if missing:
        return _not_reported(missing, reported, settings)
    if not reported & set(ON_BY_DEFAULT):
        what = "neither flake8's settings nor [tool.ce-lint] ask for a rule that is on by default"
        return Check(AREA, "codes", Verdict.WARNING, what)
    found = [code for code in ON_BY_DEFAULT if code in reported]
    asked = sorted(reported - set(ON_BY_DEFAULT))
    left_out = [code for code in ON_BY_DEFAULT if code not in reported]
    notes = [f"finds {', '.join(found)} in a program that is wrong"]
    notes += [f"asked for: {', '.join(asked)}" if asked else "what is off by default was not asked for"]
    notes += [f"left out by name: {', '.join(left_out)}"] if left_out else []
    return Check(AREA, "codes", Verdict.OK, "; ".join(notes))


def _wanted(surroundings: Surroundings) -> list[str]:
    """The codes, on by default, that [tool.ce-lint] does not leave out in the sample; raise UsageError as it does."""
    choices = Choices(Settings())
    return [code for code in ON_BY_DEFAULT if choices.want(code, str(surroundings.root / NAME), default_on=True)]


def _not_reported(missing: list[str], reported: frozenset[str], settings: Flake8Settings) -> Check:
    found = causes(settings, missing) or [Cause("its settings do not say why", select_ours(settings))]
    verdict = Verdict.WARNING if reported & set(ON_BY_DEFAULT) else Verdict.PROBLEM
    codes = "any code of ours" if verdict is Verdict.PROBLEM else ", ".join(missing)
    reasons = "; ".join(cause.what for cause in found)
    remedies = tuple(dict.fromkeys(cause.remedy for cause in found))
    return Check(AREA, "codes", verdict, f"flake8 does not report {codes}: {reasons}", remedies)


def _on_path(surroundings: Surroundings) -> Check:
    found = on_path("flake8", surroundings)
    if found is None:
        return Check(AREA, "on PATH", Verdict.NOT_APPLICABLE, "there is no flake8 on PATH: `python -m flake8` runs it")
    own = beside(surroundings.interpreter, "flake8")
    if own is not None and own.samefile(found):
        return Check(AREA, "on PATH", Verdict.OK, f"{found} is this interpreter's")
    try:
        flake8 = ask_flake8([str(found)], surroundings)
    except NotAskedError as error:
        return Check(AREA, "on PATH", Verdict.WARNING, f"{found} could not be asked: {error}")
    if flake8.ours is None:
        what = f"{found} is {flake8.name}, and does not list ce-lint: run `python -m flake8`, or install it there"
        return Check(AREA, "on PATH", Verdict.PROBLEM, what, (install_beside(found),))
    verdict = Verdict.OK if flake8.ours == __version__ else Verdict.WARNING
    return Check(AREA, "on PATH", verdict, f"{found} is {flake8.name}, with ce-lint {flake8.ours}")


def _settings_that_surprise(settings: Flake8Settings) -> Iterator[Check]:
    for path, reason in settings.passed_over:
        yield Check(AREA, "settings", Verdict.WARNING, f"flake8 passes over {display_path(path)}: {reason}")
    noqa = settings.find("disable-noqa")
    if noqa is not None and noqa.value.strip().lower() in {"1", "yes", "true", "on"}:
        line = f"{noqa.indent}disable-noqa = false"
        what = "`disable-noqa` is set: `# noqa: CEL001` silences nothing"
        yield Check(AREA, "noqa", Verdict.WARNING, what, (Remedy(Act.WRITE, line, noqa.path, noqa.first, noqa.last),))
    root = settings.find("cel-root")
    if root is not None and not (root.path.parent / root.value).is_dir():
        remedy = Remedy(Act.REMOVE, "\n".join(root.lines), root.path, root.first, root.last)
        what = f"`cel-root` names a folder that is not there, {root.value}: nothing is found"
        yield Check(AREA, "cel-root", Verdict.PROBLEM, what, (remedy,))
    yield from _per_file(settings)


def _per_file(settings: Flake8Settings) -> Iterator[Check]:
    """What is ignored in some files: by name it is meant, by a letter that we share with others it may not be."""
    entry = settings.find("per-file-ignores")
    if entry is None:
        return
    pairs = ignored_per_file(entry)
    named = [(pattern, code) for pattern, code in pairs if code.startswith(PREFIX)]
    selected = any(PREFIX in codes_of(settings.find(key)) for key in ("select", "extend-select"))
    shared = [] if selected else [pair for pair in pairs if PREFIX.startswith(pair[1]) and pair[1] != PREFIX]
    if shared:
        what = f"`per-file-ignores` takes {PREFIX} along with {_listed(shared)}"
        yield Check(AREA, "per file", Verdict.WARNING, what, (select_ours(settings),))
    if named:
        yield Check(AREA, "per file", Verdict.OK, f"`per-file-ignores` leaves out {_listed(named)}")


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{code} in {pattern}" for pattern, code in pairs)


def _if_missing(surroundings: Surroundings, error: NotAskedError) -> tuple[Remedy, ...]:
    return (_install(surroundings),) if re.search("No module named '?flake8", str(error)) else ()


def _install(surroundings: Surroundings) -> Remedy:
    return install_with([str(surroundings.interpreter)])
