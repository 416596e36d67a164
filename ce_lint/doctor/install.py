"""The commands that install ce-lint where it is missing."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ce_lint.doctor.programs import beside
from ce_lint.doctor.records import Act, Remedy

_MANAGERS = (("pipx", "pipx inject flake8 ce-lint"), ("uv", "uv tool install flake8 --with ce-lint"))
"""Tools that keep an environment for a program, by the folder they keep it in, and want to change it themselves."""


def install_with(interpreter: Sequence[str], *what: str) -> Remedy:
    """Return the command that installs ce-lint, or something else, for an interpreter."""
    return Remedy(Act.RUN, command_line([*interpreter, "-m", "pip", "install", *(what or ("ce-lint",))]))


def install_beside(program: Path) -> Remedy:
    """Return what installs ce-lint into the environment of a program."""
    parts = program.resolve().parts
    for folder, command in _MANAGERS:
        if folder in parts:
            return Remedy(Act.RUN, command)
    interpreter = beside(program, "python") or beside(program, "python3")
    if interpreter is None:
        return Remedy(Act.SEE, f"install ce-lint where {program} is installed")
    return install_with([str(interpreter)])


def command_line(command: Sequence[str]) -> str:
    """Return a command as the user's shell wants it."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
