"""Will ruff delete our `# noqa` comments? The real ruff is asked where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ce_lint.doctor.hook_files import HookFileError, read_hooks
from ce_lint.doctor.programs import NotAskedError, ask, beside, on_path
from ce_lint.doctor.records import Act, Check, Remedy, Surroundings, Verdict
from ce_lint.doctor.sample import NAME
from ce_lint.doctor.toml_edits import Tables, put_into_list, read_toml, table_at
from ce_lint.source.paths import display_path

AREA = "ruff"

_SHARED = "pyproject.toml"
_FILES = (".ruff.toml", "ruff.toml", _SHARED)
"""In the order in which ruff looks for them in each folder."""

_COMMENTS = ("# noqa: CEL001", "# noqa: CEL001, E501")
"""One that is ours alone, and one that is ruff's as well, of which RUF100 takes away more than that."""
_PROGRAM = "".join(f"x = 1  {comment}\n" for comment in _COMMENTS)
_COMPLAINT = re.compile(r"\bRUF10\d\b.*\bCEL001\b")
"""What ruff's rules about comments say of ours where they may not change them."""

_CHAIN = 10
"""How many files that extend each other are read."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file with settings of ruff, and those in it."""

    path: Path
    settings: Tables

    @property
    def table(self) -> tuple[str, ...]:
        """What the table with the linter's settings is called in it."""
        return ("tool", "ruff", "lint") if self.path.name == _SHARED else ("lint",)


def check_ruff(surroundings: Surroundings) -> Iterator[Check]:
    """Let ruff look at a comment of ours with the project's settings, else read these."""
    try:
        file = _nearest(surroundings.root)
    except ValueError as error:
        yield Check(AREA, "settings", Verdict.WARNING, str(error))
        return
    if file is None and not _has_hook(surroundings):
        yield Check(AREA, "noqa", Verdict.NOT_APPLICABLE, "no settings of ruff, and no hook: it is not used here")
        return
    program = beside(surroundings.interpreter, "ruff") or on_path("ruff", surroundings)
    if program is None:
        yield _read_only(surroundings, file, "there is no ruff to ask")
        return
    try:
        deletes = _deletes(program, surroundings, [])
        would_delete = deletes or _deletes(program, surroundings, ["--extend-select", "RUF10", "--preview"])
    except NotAskedError as error:
        yield _read_only(surroundings, file, f"ruff could not be asked: {error}")
        return
    if not would_delete:
        yield Check(AREA, "noqa", Verdict.OK, f"{program} leaves CEL001 in `# noqa` comments")
        return
    when = (
        "deletes CEL001 in `# noqa` comments" if deletes else "would delete CEL001 if RUF100 and RUF102 were selected"
    )
    verdict = Verdict.PROBLEM if deletes else Verdict.WARNING
    yield Check(AREA, "noqa", verdict, f"{program} {when}", (_remedy(surroundings, file),))


def _deletes(program: Path, surroundings: Surroundings, arguments: Sequence[str]) -> bool:
    """Whether comments of ours do not outlive `ruff check --fix`, or ruff demands that somebody deletes them."""
    fixing = [str(program), "check", "--no-cache", "--fix", "--unsafe-fixes", *arguments]
    said = ask([*fixing, "--stdin-filename", NAME, "-"], surroundings, stdin=_PROGRAM)
    if said.status not in (0, 1) or not said.out:
        raise NotAskedError(said.last_line.removeprefix("Cause: "))
    return said.out.count(_COMMENTS[0]) < len(_COMMENTS) or _COMPLAINT.search(said.err) is not None


def _read_only(surroundings: Surroundings, file: _File | None, why: str) -> Check:
    """What the settings say, where ruff itself cannot."""
    try:
        external = file is not None and _names_ours(file)
    except ValueError as error:
        return Check(AREA, "noqa", Verdict.WARNING, f"{why}; {error}")
    if file is not None and external:
        return Check(AREA, "noqa", Verdict.OK, f"{why}; `lint.external` in {display_path(file.path)} names our codes")
    what = f"{why}; `lint.external` does not name CEL: RUF100 and RUF102 delete CEL001"
    return Check(AREA, "noqa", Verdict.WARNING, what, (_remedy(surroundings, file),))


def _names_ours(file: _File) -> bool:
    for _ in range(_CHAIN):
        for table in (table_at(file.settings, ("lint",)), file.settings):
            codes = table.get("external")
            if isinstance(codes, list):
                return any(isinstance(code, str) and "CEL001".startswith(code) for code in codes)
        extended = file.settings.get("extend")
        if not isinstance(extended, str):
            return False
        path = file.path.parent / Path(extended).expanduser()
        file = _File(path, _settings(path, _document(path)))
    return False


def _nearest(folder: Path) -> _File | None:
    """Find ruff's settings as ruff does; raise ValueError, with the file and the reason, where they cannot be read."""
    for place in (folder, *folder.parents):
        for path in (place / name for name in _FILES):
            if path.is_file():
                document = _document(path)
                # One without a table of ruff's, as opposed to an empty one, is none of its files.
                if path.name != _SHARED or "ruff" in table_at(document, ("tool",)):
                    return _File(path, _settings(path, document))
    return None


def _settings(path: Path, document: Tables) -> Tables:
    return table_at(document, ("tool", "ruff")) if path.name == _SHARED else document


def _document(path: Path) -> Tables:
    try:
        return read_toml(path)
    except ValueError as error:
        raise ValueError(f"{display_path(path)} cannot be read: {error}") from error


def _has_hook(surroundings: Surroundings) -> bool:
    try:
        file = read_hooks(surroundings.root)
    except HookFileError:
        return False  # which is told where hooks are
    return file is not None and any(hook.id in {"ruff", "ruff-check"} for hook in file.hooks)


def _remedy(surroundings: Surroundings, file: _File | None) -> Remedy:
    if file is None:
        own = surroundings.root / _SHARED
        file = _File(own if own.is_file() else surroundings.root / "ruff.toml", {})
    legacy = file.settings.get("external")
    # The older place of the setting: one list, not two.
    table = file.table[:-1] if isinstance(legacy, list) else file.table
    try:
        return put_into_list(file.path, table, "external", "CEL")
    except ValueError:
        return Remedy(Act.SEE, 'lint.external = ["CEL"]', file.path)
