"""Asks a real flake8 for its plugins, and for what it reports of the sample."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ce_lint.doctor.programs import NotAskedError, Said, ask, module
from ce_lint.doctor.records import Surroundings
from ce_lint.doctor.sample import NAME, PROGRAM

_NEUTRAL = """\
[flake8]
quiet = 0
verbose = 0
format = %(code)s %(text)s
output-file =
tee = false
color = never
show-source = false
statistics = false
count = false
benchmark = false
"""
"""Settings that say how flake8 prints, not what; a project's `output-file` would be written, its `quiet` would hide."""

_OLDEST = 6
"""The first flake8, by its major version, that the plugin works with."""

SELECT_OURS = "name CEL in --extend-select, and take out what ignores CEL by name"
"""What to do to arguments that keep our codes back."""

_ABOUT_CODES = re.compile(r"--(select|(extend-|per-file-)?ignores?|isolated|(append-)?config)\b")
_GAVE_UP = re.compile(rf"{re.escape(NAME)}: ce-lint gave up: (.*)")
_RESULT = re.compile(r"^(CEL\d{3}) (.*)$", re.MULTILINE)
_REFUSED = "CEL000"
"""What the plugin puts before the reason why it checks nothing."""


@dataclass(frozen=True, slots=True)
class Flake8:
    """A flake8 that answered."""

    version: str
    plugins: Mapping[str, str]
    """The versions of the plugins by the names of their distributions."""

    @property
    def name(self) -> str:
        """What to call it."""
        is_old = int(self.version.partition(".")[0]) < _OLDEST if self.version[:1].isdigit() else False
        return f"flake8 {self.version}" + (f", older than the {_OLDEST} that ce-lint needs" if is_old else "")

    @property
    def ours(self) -> str | None:
        """The version of ce-lint that it sees."""
        return self.plugins.get("ce-lint")


def ask_flake8(command: Sequence[str], surroundings: Surroundings) -> Flake8:
    """Ask a flake8 for its plugins; raise NotAskedError where it has no answer in this project."""
    said = ask([*command, "--bug-report"], surroundings)
    try:
        document = json.loads(said.out)
        plugins = {entry["plugin"].replace("_", "-"): entry["version"] for entry in document["plugins"]}
        return Flake8(document["version"], plugins)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotAskedError(f"it fails in this project: {said.last_line}") from error


def codes_reported(command: Sequence[str], surroundings: Surroundings, arguments: Sequence[str] = ()) -> frozenset[str]:
    """Let a flake8 that sees ce-lint look at the sample, with the project's settings, and return our codes.

    Raises NotAskedError where flake8, or ce-lint in it, fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        neutral = Path(folder, "neutral.cfg")
        neutral.write_text(_NEUTRAL, encoding="utf-8")
        # The sample needs nothing of the project, which may be large: values are followed in an empty folder.
        ours = ["--append-config", str(neutral), "--cel-root", folder, "--stdin-display-name", NAME]
        said = ask([*command, *ours, *arguments, "-"], surroundings, stdin=PROGRAM)
    results: dict[str, str] = dict(_RESULT.findall(said.out))
    if _REFUSED in results:
        raise NotAskedError(results[_REFUSED].removeprefix("not checked: "))
    if not results and (reason := _failure(said)):
        raise NotAskedError(reason)
    return frozenset(results)


def kept_back(arguments: Sequence[str], surroundings: Surroundings) -> list[str]:
    """Return the codes that flake8 reports without some arguments, and not with them.

    Raises NotAskedError where it fails.
    """
    if not any(_ABOUT_CODES.match(argument) for argument in arguments):
        return []
    command = module(surroundings.interpreter, "flake8")
    return sorted(codes_reported(command, surroundings) - codes_reported(command, surroundings, arguments))


def _failure(said: Said) -> str | None:
    gave_up = _GAVE_UP.search(said.err)
    if gave_up:
        return f"ce-lint gave up: {gave_up[1]}"
    # flake8 ends with 1 when it has found something and when it has failed; then it has said so.
    if said.status not in (0, 1) or "Traceback" in said.err or "critical error" in said.out:
        return f"it fails in this project: {said.last_line}"
    return None
