"""`ce-lint lsp`."""

from __future__ import annotations

import logging
import sys

import click

from ce_lint.cli.refusals import Refused

_LEVELS = ("error", "warning", "info", "debug")
_OWN_HOST = "127.0.0.1"
_LAST_PORT = 65_535


@click.command()
@click.option(
    "--tcp",
    metavar="[HOST:]PORT",
    callback=lambda _context, _parameter, value: None if value is None else _address(value),
    help=f"Wait for one client on a port (of {_OWN_HOST} unless a host is named) instead of standard input and output.",
)
@click.option(
    "--log-level",
    type=click.Choice(_LEVELS),
    default="warning",
    show_default=True,
    help="How much is written to standard error.",
)
def lsp(tcp: tuple[str, int] | None, log_level: str) -> None:
    """Run the language server for an editor, which starts it.

    It ends with its client. Needs the extra: `pip install "ce-lint[lsp]"`.
    """
    try:
        from ce_lint.fixes.plan import Planner
        from ce_lint.lsp.serving import serve_on_a_port, serve_on_standard_streams
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Refused('the language server needs pygls 2: python -m pip install "ce-lint[lsp]"') from error
    _log(log_level)
    if tcp is None:
        if sys.stdin is None or sys.stdout is None:
            raise Refused("standard input or output is closed: an editor starts this command, or connects to --tcp")
        serve_on_standard_streams(Planner)
    else:
        try:
            serve_on_a_port(Planner, *tcp, _tell_address)
        except OSError as error:
            raise Refused(f"cannot listen on {tcp[0]}:{tcp[1]}: {error.strerror or error}") from error


def _address(text: str) -> tuple[str, int]:
    """Read an address; port 0 is any that is free."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > _LAST_PORT:
        raise click.BadParameter(f"{text!r} is no port, and no host and port as in {_OWN_HOST}:2087")
    return host.strip("[]") or _OWN_HOST, int(port)


def _tell_address(host: str, port: int) -> None:
    click.echo(f"ce-lint: waiting for a client on {host}:{port}", err=True)


def _log(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level.upper())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if level == "debug" else logging.WARNING, handlers=[handler])
    if level != "debug":
        # To cancel what is answered by then is all right.
        logging.getLogger("pygls").setLevel(logging.ERROR)
    # What a user may want to know is sent to the client, whatever is written here.
    logging.getLogger("ce_lint").setLevel(logging.DEBUG if level == "debug" else logging.INFO)
