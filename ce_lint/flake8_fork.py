"""What flake8's worker processes inherit: the projects are analysed once, before the first of them is forked."""

from __future__ import annotations

import functools
import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint.engine.markers import can_matter_bytes

if TYPE_CHECKING:
    import argparse

LOG = logging.getLogger(__name__)

Prepare = Callable[[Sequence[Path]], None]
"""Finds what is known of the projects of some files."""


class BeforeFork:
    """The work that is done once, in the process that forks flake8's pool.

    flake8 forks it (on Linux, up to Python 3.13) after all plugins have taken over their options, and only for several
    files and jobs. Elsewhere each worker, or the one process, finds what it needs by itself.
    """

    def __init__(self) -> None:
        self._work: Callable[[], None] | None = None
        self._done_for: object = None
        self._is_registered = False

    def do(self, namespace: argparse.Namespace, prepare: Prepare) -> None:
        """Prepare for the files of flake8's options, should it fork its workers in this process."""
        if not hasattr(os, "register_at_fork"):
            return
        self._work = functools.partial(_prepared, namespace, prepare)
        if not self._is_registered:
            self._is_registered = True  # what is registered cannot be taken back
            os.register_at_fork(before=functools.partial(self._before_fork, os.getpid()))

    def _before_fork(self, pid: int) -> None:
        pool = _pool_being_made()
        # Whoever forks while it is done comes here again, and so does each worker of the pool.
        if self._work is None or pool is None or pool is self._done_for or os.getpid() != pid:
            return
        self._done_for = pool
        self._work()


def _pool_being_made() -> object:
    """What the workers of flake8's pool inherit: it is there, under the one name or the other, while that is made."""
    checker = sys.modules.get("flake8.checker")
    return getattr(checker, "_mp", None) or getattr(checker, "_mp_plugins", None)


def _prepared(namespace: argparse.Namespace, prepare: Prepare) -> None:
    try:
        files = _files(namespace)
        if any(map(_can_matter, files)):
            prepare(files)
    except Exception as error:
        # The workers meet it again, and say in which file.
        LOG.debug("ce-lint could not prepare: %s: %s", type(error).__name__, error, exc_info=error)
    # The workers share the pages of what is there, as long as no collector writes to them.
    gc.freeze()


def _files(namespace: argparse.Namespace) -> list[Path]:
    """The files that flake8 is about to look at."""
    from flake8.discover_files import expand_paths

    found = expand_paths(
        paths=namespace.filenames,
        stdin_display_name=namespace.stdin_display_name,
        filename_patterns=namespace.filename,
        exclude=(*namespace.exclude, *namespace.extend_exclude),
    )
    return [Path(name) for name in found]


def _can_matter(file: Path) -> bool:
    try:
        return can_matter_bytes(file.read_bytes())
    except OSError:
        return False
