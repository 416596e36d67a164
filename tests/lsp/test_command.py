"""`ce-lint lsp` as a command."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from ce_lint.cli.main import main


def run(*arguments: str, without: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import sys\nsys.modules[{without!r}] = None\nfrom ce_lint.cli.main import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, "lsp", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pygls", "lsprotocol"])
def test_without_the_extra_it_says_how_to_get_it(library: str) -> None:
    result = run(without=library)

    assert result.returncode == 2
    assert result.stderr == 'Error: the language server needs pygls 2: python -m pip install "ce-lint[lsp]"\n'
    assert result.stdout == ""


@pytest.mark.parametrize("address", ["x", "1:2:x", "65536", "", "-1", "host:"])
def test_what_is_no_address_is_refused(address: str) -> None:
    result = CliRunner().invoke(main, ["lsp", "--tcp", address])

    assert result.exit_code == 2
    assert f"{address!r} is no port" in result.output


@pytest.mark.slow
def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--tcp", str(port))

    assert result.returncode == 2
    assert f"Error: cannot listen on 127.0.0.1:{port}: " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_without_a_client_it_ends() -> None:
    assert run().returncode == 0
