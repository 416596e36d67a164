"""Will ruff delete our `# noqa` comments? The real ruff is asked where there is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ce_lint.doctor.files import Table, line_of, read_toml, strings_in, table_in
from ce_lint.doctor.hooks import read_hooks
from ce_lint.doctor.programs import NotAskedError, ask, beside, on_path
from ce_lint.doctor.records import Act, Check, Remedy, Surroundings, Verdict
from ce_lint.doctor.sample import NAME
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


@dataclass(frozen=True, slots=True)
class _File:
    """A file with settings of ruff, and those in it."""

    path: Path
    settings: Table

    @property
    def external(self) -> tuple[str, ...]:
        """The codes that ruff is told to leave alone, also in the older place of the setting."""
        return strings_in(table_in(self.settings, "lint").get("external", self.settings.get("external")))


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
    # For a program on standard input, unlike for a file, ruff stops at a pyproject.toml that says nothing of ruff.
    config = ["--config", str(file.path)] if file is not None else []
    try:
        deletes = _deletes(program, surroundings, config)
        would_delete = deletes or _deletes(program, surroundings, [*config, "--extend-select", "RUF10", "--preview"])
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
    if file is not None and any("CEL001".startswith(code) for code in file.external):
        return Check(AREA, "noqa", Verdict.OK, f"{why}; `lint.external` in {display_path(file.path)} names our codes")
    where = f" in {display_path(file.path)}" if file is not None else ""
    what = f"{why}; `lint.external`{where} does not name CEL: RUF100 and RUF102 delete CEL001"
    return Check(AREA, "noqa", Verdict.WARNING, what, (_remedy(surroundings, file),))


def _nearest(folder: Path) -> _File | None:
    """Find ruff's settings as ruff does; raise ValueError, with the file and the reason, where they cannot be read."""
    for place in (folder, *folder.parents):
        for path in (place / name for name in _FILES):
            if path.is_file():
                document = read_toml(path)
                if path.name != _SHARED:
                    return _File(path, document)
                # One without a table of ruff's, as opposed to an empty one, is none of its files.
                if "ruff" in table_in(document, "tool"):
                    return _File(path, table_in(document, "tool", "ruff"))
    return None


def _has_hook(surroundings: Surroundings) -> bool:
    try:
        _, hooks = read_hooks(surroundings.root)
    except ValueError:
        return False  # which is told where hooks are
    return any(hook.id in {"ruff", "ruff-check"} for hook in hooks)


def _remedy(surroundings: Surroundings, file: _File | None) -> Remedy:
    if file is None:
        own = surroundings.root / _SHARED
        file = _File(own if own.is_file() else surroundings.root / "ruff.toml", {})
    # Where the older place of the setting is used: one list, not two.
    keys = ["tool", "ruff"] if file.path.name == _SHARED else []
    keys += [] if "external" in file.settings else ["lint"]
    setting = f"external = {json.dumps([*file.external, 'CEL'])}"
    header = f"[{'.'.join(keys)}]"
    line = line_of(file.path, re.escape(header)) if file.path.is_file() else None
    if not keys:
        return Remedy(Act.WRITE, setting, file.path, line_of(file.path, "external"))
    if line is None and "lint" in file.settings:
        # The table has no header of its own: its keys are written with a dot, where a second header is an error.
        return Remedy(Act.WRITE, f"lint.{setting}", file.path, line_of(file.path, r"lint\b"))
    return Remedy(Act.WRITE, f"{header}\n{setting}", file.path, line)
