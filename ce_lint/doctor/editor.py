"""Which Python and which flake8 the editor uses: the settings of VS Code in the project, and its environments."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ce_lint.doctor.flake8_arguments import judge
from ce_lint.doctor.flake8_programs import ask_flake8
from ce_lint.doctor.install import install_beside, install_with
from ce_lint.doctor.jsonc import Document, read_jsonc
from ce_lint.doctor.programs import NotAskedError, ask, code, module, on_path
from ce_lint.doctor.records import Act, Check, Remedy, Surroundings, Verdict
from ce_lint.source.paths import display_path

AREA = "editor"

_FOLDER = ".vscode"
_EXTENSION = "ms-python.flake8"
_ENVIRONMENTS = (".venv", "venv")
_PYTHONS = (Path("bin", "python"), Path("Scripts", "python.exe"), Path("python.exe"))
_VERSION = "import importlib.metadata as m; print('version', m.version('ce-lint'))"


@dataclass(frozen=True, slots=True)
class _Interpreter:
    """A Python that the editor uses, as a command, and who says so."""

    command: tuple[str, ...]
    source: str
    line: int | None = None


def check_editor(surroundings: Surroundings) -> Iterator[Check]:
    """Ask the Python and the flake8 that the project's settings of VS Code name."""
    try:
        settings = _read(surroundings.root / _FOLDER / "settings.json")
        is_used = _is_recommended(surroundings) or any(key.startswith("flake8.") for key in settings.values)
    except ValueError as error:
        yield Check(AREA, "settings", Verdict.WARNING, str(error))
        return
    interpreter = _interpreter(settings, surroundings)
    has_path = bool(_strings(settings.values.get("flake8.path")))
    yield _ours_in(interpreter, surroundings, is_needed=is_used and not has_path)
    if not is_used:
        what = f"{_FOLDER} says nothing of flake8: if its extension is used, then in the interpreter you select"
        yield Check(AREA, "extension", Verdict.NOT_APPLICABLE, what)
        return
    yield _extension(settings, interpreter, surroundings)
    yield from _arguments(settings, surroundings)


def _read(path: Path) -> Document:
    if not path.is_file():
        return Document(path, {}, ())
    try:
        return read_jsonc(path)
    except ValueError as error:
        raise ValueError(f"{display_path(path)} cannot be read: {error}") from error


def _is_recommended(surroundings: Surroundings) -> bool:
    document = _read(surroundings.root / _FOLDER / "extensions.json")
    return _EXTENSION in _strings(document.values.get("recommendations"))


def _interpreter(settings: Document, surroundings: Surroundings) -> _Interpreter | None:
    """The Python that runs flake8's extension, as far as files say."""
    command = [_filled_in(part, surroundings) for part in _strings(settings.values.get("flake8.interpreter"))]
    if command:
        return _Interpreter(tuple(command), "`flake8.interpreter`", settings.line_of("flake8.interpreter"))
    key = "python.defaultInterpreterPath"
    default = settings.values.get(key)
    # A bare `python` is what VS Code finds on its own.
    if isinstance(default, str) and default not in {"", "python"}:
        path = surroundings.root / _filled_in(default, surroundings)
        return _Interpreter((str(_python_in(path) or path),), f"`{key}`", settings.line_of(key))
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
    remedy = install_with(interpreter.command)
    return Check(AREA, "interpreter", verdict, f"{name} has no ce-lint", (remedy,))


def _extension(settings: Document, interpreter: _Interpreter | None, surroundings: Surroundings) -> Check:
    if settings.values.get("flake8.enabled") is False:
        remedy = _changed(settings, "flake8.enabled", r"\bfalse\b", "true")
        return Check(AREA, "extension", Verdict.WARNING, "`flake8.enabled` is false: the editor lints nothing", remedy)
    path = _strings(settings.values.get("flake8.path"))
    if path:
        return _of_path(settings, path, interpreter, surroundings)
    if settings.values.get("flake8.importStrategy") == "fromEnvironment":
        return Check(AREA, "extension", Verdict.OK, "`flake8.importStrategy` takes flake8 from that interpreter")
    # Its own flake8 stands in front of the interpreter's packages, and finds the plugins among these.
    what = "the extension's own flake8 runs in that interpreter, and sees the plugins that are installed there"
    return Check(AREA, "extension", Verdict.OK, what)


def _of_path(
    settings: Document, path: Sequence[str], interpreter: _Interpreter | None, surroundings: Surroundings
) -> Check:
    selected = interpreter.command if interpreter else (str(surroundings.interpreter),)
    command: list[str] = []
    for part in path:
        command += selected if part == "${interpreter}" else [_filled_in(part, surroundings)]
    if command[-2:] == ["-m", "flake8"]:
        command = [*command[:-3], *module(Path(command[-3]), "flake8")] if len(command) > 2 else command
    name = f"`flake8.path`, {' '.join(path)},"
    try:
        flake8 = ask_flake8(command, surroundings)
    except NotAskedError as error:
        return Check(AREA, "extension", Verdict.WARNING, f"{name} could not be asked: {error}")
    if flake8.ours is None:
        program = on_path(command[0], surroundings) or Path(command[0])
        remedy = install_with(command[:1]) if "-c" in command else install_beside(program)
        what = f"{name} is flake8 {flake8.version} without ce-lint"
        return Check(AREA, "extension", Verdict.PROBLEM, what, (remedy,))
    return Check(AREA, "extension", Verdict.OK, f"{name} is flake8 {flake8.version} with ce-lint {flake8.ours}")


def _arguments(settings: Document, surroundings: Surroundings) -> Iterator[Check]:
    arguments = [_filled_in(part, surroundings) for part in _strings(settings.values.get("flake8.args"))]
    try:
        judged = judge(arguments, surroundings)
    except NotAskedError as error:
        yield Check(AREA, "arguments", Verdict.WARNING, f"`flake8.args` could not be tried: {error}")
        return
    if not judged.missing:
        return
    if judged.better:
        remedy = _changed(settings, "flake8.args", r"\[", f"[{json.dumps(judged.better[0])}, ")
    else:
        line = settings.line_of("flake8.args")
        remedy = (Remedy(Act.SEE, "take out of `flake8.args` what ignores CEL", settings.path, line),)
    what = f"`flake8.args` keeps back {', '.join(judged.missing)}"
    yield Check(AREA, "arguments", Verdict.PROBLEM, what, remedy)


def _changed(settings: Document, key: str, pattern: str, replacement: str) -> tuple[Remedy, ...]:
    """The line of a key with something in its value replaced."""
    number = settings.line_of(key)
    if number is None:
        return ()
    line = settings.path.read_text(encoding="utf-8-sig").split("\n")[number - 1]
    before, name, value = line.partition(json.dumps(key))
    changed = re.sub(pattern, lambda _: replacement, value, count=1)
    if changed == value:
        return (Remedy(Act.SEE, f"write {replacement.strip()} in the value of {name}", settings.path, number),)
    return (Remedy(Act.WRITE, f"{before}{name}{changed}".rstrip(), settings.path, number),)


def _filled_in(text: str, surroundings: Surroundings) -> str:
    """Replace the variables that VS Code knows, and `~`."""
    text = re.sub(r"\$\{workspaceFolder(:[^}]*)?\}", lambda _: str(surroundings.root), text)
    text = text.replace("${userHome}", str(surroundings.home))
    text = re.sub(r"\$\{env:([^}]*)\}", lambda found: surroundings.environment.get(found[1], ""), text)
    return f"{surroundings.home}{text[1:]}" if text == "~" or text.startswith(("~/", f"~{os.sep}")) else text


def _strings(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
