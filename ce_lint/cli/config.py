"""`ce-lint config`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click

from ce_lint.cli.refusals import Refused
from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.pyproject import Configuration
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.configuration.table import NAME, configuration_schema
from ce_lint.engine.errors import UsageError
from ce_lint.rules.base import Default
from ce_lint.rules.registry import RULES
from ce_lint.source.paths import display_path


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True), default=".")
@click.option("--schema", is_flag=True, help="Print the JSON schema of [tool.ce-lint] instead.")
def config(path: Path, schema: bool) -> None:
    """Print the settings that hold for a file or folder (default: the current one), and which rules they report there.

    The settings are printed as the table would be that says them in full, with absolute paths.
    """
    if schema:
        click.echo(json.dumps(configuration_schema(), indent=2))
        return
    path = Path(os.path.abspath(path))
    folder = path if path.is_dir() else path.parent
    choices = Choices(Settings())
    try:
        configuration = choices.configuration(folder)
    except UsageError as error:
        raise Refused(str(error)) from error
    for line in (*_table(display_path(path), configuration), "", *_rules(path, choices)):
        click.echo(line)


def _table(shown: str, configuration: Configuration) -> Iterator[str]:
    if configuration.folder is None:
        yield f"# {shown}: no pyproject.toml at or above it has a table {NAME}"
    else:
        yield f"# {shown}: governed by {configuration.file}"
    yield NAME
    default = Configuration()
    for field in Configuration.__struct_fields__:
        value = getattr(configuration, field)
        key = field.replace("_", "-")
        if field in ("folder", "per_file_ignores"):
            continue
        if value is None:
            yield f"# {key} is not set"
        elif field == "knowledge":
            yield f"# knowledge: {', '.join(str(table.get('library', '?')) for table in value) or 'none'}"
        else:
            yield f"{key} = {_value(value)}{'  # default' if value == getattr(default, field) else ''}"
    yield ""
    yield f"{NAME[:-1]}.per-file-ignores]"
    for pattern, codes in configuration.per_file_ignores:
        yield f"{_value(pattern)} = {_value(codes)}"


def _value(value: object) -> str:
    """A value in TOML, whose strings, lists, and truth values are those of JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _rules(path: Path, choices: Choices) -> Iterator[str]:
    for rule in RULES:
        is_on, reason = choices.reason(rule.code, path, default_on=rule.default is Default.ON)
        yield f"# {rule.code} {rule.name} is {'' if is_on else 'not '}reported: {reason}"
