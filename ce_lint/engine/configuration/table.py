"""`[tool.ce-lint]` as a project writes it: one form, from which it is both checked and published as a schema."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ce_lint.knowledge.schema import Library
from ce_lint.rules.registry import RULES

NAME = "[tool.ce-lint]"

_LIST = "a list of strings"
_DRAFT = "http://json-schema.org/draft-07/schema#"
_CODE = "Code"


def _key(form: str, description: str) -> Meta:
    """Say what a key has to be, for whoever wrote something else, and what it does."""
    return Meta(description=description, extra={"form": form})


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The settings of ce-lint for the files of a project."""

    select: Annotated[
        tuple[str, ...] | UnsetType,
        _key(_LIST, "Codes, or beginnings of codes, that are reported instead of those that are on by default."),
    ] = UNSET
    extend_select: Annotated[
        tuple[str, ...],
        _key(_LIST, "Codes, or beginnings of codes, that are reported as well."),
    ] = ()
    ignore: Annotated[
        tuple[str, ...],
        _key(_LIST, "Codes, or beginnings of codes, that are not reported unless a longer one is selected."),
    ] = ()
    per_file_ignores: Annotated[
        dict[str, tuple[str, ...]],
        _key(
            'a table of lists of strings: write "tests/*" = ["CEL001"]',
            "By a pattern of files: the codes of findings that are not reported if one of their ends, the activation "
            "or the loss, lies in such a file. A pattern without a slash names files and folders at any depth, one "
            "with a slash is a path from the folder of this file, and one that starts with ! names all other files.",
        ),
    ] = {}
    src: Annotated[
        tuple[str, ...],
        _key(_LIST, "Folders that absolute imports are looked for in, right after the importing file's own folder."),
    ] = ()
    exclude: Annotated[
        tuple[str, ...],
        _key(
            _LIST,
            "Patterns of files and folders that are not looked at, as in per-file-ignores, but none starts with !.",
        ),
    ] = ()
    respect_gitignore: Annotated[
        bool,
        _key("true or false", "Whether files that git ignores are left out."),
    ] = True
    baseline: Annotated[
        str | UnsetType,
        _key("the name of a file", "The file of findings that are already known, and so not reported."),
    ] = UNSET
    knowledge: Annotated[
        tuple[dict[str, Any], ...],
        _key(
            "a list of tables: write [[tool.ce-lint.knowledge]]",
            "What losses, activations, operations and models of a library expect and return.",
        ),
    ] = ()


KEYS = Table.__struct_encode_fields__


class TableError(Exception):
    """Why a table cannot be meant: its key and the reason, in one line."""


def read_table(raw: Mapping[str, object]) -> Table:
    """Check a table; raise TableError where it cannot be meant."""
    for key in raw:
        if key not in KEYS:
            nearest = difflib.get_close_matches(key, KEYS, n=1, cutoff=0)[0]
            raise TableError(f'{NAME} has no key "{key}": did you mean "{nearest}"?')
    try:
        table = msgspec.convert(raw, Table)
    except msgspec.ValidationError as error:
        key = next(key for key in raw if not _is_right(key, raw[key]))
        raise TableError(f"{NAME} {key} is not {_form(key)}") from error
    for where, codes in _codes(table):
        for code in codes:
            if code not in code_prefixes():
                raise TableError(f'{NAME} {where}: no rule\'s code starts with "{code}" (`ce-lint rules` lists them)')
    return table


def configuration_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 7, which editors and SchemaStore take) of `[tool.ce-lint]`."""
    (_, library), components = msgspec.json.schema_components((Table, Library), ref_template="#/definitions/{name}")
    schema = components.pop(Table.__name__)
    codes = {"type": "array", "items": {"$ref": f"#/definitions/{_CODE}"}}
    for key in ("select", "extend-select", "ignore"):
        schema["properties"][key] |= codes
    schema["properties"]["per-file-ignores"]["additionalProperties"] = codes
    schema["properties"]["knowledge"]["items"] = library
    components[_CODE] = {
        "title": _CODE,
        "description": "A code of ce-lint, or the beginning of codes.",
        "type": "string",
        "enum": sorted(code_prefixes()),
    }
    schema["title"] = NAME
    document = {"$schema": _DRAFT, **schema, "definitions": dict(sorted(components.items()))}
    # A default that is a tuple is a list in JSON.
    return {key: _writable(value) for key, value in msgspec.json.decode(msgspec.json.encode(document)).items()}


def _writable(schema: Any) -> Any:  # noqa: ANN401 - any part of a document
    """Return a schema without the alternative that TOML has no word for."""
    if isinstance(schema, list):
        return [_writable(part) for part in schema if part != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _writable(value) for key, value in schema.items() if (key, value) != ("default", None)}
    match parts.pop("anyOf", []):
        case []:
            return parts
        case [alternative]:
            return {**parts, **alternative}
        case alternatives:
            return {**parts, "anyOf": alternatives}


@functools.cache
def code_prefixes() -> frozenset[str]:
    """Return every text that some rule's code starts with."""
    return frozenset(rule.code[:length] for rule in RULES for length in range(1, len(rule.code) + 1))


def descriptions() -> dict[str, str]:
    """Return what each key does."""
    return {key: _meta(key).description or "" for key in KEYS}


def _codes(table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "select", () if isinstance(table.select, UnsetType) else table.select
    yield "extend-select", table.extend_select
    yield "ignore", table.ignore
    for pattern, codes in table.per_file_ignores.items():
        yield f'per-file-ignores "{pattern}"', codes


def _is_right(key: str, value: object) -> bool:
    try:
        msgspec.convert({key: value}, Table)
    except msgspec.ValidationError:
        return False
    return True


def _form(key: str) -> str:
    return str((_meta(key).extra or {})["form"])


def _meta(key: str) -> Meta:
    hints = get_type_hints(Table, include_extras=True)
    field = Table.__struct_fields__[KEYS.index(key)]
    (meta,) = hints[field].__metadata__
    assert isinstance(meta, Meta)
    return meta
