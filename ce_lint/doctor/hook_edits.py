"""Changes to .pre-commit-config.yaml that leave the rest of the text as it is; each is tried before it is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ce_lint import __version__
from ce_lint.doctor.edits import changed
from ce_lint.doctor.hook_files import Hook, HookFile, hooks_of, parse_yaml, yaml_library
from ce_lint.doctor.records import Act, Remedy

# Nodes and their marks: where they start and end, in lines and columns from 0.
_Node = Any

_PLAIN = re.compile(r"(?:--?)?[A-Za-z][\w.=<>~!/-]*")
"""What YAML takes for a string without quotes."""

_REPOSITORY = f"""\
- repo: local
  hooks:
    - id: ce-lint
      name: ce-lint
      entry: ce-lint check --force-exclude
      language: python
      additional_dependencies: [ce-lint=={__version__}]
      types_or: [python, jupyter]
      require_serial: true"""


def add_dependency(file: HookFile, number: int, name: str) -> Remedy:
    """Return the change that adds to `additional_dependencies` of a hook, which is told by its number in the file."""
    dependencies = (*file.hooks[number].dependencies, name)
    wanted = replace(file.hooks[number], dependencies=dependencies)
    return _list_set(file, number, wanted, "additional_dependencies", dependencies)


def set_arguments(file: HookFile, number: int, arguments: tuple[str, ...]) -> Remedy:
    """Return the change of a hook's `args`."""
    wanted = replace(file.hooks[number], arguments=arguments)
    return _list_set(file, number, wanted, "args", arguments)


def set_revision(file: HookFile, number: int, revision: str) -> Remedy:
    """Return the change of the `rev` of a hook's repository."""
    there = (file.hooks[number].repository, file.hooks[number].revision)
    wanted = tuple(
        replace(hook, revision=revision) if (hook.repository, hook.revision) == there else hook for hook in file.hooks
    )

    def candidates(repository: _Node, _hook: _Node) -> Iterator[Remedy]:
        value = _value(repository, "rev")
        if value is not None:
            yield _written(file, value, revision)

    return _first_that_works(file, number, wanted, candidates, f"rev: {revision}")


def add_hook(file: HookFile) -> Remedy:
    """Return the lines that run ce-lint."""
    added = Hook("local", "", "ce-lint", "ce-lint check --force-exclude", "python", (), (f"ce-lint=={__version__}",))

    def candidates(repository: _Node, _hook: _Node) -> Iterator[Remedy]:
        if repository is not None:
            # As far to the right as the others.
            indent = " " * max(0, repository.start_mark.column - 2)
            text = "\n".join(indent + line for line in _REPOSITORY.splitlines())
            yield Remedy(Act.ADD_BELOW, text, file.path, _last_line(repository))

    return _first_that_works(file, len(file.hooks) - 1, (*file.hooks, added), candidates, _REPOSITORY)


def _list_set(file: HookFile, number: int, wanted: Hook, key: str, items: Sequence[str]) -> Remedy:
    text = f"{key}: [{', '.join(map(_quoted, items))}]"

    def candidates(_repository: _Node, hook: _Node) -> Iterator[Remedy]:
        there, value = _key(hook, key), _value(hook, key)
        if there is not None and value is not None:
            before = _line(file, there)[: there.start_mark.column]
            yield Remedy(Act.WRITE, before + text, file.path, there.start_mark.line + 1, _last_line(value))
        name = _key(hook, "id")
        if name is not None:
            yield Remedy(Act.ADD_BELOW, " " * name.start_mark.column + text, file.path, name.start_mark.line + 1)
        # The hook is written in one line.
        name = _value(hook, "id")
        if name is not None:
            yield _written(file, name, f"{name.value}, {text}")

    hooks = (*file.hooks[:number], wanted, *file.hooks[number + 1 :])
    return _first_that_works(file, number, hooks, candidates, text)


def _first_that_works(
    file: HookFile,
    number: int,
    wanted: tuple[Hook, ...],
    candidates: Callable[[_Node, _Node], Iterator[Remedy]],
    otherwise: str,
) -> Remedy:
    if file.path.suffix != ".toml":
        for remedy in candidates(*_nodes(file, number)):
            if _says(changed(file.text, remedy), wanted):
                return remedy
    return Remedy(Act.SEE, otherwise, file.path)


def _says(text: str, wanted: tuple[Hook, ...]) -> bool:
    try:
        return tuple(hooks_of(parse_yaml(text))) == wanted
    except ValueError:
        return False


def _nodes(file: HookFile, number: int) -> tuple[_Node, _Node]:
    """The nodes of a hook's repository and of the hook; None for both where the file is empty."""
    for repository in _items(_value(yaml_library().compose(file.text), "repos")):
        for hook in _items(_value(repository, "hooks")):
            # What is no mapping was not counted.
            if hook.id == "mapping":
                if number == 0:
                    return repository, hook
                number -= 1
    return None, None


def _items(node: _Node) -> Sequence[_Node]:
    items: Sequence[_Node] = node.value if node is not None and node.id == "sequence" else ()
    return items


def _last_line(node: _Node) -> int:
    """The line, from 1, on which a node ends: the end of a block in the library's eyes is the start of what follows."""
    while node.id in {"sequence", "mapping"} and not node.flow_style and node.value:
        node = node.value[-1] if node.id == "sequence" else node.value[-1][1]
    line: int = node.end_mark.line + 1
    return line


def _pair(mapping: _Node, key: str) -> tuple[_Node, _Node]:
    pairs = mapping.value if mapping is not None and mapping.id == "mapping" else ()
    return next((pair for pair in pairs if pair[0].value == key), (None, None))


def _key(mapping: _Node, key: str) -> _Node:
    return _pair(mapping, key)[0]


def _value(mapping: _Node, key: str) -> _Node:
    return _pair(mapping, key)[1]


def _line(file: HookFile, node: _Node) -> str:
    number: int = node.start_mark.line
    return file.text.split("\n")[number]


def _written(file: HookFile, node: _Node, text: str) -> Remedy:
    """The line of a value, with that replaced."""
    line = _line(file, node)
    start, end = node.start_mark.column, node.end_mark.column
    return Remedy(Act.WRITE, f"{line[:start]}{text}{line[end:]}", file.path, node.start_mark.line + 1)


def _quoted(item: str) -> str:
    return item if _PLAIN.fullmatch(item) else json.dumps(item)
