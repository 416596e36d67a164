"""Which Python and which flake8 the editor uses: the settings of VS Code in the project, and its environments."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ce_lint.doctor.files import Table, line_of, read_jsonc, strings_in
from ce_lint.doctor.flake8_programs import SELECT_OURS, ask_flake8, kept_back
from ce_lint.doctor.programs import NotAskedError, ask, code, install_beside, install_with, on_path
from ce_lint.doctor.records import Act, Check, Remedy, Surroundings, Verdict

AREA = "editor"

_FOLDER = ".vscode"
_FILE = Path(_FOLDER, "settings.json")
_EXTENSION = "ms-python.flake8"
_ENVIRONMENTS = (".venv", "venv")
_PYTHONS = (Path("bin", "python"), Path("Scripts", "python.exe"), Path("python.exe"))
_VERSION = "import importlib.metadata as m; print('version', m.version('ce-lint'))"


@dataclass(frozen=True, slots=True)
class _Interpreter:
    """A Python that the editor uses, as a command, and who says so."""

    command: tuple[str, ...]
    source: str


def check_editor(surroundings: Surroundings) -> Iterator[Check]:
    """Ask the Python and the flake8 that the project's settings of VS Code name."""
    try:
        settings = _read(surroundings.root / _FILE)
        recommended = strings_in(_read(surroundings.root / _FOLDER / "extensions.json").get("recommendations"))
    except ValueError as error:
        yield Check(AREA, "settings", Verdict.WARNING, str(error))
        return
    interpreter = _interpreter(settings, surroundings)
    is_used = _EXTENSION in recommended or any(key.startswith("flake8.") for key in settings)
    yield _ours_in(interpreter, surroundings, is_needed=is_used and not settings.get("flake8.path"))
    if not is_used:
        what = f"{_FOLDER} says nothing of flake8: if its extension is used, then in the interpreter you select"
        yield Check(AREA, "extension", Verdict.NOT_APPLICABLE, what)
        return
    yield _extension(settings, interpreter, surroundings)
    yield from _arguments(settings, surroundings)


def _read(path: Path) -> Table:
    return read_jsonc(path) if path.is_file() else {}


def _interpreter(settings: Table, surroundings: Surroundings) -> _Interpreter | None:
    """The Python that runs flake8's extension, as far as files say."""
    command = [_filled_in(part, surroundings) for part in strings_in(settings.get("flake8.interpreter"))]
    if command:
        return _Interpreter(tuple(command), "`flake8.interpreter`")
    key = "python.defaultInterpreterPath"
    default = settings.get(key)
    # A bare `python` is what VS Code finds on its own.
    if isinstance(default, str) and default not in {"", "python"}:
        path = surroundings.root / _filled_in(default, surroundings)
        return _Interpreter((str(_python_in(path) or path),), f"`{key}`")
    for name in _ENVIRONMENTS:
        found = _python_in(surroundings.root / name)
        if found is not None:
            return _Interpreter((str(found),), f"the project's {name}")
    return None


def _python_in(folder: Path) -> Path | None:
    return next((folder / python for python in _PYTHONS if (folder / python).is_file()), None)


def _ours_in(interpreter: _Interpreter | None, surroundings: Surroundings, *, is_needed: bool) -> Check:
    if interpreter is None:
        what = f"neither {_FOLDER}/settings.json nor a {_ENVIRONMENTS[0]} says which Python the editor uses"
        return Check(AREA, "interpreter", Verdict.NOT_APPLICABLE, what)
    name = f"{' '.join(interpreter.command)} ({interpreter.source})"
    *before, last = interpreter.command
    try:
        said = ask([*before, *code(Path(last), _VERSION)], surroundings)
    except NotAskedError as error:
        verdict = Verdict.PROBLEM if is_needed else Verdict.WARNING
        return Check(AREA, "interpreter", verdict, f"could not be asked: {error} ({interpreter.source})")
    found = re.search(r"^version (\S+)$", said.out, re.MULTILINE)
    if found:
        return Check(AREA, "interpreter", Verdict.OK, f"{name} has ce-lint {found[1]}")
    if "PackageNotFoundError" not in said.err:
        return Check(AREA, "interpreter", Verdict.WARNING, f"could not be asked: {name}: {said.last_line}")
    verdict = Verdict.PROBLEM if is_needed else Verdict.WARNING
    remedy = install_with(interpreter.command[-1])
    return Check(AREA, "interpreter", verdict, f"{name} has no ce-lint", (remedy,))


def _extension(settings: Table, interpreter: _Interpreter | None, surroundings: Surroundings) -> Check:
    if settings.get("flake8.enabled") is False:
        remedy = _setting(surroundings, Act.WRITE, "flake8.enabled", '"flake8.enabled": true')
        return Check(AREA, "extension", Verdict.WARNING, "`flake8.enabled` is false: the editor lints nothing", remedy)
    path = strings_in(settings.get("flake8.path"))
    if path:
        return _of_path(path, interpreter, surroundings)
    if settings.get("flake8.importStrategy") == "fromEnvironment":
        return Check(AREA, "extension", Verdict.OK, "`flake8.importStrategy` takes flake8 from that interpreter")
    # Its own flake8 stands in front of the interpreter's packages, and finds the plugins among these.
    what = "the extension's own flake8 runs in that interpreter, and sees the plugins that are installed there"
    return Check(AREA, "extension", Verdict.OK, what)


def _of_path(path: tuple[str, ...], interpreter: _Interpreter | None, surroundings: Surroundings) -> Check:
    selected = interpreter.command if interpreter else (str(surroundings.interpreter),)
    command: list[str] = []
    for part in path:
        command += selected if part == "${interpreter}" else [_filled_in(part, surroundings)]
    name = f"`flake8.path`, {' '.join(path)},"
    try:
        flake8 = ask_flake8(command, surroundings)
    except NotAskedError as error:
        return Check(AREA, "extension", Verdict.WARNING, f"{name} could not be asked: {error}")
    if flake8.ours is None:
        program = on_path(command[0], surroundings) or Path(command[0])
        remedy = install_with(command[0]) if "-m" in command else install_beside(program)
        what = f"{name} is flake8 {flake8.version} without ce-lint"
        return Check(AREA, "extension", Verdict.PROBLEM, what, (remedy,))
    return Check(AREA, "extension", Verdict.OK, f"{name} is flake8 {flake8.version} with ce-lint {flake8.ours}")


def _arguments(settings: Table, surroundings: Surroundings) -> Iterator[Check]:
    arguments = [_filled_in(part, surroundings) for part in strings_in(settings.get("flake8.args"))]
    try:
        missing = kept_back(arguments, surroundings)
    except NotAskedError as error:
        yield Check(AREA, "arguments", Verdict.WARNING, f"`flake8.args` could not be tried: {error}")
        return
    if missing:
        remedy = _setting(surroundings, Act.SEE, "flake8.args", f"in `flake8.args`, {SELECT_OURS}")
        yield Check(AREA, "arguments", Verdict.PROBLEM, f"`flake8.args` keeps back {', '.join(missing)}", remedy)


def _setting(surroundings: Surroundings, act: Act, key: str, text: str) -> tuple[Remedy, ...]:
    path = surroundings.root / _FILE
    # What stands behind a slash may be a comment.
    return (Remedy(act, text, path, line_of(path, rf'[^/]*"{re.escape(key)}"\s*:')),)


def _filled_in(text: str, surroundings: Surroundings) -> str:
    """Replace the variables that VS Code knows, and `~`."""
    text = re.sub(r"\$\{workspaceFolder(:[^}]*)?\}", lambda _: str(surroundings.root), text)
    text = text.replace("${userHome}", os.path.expanduser("~"))  # noqa: PTH111 - where there is no home, it stays `~`
    text = re.sub(r"\$\{env:([^}]*)\}", lambda found: surroundings.environment.get(found[1], ""), text)
    return os.path.expanduser(text)  # noqa: PTH111 - as above
