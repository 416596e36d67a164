"""The settings that an editor sends: read key by key, so that a wrong one leaves the others."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from ce_lint.engine.configuration.globs import anchored
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.configuration.table import code_prefixes
from ce_lint.report.ends import ReportAt

SECTION = "ce-lint"
"""The name under which editors keep our settings."""
_OF_EDITORS = frozenset({"args", "enable", "importStrategy", "interpreter", "path", "trace"})
"""Keys of the section that an editor's own part uses, to start the server; they are not for us."""
_CODES = ("select", "extendSelect", "ignore")

_LIST = "a list of strings"
_SWITCH = "true or false"


def _key(form: str) -> Meta:
    return Meta(extra={"form": form})


class Sent(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What an editor may send; what each key means is said in docs/language-server.md."""

    select: Annotated[tuple[str, ...] | None, _key(_LIST)] = None
    extend_select: Annotated[tuple[str, ...], _key(_LIST)] = ()
    ignore: Annotated[tuple[str, ...], _key(_LIST)] = ()
    exclude: Annotated[tuple[str, ...], _key(_LIST)] = ()
    respect_gitignore: Annotated[bool, _key(_SWITCH)] = True
    respect_noqa: Annotated[bool, _key(_SWITCH)] = True
    baseline: Annotated[str | None, _key("the name of a file")] = None
    respect_baseline: Annotated[bool, _key(_SWITCH)] = True
    root: Annotated[str | None, _key("the name of a folder")] = None
    report_at: Annotated[Literal["both", "sink", "source"], _key('"both", "sink" or "source"')] = "both"
    diagnostic_mode: Annotated[Literal["workspace", "openFilesOnly"], _key('"workspace" or "openFilesOnly"')] = (
        "workspace"
    )


KEYS = Sent.__struct_encode_fields__


class ServerSettings(NamedTuple):
    """What the user asks of the server."""

    asked: Settings = Settings()
    report_at: ReportAt = ReportAt.BOTH
    only_open_files: bool = False


def read_settings(raw: object) -> tuple[ServerSettings, tuple[str, ...]]:
    """Return what was sent, without the keys that cannot be meant, and one line for each of those."""
    if raw is None:
        return ServerSettings(), ()
    if not isinstance(raw, Mapping):
        return ServerSettings(), ("the settings are not an object",)
    wrong: list[str] = []
    right: dict[str, object] = {}
    for key, value in raw.items():
        if key in _OF_EDITORS:
            continue
        said = _complaint(str(key), value)
        if said:
            wrong.append(said)
        else:
            right[str(key)] = value
    return _meant(msgspec.convert(right, Sent)), tuple(wrong)


def section_of(raw: object) -> object:
    """Return our part of what a client sends: under our name, in `settings`, or all of it; None where there is none."""
    if not isinstance(raw, Mapping):
        return raw
    for name in (SECTION, "ceLint", "settings"):
        if name in raw:
            return section_of(raw[name])
    return raw if all(key in KEYS or key in _OF_EDITORS for key in raw) or _is_ours(raw) else None


def _is_ours(raw: Mapping[object, object]) -> bool:
    # The settings of other programs are tables; ours are not, and a misspelt one of ours has to be told.
    return bool(raw) and not any(isinstance(value, Mapping) for value in raw.values())


def _complaint(key: str, value: object) -> str:
    if key not in KEYS:
        return f'there is no setting "{key}": did you mean "{difflib.get_close_matches(key, KEYS, n=1, cutoff=0)[0]}"?'
    try:
        sent = msgspec.convert({key: value}, Sent)
    except msgspec.ValidationError:
        return f'"{key}" is not {_form(key)}'
    return next(_unknown(key, sent), "")


def _unknown(key: str, sent: Sent) -> Iterator[str]:
    """What is wrong with values of the right form."""
    if key in _CODES:
        for code in (*(sent.select or ()), *sent.extend_select, *sent.ignore):
            if code not in code_prefixes():
                yield f'"{key}": no rule\'s code starts with "{code}" (`ce-lint rules` lists them)'
    for pattern in sent.exclude:
        reason = _no_pattern(pattern)
        if reason:
            yield f'"{key}": "{pattern}" is no pattern: {reason}'
    for name in (sent.root, sent.baseline):
        if name is not None and "\0" in name:
            yield f'"{key}" is no name of a file or folder'
    if sent.root is not None and not Path(sent.root).is_dir():
        yield f'"{key}": there is no folder "{sent.root}"'


def _no_pattern(pattern: str) -> str:
    try:
        anchored(Path.cwd(), pattern)
    except ValueError as error:
        return str(error)
    return ""


def _form(key: str) -> str:
    hints = msgspec.inspect.type_info(Sent)
    assert isinstance(hints, msgspec.inspect.StructType)
    field = next(one for one in hints.fields if one.encode_name == key)
    assert isinstance(field.type, msgspec.inspect.Metadata)
    return str((field.type.extra or {})["form"])


def _meant(sent: Sent) -> ServerSettings:
    asked = Settings(
        select=sent.select,
        extend_select=sent.extend_select,
        ignore=sent.ignore,
        exclude=sent.exclude,
        respect_gitignore=sent.respect_gitignore,
        respect_noqa=sent.respect_noqa,
        baseline=None if sent.baseline is None else Path(os.path.abspath(sent.baseline)),
        respect_baseline=sent.respect_baseline,
        root=None if sent.root is None else Path(os.path.abspath(sent.root)),
    )
    return ServerSettings(asked, ReportAt(sent.report_at), sent.diagnostic_mode == "openFilesOnly")
