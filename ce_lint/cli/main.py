"""The command group and its entry point."""

from __future__ import annotations

import click

from ce_lint import __version__
from ce_lint.cli.check import check
from ce_lint.cli.config import config
from ce_lint.cli.confirm import confirm
from ce_lint.cli.demo import demo
from ce_lint.cli.doctor import doctor
from ce_lint.cli.lsp import lsp
from ce_lint.cli.rules import explain, rules
from ce_lint.cli.run import run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ce-lint", message="%(prog)s %(version)s")
def main() -> None:
    """Find softmax outputs, and their relatives, that reach a loss which applies them itself."""


main.add_command(check)
main.add_command(config)
main.add_command(confirm)
main.add_command(demo)
main.add_command(doctor)
main.add_command(explain)
main.add_command(lsp)
main.add_command(rules)
main.add_command(run)
