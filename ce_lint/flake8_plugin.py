"""The flake8 plugin `CEL`: the same findings as `ce-lint check`, one file at a time.

flake8 imports this module in every run, for projects that never heard of PyTorch too: the engine and libcst are
imported only for a file that can matter.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ce_lint import __version__
from ce_lint.engine.markers import can_matter

if TYPE_CHECKING:
    import argparse
    import ast

    from flake8.options.manager import OptionManager

    from ce_lint.engine.session import Session
    from ce_lint.engine.settings import Settings
    from ce_lint.findings import Place

LOG = logging.getLogger(__name__)

_PREFIX = "CEL"
_STDIN_NAMES = ("-", "stdin")

Result = tuple[int, int, str, type["Plugin"]]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user told flake8 that concerns us."""

    root: Path | None = None
    report_at: str = "auto"
    asked: tuple[str, ...] = ()
    """Prefixes of our codes that were asked for one by one, and so may be off by default."""
    strict: bool = False
    respect_noqa: bool = True

    @classmethod
    def of(cls, namespace: argparse.Namespace) -> Options:
        """Take them out of flake8's own."""
        # `select = CEL` turns the plugin on, and so does the `C` of an old Black recipe: neither asks for the codes
        # that are off by default. A longer prefix does.
        named = [*(namespace.select or ()), *(namespace.extend_select or ())]
        return cls(
            root=Path(namespace.cel_root) if namespace.cel_root else None,
            report_at=namespace.cel_report_at,
            asked=tuple(code for code in named if code.startswith(_PREFIX) and code != _PREFIX),
            strict=namespace.cel_strict,
            respect_noqa=not namespace.disable_noqa,
        )


class Plugin:
    """One file, as flake8 hands it over: perhaps an unsaved buffer, perhaps a notebook's JSON."""

    name = "ce-lint"
    version = __version__
    # flake8 gives the options to the class and makes an instance for each file.
    options: ClassVar[Options] = Options()

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
            "--cel-report-at",
            choices=("auto", "sink", "source", "both"),
            default="auto",
            parse_from_config=True,
            help="Where a finding is reported: at the loss, at the activation, or at both. (Default: at the loss; in a "
            "file that holds the activation only, there)",
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

    def run(self) -> Iterator[Result]:
        """Yield the findings that this file holds an end of."""
        text = "".join(self._lines)
        if not can_matter(text):
            return
        try:
            results = self._check(text)
        except Exception as error:
            # Whatever leaves a plugin ends the user's whole flake8 run, without the results of any file.
            if self.options.strict:
                raise
            LOG.warning("%s: ce-lint gave up: %s: %s", self._filename, type(error).__name__, error)
            LOG.debug("%s", self._filename, exc_info=True)
            return
        yield from results

    def _check(self, text: str) -> list[Result]:
        from ce_lint.engine.configuration import load_configuration, settings_for
        from ce_lint.engine.discovery import project_root
        from ce_lint.report.ends import ReportAt
        from ce_lint.report.flake8 import to_flake8

        path = Path("stdin" if self._filename in _STDIN_NAMES else self._filename)
        configuration = load_configuration(self.options.root or project_root(path))
        report = _session().check_text(path, text, settings_for(configuration, self._settings()))
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

    def _settings(self) -> Settings:
        from ce_lint.engine.settings import Settings

        options = self.options
        return Settings(
            root=options.root, extend_select=options.asked, strict=options.strict, respect_noqa=options.respect_noqa
        )


@functools.cache
def _session() -> Session:
    """Make the one session of this process: flake8 makes a plugin for each file, and editors run it for days."""
    from ce_lint.engine.session import Session

    return Session()
