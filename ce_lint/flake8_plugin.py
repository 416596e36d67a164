"""The flake8 plugin `CEL`: the same findings as `ce-lint check`, one file at a time.

flake8 imports this module in every run, for projects that never heard of PyTorch too: the engine and libcst are
imported only for a file that can matter.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ce_lint import __version__
from ce_lint.engine.markers import can_concern_us
from ce_lint.flake8_fork import BeforeFork

if TYPE_CHECKING:
    import argparse
    import ast

    from flake8.options.manager import OptionManager

    from ce_lint.engine.configuration.settings import Settings
    from ce_lint.engine.session import Session
    from ce_lint.findings import Place

LOG = logging.getLogger(__name__)

_PREFIX = "CEL"
_REFUSED = "CEL000"
"""What stands before the reason why nothing is checked; a rule of this code there is not, and never will be."""
_REPORT_AT = ("auto", "sink", "source", "both")
"""The values of `ReportAt`, which is imported later."""
_STDIN_NAMES = ("-", "stdin")

Result = tuple[int, int, str, type["Plugin"]]


class Options(NamedTuple):
    """What the user told flake8 that concerns us."""

    root: Path | None = None
    report_at: str = "auto"
    select: tuple[str, ...] | None = None
    """Prefixes of our codes that are reported instead of those that the project selects."""
    extend_select: tuple[str, ...] = ()
    """Prefixes of our codes that were asked for one by one, and so may be off by default."""
    src: tuple[Path, ...] = ()
    baseline: Path | None = None
    is_on: bool = True
    """Whether flake8 prints anything that starts with our prefix."""
    shows_refusals: bool = True
    """Whether flake8 prints a line with `_REFUSED`."""
    strict: bool = False
    respect_noqa: bool = True
    is_cached: bool = True
    """Whether results are kept between two runs."""
    cache_folder: Path | None = None
    """The one folder for those of all projects."""

    @classmethod
    def of(cls, namespace: argparse.Namespace) -> Options:
        """Take them out of flake8's own."""
        # `select = CEL` turns the plugin on, and so does the `C` of an old Black recipe: neither says which of our
        # codes. A longer prefix does, also for those that are off by default.
        select, extend_select = namespace.select or (), namespace.extend_select or ()
        is_turned_on = any(_PREFIX.startswith(code) for code in select)
        selected, added = _longer(select), _longer(extend_select)
        named = (*select, *extend_select)
        folder = namespace.cel_cache_dir or os.environ.get("CE_LINT_CACHE_DIR")
        is_default = namespace.select is None
        return cls(
            root=Path(namespace.cel_root) if namespace.cel_root else None,
            report_at=namespace.cel_report_at,
            select=selected if selected and not is_turned_on else None,
            extend_select=(*selected, *added) if is_turned_on else added,
            # A name without `/` is left as it is by flake8.
            src=tuple(Path(os.path.abspath(source)) for source in namespace.cel_src or ()),
            baseline=Path(namespace.cel_baseline) if namespace.cel_baseline else None,
            is_on=is_default or any(code.startswith(_PREFIX) or _PREFIX.startswith(code) for code in named),
            shows_refusals=is_default or any(_REFUSED.startswith(code) for code in named),
            strict=namespace.cel_strict,
            respect_noqa=not namespace.disable_noqa,
            is_cached=not (namespace.cel_no_cache or os.environ.get("CE_LINT_NO_CACHE")),
            cache_folder=Path(folder) if folder else None,
        )

    def settings(self) -> Settings:
        """Say it to the engine."""
        from ce_lint.engine.configuration.settings import Settings

        return Settings(
            root=self.root,
            select=self.select,
            extend_select=self.extend_select,
            src=self.src,
            baseline=self.baseline,
            strict=self.strict,
            respect_noqa=self.respect_noqa,
        )


class Plugin:
    """One file, as flake8 hands it over: perhaps an unsaved buffer, perhaps a notebook's JSON."""

    name = "ce-lint"
    version = __version__
    # flake8 gives the options to the class and makes an instance for each file.
    options: ClassVar[Options] = Options()
    _before_fork: ClassVar[BeforeFork] = BeforeFork()
    _prepared: ClassVar[Session | None] = None
    """The session, where it was told which files are going to be looked at."""

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        """Keep the text; `tree` is named only because flake8 calls a plugin once a file for its sake."""
        self._filename = filename
        self._lines = lines

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        """Register our options, for the command line and for flake8's configuration files."""
        manager.add_option(
            "--cel-root",
            metavar="DIR",
            parse_from_config=True,
            normalize_paths=True,
            help="The project folder that values are followed in. (Default: the nearest one above each file that holds "
            "pyproject.toml, setup.cfg, setup.py or .git)",
        )
        manager.add_option(
            "--cel-src",
            metavar="DIRS",
            parse_from_config=True,
            comma_separated_list=True,
            normalize_paths=True,
            help="Comma-separated folders that absolute imports are looked for in, right after the importing file's "
            "own. (Default: those of [tool.ce-lint])",
        )
        manager.add_option(
            "--cel-baseline",
            metavar="FILE",
            parse_from_config=True,
            normalize_paths=True,
            help="The file of known findings, which are not reported. (Default: that of [tool.ce-lint])",
        )
        manager.add_option(
            "--cel-report-at",
            choices=_REPORT_AT,
            default="auto",
            parse_from_config=True,
            help="Where a finding is reported: at the loss, at the activation, or at both. (Default: at the loss; in a "
            "file that holds the activation only, there)",
        )
        manager.add_option(
            "--cel-cache-dir",
            metavar="DIR",
            parse_from_config=True,
            normalize_paths=True,
            help="The folder for results of earlier runs. (Default: CE_LINT_CACHE_DIR, else .ce_lint_cache in the "
            "project folder)",
        )
        manager.add_option(
            "--cel-no-cache",
            action="store_true",
            parse_from_config=True,
            help="Neither use nor keep results of earlier runs.",
        )
        manager.add_option(
            "--cel-strict",
            action="store_true",
            parse_from_config=True,
            help="Raise what goes wrong inside the analysis instead of logging it.",
        )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take over what the user chose."""
        cls.options = Options.of(options)
        cls._prepared = None
        if cls.options.is_on:
            cls._before_fork.do(options, cls._prepare)

    @classmethod
    def _prepare(cls, files: Sequence[Path]) -> None:
        """Find what is known of the projects of some files, for the processes that look at them."""
        cls._prepared = None
        session = _session(cls.options.is_cached, cls.options.cache_folder)
        session.prepare(files, cls._asked())
        cls._prepared = session

    def run(self) -> Iterator[Result]:
        """Yield the findings that this file holds an end of."""
        if not self.options.is_on or (self._prepared is not None and self._prepared.is_silent_about(self._filename)):
            return
        text = "".join(self._lines)
        if not can_concern_us(text):
            return
        try:
            results = self._check(text)
        except Exception as error:
            results = self._without_answer(error)
        yield from results

    def _without_answer(self, error: Exception) -> list[Result]:
        """What is said where nothing could be checked: a plugin that raises ends the user's whole flake8 run."""
        from ce_lint.engine.errors import UsageError

        if isinstance(error, UsageError):
            if self.options.shows_refusals:
                return [(1, 0, f"{_REFUSED} not checked: {error}", type(self))]
            # Nobody would see that line, and the run would pass.
            from flake8.exceptions import ExecutionError

            raise ExecutionError(str(error)) from error
        if self.options.strict:
            raise error
        LOG.warning("%s: ce-lint gave up: %s: %s", self._filename, type(error).__name__, error)
        LOG.debug("%s", self._filename, exc_info=error)
        return []

    @classmethod
    def _asked(cls) -> Settings:
        """What is asked of the engine; raise UsageError for what cannot be meant."""
        from ce_lint.engine.errors import UsageError

        asked = cls.options.settings()
        if cls.options.report_at not in _REPORT_AT:
            # What a configuration file says, flake8 does not compare with the choices.
            raise UsageError(f'--cel-report-at: "{cls.options.report_at}" is none of {", ".join(_REPORT_AT)}')
        for folder in asked.src:
            if not folder.is_dir():
                raise UsageError(f"--cel-src: there is no folder {folder}")
        return asked

    def _check(self, text: str) -> list[Result]:
        from ce_lint.engine.configuration.choices import Choices
        from ce_lint.engine.configuration.selection import UNUSED, is_selected
        from ce_lint.engine.discovery import is_excluded
        from ce_lint.engine.markers import can_matter
        from ce_lint.report.ends import ReportAt
        from ce_lint.report.flake8 import to_flake8

        path = Path("stdin" if self._filename in _STDIN_NAMES else self._filename)
        asked = self._asked()
        settings = Choices(asked).settings(Path(os.path.abspath(path)).parent)
        if is_excluded(path, asked):
            return []
        if not can_matter(text) and not is_selected(UNUSED, settings, default_on=False):
            return []
        report = _session(self.options.is_cached, self.options.cache_folder).check_text(path, text, asked)
        this_file = path.resolve()

        def is_linted(shown: str) -> bool:
            return Path(shown).resolve() == this_file

        def is_shown(place: Place) -> bool:
            return is_linted(place.path)

        for problem in report.errors:
            if is_linted(problem.path):
                LOG.warning("%s:%d: %s", problem.path, problem.line, problem.message)
        report_at = ReportAt(self.options.report_at)
        return [(line, column, message, type(self)) for line, column, message in to_flake8(report, is_shown, report_at)]


def _longer(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(code for code in codes if code.startswith(_PREFIX) and code != _PREFIX)


@functools.cache
def _session(is_cached: bool, folder: Path | None) -> Session:
    """Make the one session of this process: flake8 makes a plugin for each file, and editors run it for days."""
    from ce_lint.engine.keeping import Keeping
    from ce_lint.engine.session import Session
    from ce_lint.store.folder import FOLDER
    from ce_lint.supply.processors import processors

    def folder_of(root: Path) -> Path | None:
        return (folder or root / FOLDER) if is_cached else None

    return Session(Keeping(folder_of, processors()), holds_evidence=False)
