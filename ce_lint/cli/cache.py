"""`ce-lint cache`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ce_lint.cli.caching import Caching, cache_folder_option
from ce_lint.cli.files import size_in_words
from ce_lint.cli.refusals import Refused
from ce_lint.source.paths import display_path

if TYPE_CHECKING:
    from ce_lint.store.records import Info

_DAY = 24 * 60 * 60


@click.group()
def cache() -> None:
    """Look at what is kept of earlier runs, or remove it."""


@cache.command()
@cache_folder_option
def info(cache_dir: Path | None) -> None:
    """Say where results are kept, how many of which kinds and versions, and how old they are.

    Exit status: 0, or 2 for wrong usage and for a cache that cannot be used, with the reason.
    """
    from ce_lint.store.inspection import inspect

    folder = _folder(cache_dir)
    found = inspect(folder)
    if found.reason:
        raise Refused(found.reason)
    for line in _lines(display_path(folder), found):
        click.echo(line)


@cache.command()
@cache_folder_option
def clear(cache_dir: Path | None) -> None:
    """Remove what ce-lint has kept: its files, and the folder if nothing else is in it.

    A folder without the tag of ce-lint is not touched. It is safe at any time, also while ce-lint runs.

    Exit status: 0, or 2 for wrong usage and for what cannot be removed, with the reason.
    """
    from ce_lint.store.folder import NotOursError
    from ce_lint.store.folder import clear as remove

    folder = _folder(cache_dir)
    try:
        cleared = remove(folder)
    except NotOursError as error:
        raise Refused(str(error)) from error
    click.echo(f"{display_path(folder)}: {size_in_words(cleared.freed)} freed")
    if cleared.left:
        raise Refused("\n".join(cleared.left))


def _folder(cache_dir: Path | None) -> Path:
    from ce_lint.engine.discovery import project_root

    folder = Caching(folder=cache_dir).folder_of(project_root(Path()))
    assert folder is not None
    return folder


def _lines(shown: str, found: Info) -> Iterator[str]:
    entries = sum(held.entries for held in found.held)
    if not entries or found.made is None or found.used is None:
        yield f"{shown}: nothing is kept"
        return
    number = "1 entry" if entries == 1 else f"{entries} entries"
    yield f"{shown}: {number}, {size_in_words(found.size)} of at most {size_in_words(found.limit)}"
    yield f"oldest made {_ago(found.made)}, last used {_ago(found.used)}"
    rows = [
        ("entries", "size", "kind", "version"),
        *(
            (str(held.entries), size_in_words(held.size), _shown(held.kind), _version(held.version))
            for held in found.held
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    yield ""
    for row in rows:
        yield f"{row[0]:>{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]}"


def _ago(moment: float) -> str:
    days = int((time.time() - moment) // _DAY)
    if days <= 0:
        return "less than a day ago"
    return "a day ago" if days == 1 else f"{days} days ago"


def _version(version: bytes) -> str:
    text = version.decode("utf-8", "replace")
    return text if text.isprintable() and "\N{REPLACEMENT CHARACTER}" not in text else version.hex()[:16]


def _shown(text: str) -> str:
    """Take out what would steer a terminal: the file may come from anybody."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
