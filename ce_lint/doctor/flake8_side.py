"""Is the plugin seen by flake8, and are its codes selected? The real flake8 is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ce_lint import __version__
from ce_lint.doctor.flake8_programs import ask_flake8, codes_reported
from ce_lint.doctor.flake8_settings import causes
from ce_lint.doctor.programs import NotAskedError, beside, install_beside, install_with, module, on_path
from ce_lint.doctor.records import Check, Remedy, Surroundings, Verdict
from ce_lint.doctor.sample import NAME
from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.rules.base import Default
from ce_lint.rules.registry import RULES

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


def _selection(command: list[str], surroundings: Surroundings) -> Check:
    try:
        reported = codes_reported(command, surroundings)
        wanted = _wanted(surroundings)
    except (NotAskedError, UsageError) as error:
        return Check(AREA, "codes", Verdict.PROBLEM, f"ce-lint checks nothing in flake8: {error}")
    missing = [code for code in wanted if code not in reported]
    if missing:
        return _not_reported(missing, reported, surroundings)
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


def _not_reported(missing: list[str], reported: frozenset[str], surroundings: Surroundings) -> Check:
    found = causes(surroundings.root, missing)
    verdict = Verdict.WARNING if reported & set(ON_BY_DEFAULT) else Verdict.PROBLEM
    codes = "any code of ours" if verdict is Verdict.PROBLEM else ", ".join(missing)
    reasons = "; ".join(cause.what for cause in found) or "its settings do not say why"
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


def _if_missing(surroundings: Surroundings, error: NotAskedError) -> tuple[Remedy, ...]:
    return (_install(surroundings),) if re.search("No module named '?flake8", str(error)) else ()


def _install(surroundings: Surroundings) -> Remedy:
    return install_with(str(surroundings.interpreter))
