"""Do the hooks of pre-commit or prek run ce-lint, and does one of them delete its comments?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ce_lint import __version__
from ce_lint.doctor.files import line_of, read_toml, read_yaml, table_in
from ce_lint.doctor.flake8_programs import SELECT_OURS, kept_back
from ce_lint.doctor.programs import NotAskedError
from ce_lint.doctor.records import Act, Check, Remedy, Surroundings, Verdict
from ce_lint.source.paths import display_path

AREA = "hooks"

_TOML_FILE = "prek.toml"
_FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml", _TOML_FILE)
_PACKAGE = f"ce-lint=={__version__}"
_OURS = f"""\
- repo: local
  hooks:
    - id: ce-lint
      name: ce-lint
      entry: ce-lint check --force-exclude
      language: python
      additional_dependencies: [{_PACKAGE}]
      types_or: [python, jupyter]
      require_serial: true"""
_OF_THE_ENVIRONMENT = frozenset({"system", "unsupported", "script", "unsupported_script"})
"""Languages of hooks that have no environment of their own."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook and the repository that it comes from."""

    repository: str
    revision: str
    id: str
    entry: str
    language: str
    arguments: tuple[str, ...]
    dependencies: tuple[str, ...]
    """Its `additional_dependencies`."""

    def runs(self, name: str) -> bool:
        """Whether a program is what it is called for, or stands in its command."""
        return self.id == name or re.search(rf"(^|[\s/\\]){name}(\s|$)", self.entry) is not None


def read_hooks(root: Path) -> tuple[Path | None, tuple[Hook, ...]]:
    """Read a project's hooks, which may be those of the repository around it; None where there is no file of them.

    Raises ValueError where it cannot be read.
    """
    upwards = (root, *root.parents)
    top = next((number for number, folder in enumerate(upwards) if (folder / ".git").exists()), 0)
    paths = [folder / name for folder in upwards[: top + 1] for name in _FILES]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return None, ()
    document = read_toml(path) if path.name == _TOML_FILE else read_yaml(path)
    return path, tuple(_hooks_of(document))


def check_hooks(surroundings: Surroundings) -> Iterator[Check]:
    """Look at the hooks that run ce-lint, flake8 or yesqa."""
    try:
        path, hooks = read_hooks(surroundings.root)
    except ValueError as error:
        yield Check(AREA, "file", Verdict.WARNING, str(error))
        return
    if path is None:
        yield Check(AREA, "file", Verdict.NOT_APPLICABLE, f"no {_FILES[0]} and no {_TOML_FILE}")
        return
    ours = [hook for hook in hooks if hook.id.startswith("ce-lint") or hook.runs("ce[-_]lint")]
    through_flake8 = [hook for hook in hooks if hook.runs("flake8") or hook.id == "nbqa-flake8"]
    name = display_path(path)
    if ours:
        yield Check(AREA, "ce-lint", Verdict.OK, f"{name} runs {', '.join(hook.id for hook in ours)}")
        yield from _revisions(path, ours)
    for hook in through_flake8:
        yield from _flake8(path, hook, surroundings, is_needed=not ours)
    if not ours and not through_flake8:
        remedy = Remedy(Act.SEE, f"add to the repositories:\n{_OURS}", path, line_of(path, r"repos\s*:"))
        yield Check(AREA, "ce-lint", Verdict.WARNING, f"no hook in {name} runs ce-lint", (remedy,))
    for hook in hooks:
        if hook.id == "yesqa" and not _has_ours(hook):
            what = "yesqa deletes `# noqa: CEL001`: the flake8 of its environment does not know the code"
            yield Check(AREA, "yesqa", Verdict.PROBLEM, what, (_add_ours(path, hook),))


def _hooks_of(document: object) -> Iterator[Hook]:
    """The hooks in what a file says; what is not of the form is left out, as it is pre-commit's to refuse."""
    for repository in _items(table_in(document).get("repos")):
        for hook in _items(table_in(repository).get("hooks")):
            names, settings = table_in(repository), table_in(hook)
            yield Hook(
                repository=str(names.get("repo", "")),
                revision=str(names.get("rev", "")),
                id=str(settings.get("id", "")),
                entry=str(settings.get("entry", "")),
                language=str(settings.get("language", "")),
                arguments=tuple(map(str, _items(settings.get("args")))),
                dependencies=tuple(map(str, _items(settings.get("additional_dependencies")))),
            )


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _has_ours(hook: Hook) -> bool:
    """Whether ce-lint is installed with a hook: by its name, or from a folder or a repository that is called so."""
    return any(re.search(r"(^|[/\\#=])ce[-_.]lint($|[^\w-])", name, re.IGNORECASE) for name in hook.dependencies)


def _flake8(path: Path, hook: Hook, surroundings: Surroundings, *, is_needed: bool) -> Iterator[Check]:
    name = f"the hook {hook.id}"
    if hook.language in _OF_THE_ENVIRONMENT:
        yield Check(AREA, hook.id, Verdict.OK, f"{name} runs the flake8 that its command finds when you commit")
    elif _has_ours(hook):
        yield Check(AREA, hook.id, Verdict.OK, f"{name} runs flake8 with ce-lint")
    elif is_needed:
        what = f"{name} runs flake8 in an environment without ce-lint"
        yield Check(AREA, hook.id, Verdict.PROBLEM, what, (_add_ours(path, hook),))
    else:
        yield Check(AREA, hook.id, Verdict.OK, f"{name} is without ce-lint, which has a hook of its own")
        return
    # What stands behind the program in the command is an argument as well.
    arguments = [*re.split(r"flake8(?:\s|$)", hook.entry, maxsplit=1)[1:], ""][0].split()
    try:
        missing = kept_back([*arguments, *hook.arguments], surroundings)
    except NotAskedError as error:
        yield Check(AREA, "arguments", Verdict.WARNING, f"the `args` of {hook.id} could not be tried: {error}")
        return
    if missing:
        remedy = Remedy(Act.SEE, f"in the `args` of {hook.id}, {SELECT_OURS}", path, _line(path, hook))
        what = f"the `args` of {hook.id} keep back {', '.join(missing)}"
        yield Check(AREA, "arguments", Verdict.PROBLEM, what, (remedy,))


def _add_ours(path: Path, hook: Hook) -> Remedy:
    value = [*hook.dependencies, _PACKAGE]
    return Remedy(Act.WRITE, _setting(path, "additional_dependencies", value), path, _line(path, hook))


def _setting(path: Path, key: str, value: object) -> str:
    # What is quoted as in JSON is right in YAML and in TOML.
    return f"{key}{' =' if path.name == _TOML_FILE else ':'} {json.dumps(value)}"


def _line(path: Path, hook: Hook) -> int | None:
    return line_of(path, rf"[^#]*\bid[\"']?\s*[:=]\s*[\"']?{re.escape(hook.id)}\b")


def _revisions(path: Path, hooks: list[Hook]) -> Iterator[Check]:
    for repository, revision in dict.fromkeys((hook.repository, hook.revision) for hook in hooks):
        # What pre-commit takes for the name of a branch: no full version, and no commit.
        if repository in {"local", "meta"} or "." in revision or re.fullmatch(r"[a-fA-F0-9]+", revision):
            continue
        what = f"rev {revision or 'is missing'} moves: pre-commit installs it once, and never again"
        line = line_of(path, rf"[^#]*\brepo\s*[:=]\s*[\"']?{re.escape(repository)}")
        remedy = Remedy(Act.WRITE, _setting(path, "rev", f"v{__version__}"), path, line)
        yield Check(AREA, "rev", Verdict.WARNING, what, (remedy,))
