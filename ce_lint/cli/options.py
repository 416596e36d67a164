"""The options that commands share: which files, which codes, which project."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from ce_lint.engine.configuration.settings import Settings

Command = Callable[..., Any]


def paths_argument(command: Command) -> Command:
    """Declare the files and folders of a command, `-` among them: standard input."""
    return click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))(command)


def settings_options(command: Command) -> Command:
    """Declare the options that say which codes are reported in which project; the command gets them as `asked`."""

    @functools.wraps(command)
    def with_settings(
        *arguments: object,
        asked: Settings,
        select: tuple[str, ...],
        extend_select: tuple[str, ...],
        ignore: tuple[str, ...],
        ignore_noqa: bool,
        **others: object,
    ) -> object:
        asked = msgspec.structs.replace(
            asked, select=select or None, extend_select=extend_select, ignore=ignore, respect_noqa=not ignore_noqa
        )
        return command(*arguments, asked=asked, **others)

    return declared(
        files_options(with_settings),
        _codes_option("--select", "Code prefixes to report instead of the default ones; comma separated, repeatable."),
        _codes_option("--extend-select", "Code prefixes to report as well."),
        _codes_option("--ignore", "Code prefixes not to report, unless a longer prefix is selected."),
        click.option("--ignore-noqa", is_flag=True, help="Report what suppression comments take back, too."),
    )


def files_options(command: Command) -> Command:
    """Declare the options that say which files are looked at in which project; the command gets them as `asked`."""

    @functools.wraps(command)
    def with_files(
        *arguments: object,
        exclude: tuple[str, ...],
        force_exclude: bool,
        with_ignored: bool,
        root: Path | None,
        **others: object,
    ) -> object:
        asked = Settings(root=root, exclude=exclude, force_exclude=force_exclude, respect_gitignore=not with_ignored)
        return command(*arguments, asked=asked, **others)

    return declared(
        with_files,
        click.option(
            "--exclude",
            multiple=True,
            metavar="PATTERN",
            callback=_patterns,
            help="Files and folders to leave out beside those of the configuration; repeatable.",
        ),
        click.option(
            "--force-exclude", is_flag=True, help="Leave them out although they are named on the command line."
        ),
        click.option(
            "--no-respect-gitignore",
            "with_ignored",
            is_flag=True,
            help="Look at files that git ignores, too.",
        ),
        click.option(
            "--root",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="The project folder; default: the nearest one above that holds "
            "pyproject.toml, setup.cfg, setup.py or .git.",
        ),
    )


def declared(command: Command, *options: Callable[[Command], Command]) -> Command:
    """Put options on a command in the order in which `--help` is to list them."""
    for option in reversed(options):
        command = option(command)
    return command


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        return ()
    from ce_lint.engine.configuration.selection import is_code_prefix
    from ce_lint.rules.registry import RULES

    prefixes = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    for prefix in prefixes:
        if not is_code_prefix(prefix) or not any(rule.code.startswith(prefix) for rule in RULES):
            raise click.BadParameter(f"no rule's code starts with {prefix!r} (`ce-lint rules` lists them)")
    return prefixes


def _patterns(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_pattern, values))


def _pattern(text: str) -> str:
    from ce_lint.engine.configuration.globs import anchored

    try:
        anchored(Path.cwd(), text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no pattern: {error}") from error
    return text


def _codes_option(name: str, text: str) -> Callable[[Command], Command]:
    return click.option(name, multiple=True, metavar="CODES", callback=_codes, help=text)
