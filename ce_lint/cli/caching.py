"""The options that say whether results are kept between two runs, and where."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from ce_lint.cli.options import declared
from ce_lint.store.folder import FOLDER, objection

Command = Callable[..., Any]


class Caching(msgspec.Struct, frozen=True):
    """What was asked for."""

    is_on: bool = True
    folder: Path | None = None
    """The one folder for all projects; None: each has its own in its root."""

    def folder_of(self, root: Path) -> Path | None:
        """Return the folder for what is kept of the project with this root; None where nothing is to be kept."""
        if not self.is_on:
            return None
        return self.folder or root / FOLDER

    @property
    def trouble(self) -> str:
        """Why the folder that was asked for cannot be used; empty where it can."""
        return objection(self.folder) if self.is_on and self.folder is not None else ""


def caching_options(command: Command) -> Command:
    """Declare `--no-cache` and `--cache-dir`; the command gets them as `caching`."""

    @functools.wraps(command)
    def with_caching(*arguments: object, no_cache: bool, cache_dir: Path | None, **others: object) -> object:
        caching = Caching(not no_cache, cache_dir)
        if caching.trouble:
            click.echo(f"{caching.trouble}: nothing is kept there", err=True)
        return command(*arguments, caching=caching, **others)

    return declared(
        with_caching,
        click.option(
            "--no-cache",
            is_flag=True,
            envvar="CE_LINT_NO_CACHE",
            show_envvar=True,
            help="Neither use nor keep results of earlier runs; wins over --cache-dir.",
        ),
        cache_folder_option,
    )


def cache_folder_option(command: Command) -> Command:
    """Declare `--cache-dir`."""
    return click.option(
        "--cache-dir",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="CE_LINT_CACHE_DIR",
        show_envvar=True,
        metavar="DIR",
        help=f"The folder for results of earlier runs; default: {FOLDER} in the project folder.",
    )(command)
