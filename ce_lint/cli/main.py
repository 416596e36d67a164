"""The command group and its entry point."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

from ce_lint import __version__

_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "cache": "ce_lint.cli.cache",
        "check": "ce_lint.cli.check",
        "config": "ce_lint.cli.config",
        "confirm": "ce_lint.cli.confirm",
        "demo": "ce_lint.cli.demo",
        "doctor": "ce_lint.cli.doctor",
        "explain": "ce_lint.cli.rules",
        "index": "ce_lint.cli.index",
        "lsp": "ce_lint.cli.lsp",
        "rules": "ce_lint.cli.rules",
        "run": "ce_lint.cli.run",
    }
)
"""The commands, and the modules that hold them, each under its own name."""


class Commands(click.Group):
    """A group of which only the command that is run is imported: the others take longer than a small file."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None where there is none of this name."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ce-lint", message="%(prog)s %(version)s")
def main() -> None:
    """Find softmax outputs, and their relatives, that reach a loss which applies them itself."""
