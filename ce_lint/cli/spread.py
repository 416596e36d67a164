"""The options that say what other machines have done, or are to do."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from ce_lint.cli.answers import STDIN
from ce_lint.cli.caching import Caching
from ce_lint.cli.options import Command, declared
from ce_lint.cli.refusals import Refused
from ce_lint.engine.configuration.settings import Settings

if TYPE_CHECKING:
    from ce_lint.supply.stored import Shelf


class Spread(msgspec.Struct, frozen=True):
    """What was asked for."""

    indexes: tuple[Path, ...] = ()
    """The files that `ce-lint index` has written."""
    scheduler: str | None = None
    """The address of a dask cluster."""

    @contextlib.contextmanager
    def shelves(self, paths: tuple[Path, ...], asked: Settings, caching: Caching) -> Iterator[tuple[Shelf, ...]]:
        """Open what holds the results of other machines, for as long as the block lasts; raise Refused."""
        if not self.indexes and self.scheduler is None:
            yield ()
            return
        import tempfile

        from ce_lint.engine.ahead import open_indexes
        from ce_lint.engine.errors import UsageError

        with contextlib.ExitStack() as opened:
            try:
                shelves = open_indexes(self.indexes)
                if self.scheduler is not None:
                    folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="ce-lint-")))
                    shelves = (*shelves, _from_cluster(self.scheduler, paths, asked, caching, shelves, folder))
            except UsageError as error:
                raise Refused(str(error)) from error
            yield shelves


def spread_options(command: Command) -> Command:
    """Declare `--index` and `--dask`; the command gets them as `spread`."""

    @functools.wraps(command)
    def with_spread(*arguments: object, index: tuple[Path, ...], dask: str | None, **others: object) -> object:
        return command(*arguments, spread=Spread(index, dask), **others)

    return declared(
        with_spread,
        click.option(
            "--index",
            type=click.Path(path_type=Path),
            multiple=True,
            metavar="FILE",
            help="What `ce-lint index` has found out about the files, on whichever machine; repeatable.",
        ),
        click.option(
            "--dask",
            metavar="ADDRESS",
            help="Let the workers of a dask cluster read the files' syntax; the address of its scheduler.",
        ),
    )


def _from_cluster(
    scheduler: str, paths: tuple[Path, ...], asked: Settings, caching: Caching, shelves: tuple[Shelf, ...], folder: Path
) -> Shelf:
    from ce_lint.engine.ahead import lower_on_cluster
    from ce_lint.engine.errors import UsageError
    from ce_lint.engine.keeping import Keeping

    if STDIN in paths:
        raise UsageError("--dask is for files and folders, not for standard input (-)")
    keeping = Keeping(caching.folder_of, 1, shelves)
    try:
        return lower_on_cluster(scheduler, paths or (Path(),), asked, keeping, folder / "results", _tell)
    except ModuleNotFoundError as error:
        if error.name != "distributed":
            raise
        raise UsageError('--dask needs dask.distributed: python -m pip install "ce-lint[dask]"') from error
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {(error.strerror or str(error)).lower()}") from error
    finally:
        keeping.close()


def _tell(line: str) -> None:
    click.echo(line, err=True)
