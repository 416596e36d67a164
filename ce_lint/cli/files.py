"""Files that a command writes: refused before the work is done whose result they are to hold, and written whole."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import click

from ce_lint.report.encoding import in_utf_8

_FILE = click.Path(path_type=Path, dir_okay=False)

_Option = Callable[[Callable[..., Any]], Callable[..., Any]]


class CannotBeWritten(click.ClickException):
    """A file that cannot be written, and why, in one line."""

    exit_code = click.UsageError.exit_code

    def __init__(self, file: Path, reason: str) -> None:
        """Name the file first."""
        super().__init__(f"{file}: cannot be written: {reason}")


def output_file_option(text: str, *names: str) -> _Option:
    """Declare `--output-file`, and shorter names for it."""
    return click.option(*names, "--output-file", type=_FILE, callback=_output_file, help=text)


def plot_option(text: str) -> _Option:
    """Declare `--plot`: a picture, as .png or .svg."""
    return click.option("--plot", type=_FILE, callback=_picture, help=text)


def writable(file: Path) -> Path:
    """Return the file; raise click.BadParameter where it cannot be written, as far as can be known before."""
    from ce_lint.engine.discovery import SUFFIXES

    if not file.name:
        raise click.BadParameter("a file has a name")
    try:
        if file.is_dir():
            raise click.BadParameter(f"{file}: cannot be written: it is a folder")
        if not file.parent.is_dir():
            raise click.BadParameter(f"{file}: cannot be written: there is no folder {file.parent}")
        if file.suffix in SUFFIXES and file.exists():
            # In `check -o train.py`, it is most often the file to be checked.
            raise click.BadParameter(f"{file}: cannot be written: it is source code")
        if not _is_written_in_place(file):
            # Whether a folder takes a file of such a name is known only by making one.
            beside = _beside(_target(file))
            beside.touch()
            beside.unlink()
    except OSError as error:
        raise click.BadParameter(f"{file}: cannot be written: {_reason(error)}") from error
    return file


def file_named(name: str | Path) -> Path | None:
    """Return the file that an output goes to, None for `-`; raise click.BadParameter as `writable` does."""
    return None if str(name) == "-" else writable(Path(name))


@contextlib.contextmanager
def told_of_standard_output() -> Iterator[None]:
    """Raise CannotBeWritten for what goes wrong with it, except where nobody reads it any more: click ends the run."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would fail once more when Python ends, and change the exit status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CannotBeWritten(Path("standard output"), _reason(error)) from error


def write_files(contents: Mapping[Path, str]) -> None:
    """Write all files in UTF-8: each whole, and none before all of them have found room on the disk.

    Raises CannotBeWritten.
    """
    beside = {file: _beside(_target(file)) for file in contents if not _is_written_in_place(file)}
    try:
        for file, content in contents.items():
            with _told_of(file):
                # A device or a pipe is not to be replaced by a file.
                beside.get(file, file).write_bytes(in_utf_8(content))
        for file, written in beside.items():
            with _told_of(file):
                written.replace(_target(file))
    finally:
        for written in beside.values():
            # Mostly it is not there any more; what went wrong with it has been said.
            with contextlib.suppress(OSError):
                written.unlink()


@contextlib.contextmanager
def whole_file(file: Path) -> Iterator[BinaryIO]:
    """Open a file to write bytes to it, which appears when the block ends well; raise CannotBeWritten."""
    target = None if _is_written_in_place(file) else _target(file)
    written = file if target is None else _beside(target)
    try:
        with _told_of(file), written.open("wb") as stream:
            yield stream
        if target is not None:
            with _told_of(file):
                written.replace(target)
    finally:
        if target is not None:
            # Mostly it is not there any more; what went wrong with it has been said.
            with contextlib.suppress(OSError):
                written.unlink()


@contextlib.contextmanager
def _told_of(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotBeWritten(file, _reason(error)) from error


def _is_written_in_place(file: Path) -> bool:
    return file.exists() and not file.is_file()


def _target(file: Path) -> Path:
    # A link keeps pointing where it does.
    return Path(os.path.realpath(file))


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}")


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _output_file(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    return None if file is None else file_named(file)


def _picture(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    if file is None:
        return None
    from ce_lint.runtime.pictures.files import picture_file

    try:
        return picture_file(file)
    except (ValueError, OSError) as error:
        raise click.BadParameter(str(error)) from error


def size_in_words(size: int) -> str:
    """A number of bytes, as a person reads it."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"
