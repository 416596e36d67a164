"""The hooks of pre-commit and prek: .pre-commit-config.yaml, or prek.toml, which says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ce_lint.doctor.toml_edits import read_toml
from ce_lint.source.paths import display_path

_YAML_FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml")
_TOML_FILE = "prek.toml"


class HookFileError(Exception):
    """Why the hooks cannot be read, in one line that names the file."""


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


@dataclass(frozen=True, slots=True)
class HookFile:
    """A file, as text and as what it says."""

    path: Path
    text: str
    hooks: tuple[Hook, ...]


def read_hooks(root: Path) -> HookFile | None:
    """Read a project's hooks, which may be those of the repository around it; None where there are none.

    Raises HookFileError where they cannot be read.
    """
    for path in (folder / name for folder in _folders(root) for name in (*_YAML_FILES, _TOML_FILE)):
        if path.is_file():
            try:
                return _read(path)
            except (ValueError, ImportError) as error:
                raise HookFileError(f"{display_path(path)} cannot be read: {' '.join(str(error).split())}") from error
    return None


def _folders(root: Path) -> Sequence[Path]:
    """The folders from a project's to its repository's."""
    upwards = (root, *root.parents)
    top = next((number for number, folder in enumerate(upwards) if (folder / ".git").exists()), 0)
    return upwards[: top + 1]


def yaml_library() -> ModuleType:
    """Return the YAML library that libcst brings along; raise ImportError where it does not any more."""
    try:
        import yaml
    except ModuleNotFoundError:
        # For Python 3.13 libcst takes a build of the same library under another name.
        import yaml_ft as yaml
    assert isinstance(yaml, ModuleType)
    return yaml


def parse_yaml(text: str) -> object:
    """Return what a YAML text says; raise ValueError where it is none."""
    library = yaml_library()
    try:
        return library.safe_load(text)
    except (library.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


def hooks_of(document: object) -> Iterator[Hook]:
    """Return the hooks in what a file says; what is not of the form is left out, as it is pre-commit's to refuse."""
    for repository in _mappings(_get(document, "repos")):
        for hook in _mappings(repository.get("hooks")):
            yield Hook(
                repository=str(repository.get("repo", "")),
                revision=str(repository.get("rev", "")),
                id=str(hook.get("id", "")),
                entry=str(hook.get("entry", "")),
                language=str(hook.get("language", "")),
                arguments=_strings(hook.get("args")),
                dependencies=_strings(hook.get("additional_dependencies")),
            )


def _read(path: Path) -> HookFile:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError((error.strerror or type(error).__name__).lower()) from error
    document = read_toml(path) if path.name == _TOML_FILE else parse_yaml(text)
    return HookFile(path, text, tuple(hooks_of(document)))


def _get(document: object, key: str) -> object:
    return document.get(key) if isinstance(document, Mapping) else None


def _mappings(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
