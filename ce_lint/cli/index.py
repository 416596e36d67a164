"""`ce-lint index`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ce_lint.cli.files import file_named, size_in_words, told_of_standard_output, whole_file
from ce_lint.cli.options import files_options
from ce_lint.cli.progress import progress
from ce_lint.cli.refusals import Refused
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.supply.processors import processors

if TYPE_CHECKING:
    from ce_lint.engine.ahead import Indexed


def _file(_context: click.Context, _parameter: click.Parameter, name: str) -> Path | None:
    return file_named(name)


def _shard(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    number, count = map(int, match.groups()) if match else (0, 0)
    if not 1 <= number <= count:
        raise click.BadParameter(f"{text!r} is no part as in 1/3, 2/3, 3/3")
    return number, count


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--shard",
    metavar="K/N",
    default="1/1",
    envvar="CE_LINT_SHARD",
    show_envvar=True,
    callback=_shard,
    help="Take the K-th of N parts of the files; default: all of them.",
)
@click.option(
    "-o",
    "--output-file",
    "file",
    metavar="FILE",
    required=True,
    callback=_file,
    help="Write the index to this file; `-` is standard output.",
)
@files_options
@click.option("--jobs", type=click.IntRange(min=1), help="Processes to use; default: one for each processor.")
def index(
    paths: tuple[Path, ...], shard: tuple[int, int], file: Path | None, asked: Settings, jobs: int | None
) -> None:
    """Read the syntax of files for a later `ce-lint check --index FILE`, on this machine or another one.

    Takes the files that a check of these paths (default: the current folder) may follow. What is wrong with a file is
    said by the check.

    Exit status: 0, or 2 for wrong usage or configuration, and for a file that cannot be written.
    """
    from ce_lint.engine.ahead import Shard, write_index

    part, looked, processes = Shard(*shard), paths or (Path(),), jobs or processors()
    try:
        with progress("reading"):
            if file is None:
                with told_of_standard_output():
                    found = write_index(sys.stdout.buffer, looked, asked, part, processes)
                    sys.stdout.buffer.flush()
            else:
                with whole_file(file) as stream:
                    found = write_index(stream, looked, asked, part, processes)
    except UsageError as error:
        raise Refused(str(error)) from error
    click.echo(_told(file or Path("-"), found), err=True)


def _told(file: Path, found: Indexed) -> str:
    files = "1 file" if found.files == 1 else f"{found.files} files"
    contents = "1 content" if found.contents == 1 else f"{found.contents} contents"
    return f"{file}: {contents} of {files}, {size_in_words(found.size)}"
