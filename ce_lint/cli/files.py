"""The options that name a file to be written, which is refused before the work is done whose result it is to hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ce_lint.runtime.pictures.files import picture_file

_FILE = click.Path(path_type=Path, dir_okay=False)

_Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def output_file_option(text: str) -> _Option:
    """Declare `--output-file`."""
    return click.option("--output-file", type=_FILE, callback=_output_file, help=text)


def plot_option(text: str) -> _Option:
    """Declare `--plot`: a picture, as .png or .svg."""
    return click.option("--plot", type=_FILE, callback=_picture, help=text)


def _output_file(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    if file is None:
        return None
    if not file.name:
        raise click.BadParameter("a file has a name")
    if not file.parent.is_dir():
        raise click.BadParameter(f"{file}: cannot be written: there is no folder {file.parent}")
    return file


def _picture(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    try:
        return None if file is None else picture_file(file)
    except (ValueError, OSError) as error:
        raise click.BadParameter(str(error)) from error
