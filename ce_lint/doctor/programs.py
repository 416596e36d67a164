"""Asks other programs: no shell, a time limit, and whatever goes wrong is one exception."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

from ce_lint.doctor.records import Act, Remedy, Surroundings

TIMEOUT = 10.0
"""Seconds that a program is given."""

_LIMIT = 1_000_000
"""Bytes of what a program prints that are read."""

_WIDTH = 200
"""Characters of a line that are told."""

_OURS = {
    # What is asked writes nothing into the project, and prints what a program can read.
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8",
    "PYTHONSAFEPATH": "1",
    "NO_COLOR": "1",
    "RUFF_NO_CACHE": "true",
}

_WITHOUT_PROJECT = "import sys; sys.path = [folder for folder in sys.path if folder]; "
"""Python puts the current folder in front for `-m` and `-c`: a project's own `types.py` would be run."""


_MANAGERS = (("pipx", "pipx inject flake8 ce-lint"), ("uv", "uv tool install flake8 --with ce-lint"))
"""Tools that keep an environment for a program, by the folder they keep it in, and want to change it themselves."""


class NotAskedError(Exception):
    """Why there is no answer, in one line."""


class Said(NamedTuple):
    """What a program answered."""

    status: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        """What a program that fails says at the end, which is the reason, cut off where it goes on and on."""
        # Beside an answer, what stands on standard error are warnings.
        text = self.out if self.out.strip() and "Traceback" not in self.err else self.err
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return textwrap.shorten(lines[-1], _WIDTH, placeholder=" ...") if lines else f"status {self.status}"


def ask(command: Sequence[str], surroundings: Surroundings, *, stdin: str = "", timeout: float = TIMEOUT) -> Said:
    """Run a program in the project's folder and return what it printed, cut off after a million bytes.

    Raises NotAskedError where it cannot be started, or takes too long.
    """
    environment = {**surroundings.environment, **_OURS}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own tools, by their names or from their settings
                list(command), cwd=surroundings.root, env=environment, stdin=given, stdout=out, stderr=err,
                start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise NotAskedError(f"{command[0]} cannot be run: {reason.lower()}") from error
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise NotAskedError(f"{command[0]} did not answer within {timeout:g} seconds") from error
        finally:
            _end(process)
        return Said(status, _read(out), _read(err))


def module(interpreter: Path, name: str) -> list[str]:
    """Return the command that is `python -m NAME`, without the current folder in its path."""
    start = f"{_WITHOUT_PROJECT}from runpy import run_module; run_module({name!r}, None, '__main__', True)"
    return [str(interpreter), "-c", start]


def code(interpreter: Path, text: str) -> list[str]:
    """Return the command that runs a line of code, without the current folder in its path."""
    return [str(interpreter), "-c", _WITHOUT_PROJECT + text]


def on_path(name: str, surroundings: Surroundings) -> Path | None:
    """Return the program of this name that a shell would run, absolute."""
    found = shutil.which(name, path=surroundings.environment.get("PATH", ""))
    return None if found is None else Path(os.path.abspath(found))


def beside(interpreter: Path, name: str) -> Path | None:
    """Return the program of this name that is installed with an interpreter."""
    folder = interpreter.parent
    folders = [folder, folder / "Scripts"] if sys.platform == "win32" else [folder]
    found = shutil.which(name, path=os.pathsep.join(map(str, folders)))
    return None if found is None else Path(found)


def install_with(interpreter: str, *what: str) -> Remedy:
    """Return the command that installs ce-lint, or something else, for an interpreter."""
    settings = Path(interpreter).parents[1] / "pyvenv.cfg" if len(Path(interpreter).parts) > 2 else None
    by_uv = settings is not None and settings.is_file() and "\nuv = " in settings.read_text(errors="replace")
    # An environment that uv has made has no pip.
    pip = ["uv", "pip", "install", "--python", interpreter] if by_uv else [interpreter, "-m", "pip", "install"]
    command = [*pip, *(what or ("ce-lint",))]
    return Remedy(Act.RUN, subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command))


def install_beside(program: Path) -> Remedy:
    """Return what installs ce-lint into the environment of a program."""
    parts = program.resolve().parts
    for folder, command in _MANAGERS:
        if folder in parts:
            return Remedy(Act.RUN, command)
    interpreter = beside(program, "python") or beside(program, "python3")
    if interpreter is None:
        return Remedy(Act.SEE, f"install ce-lint where {program} is installed")
    return install_with(str(interpreter))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that is still there, and what it started."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(_LIMIT).decode(errors="replace")
