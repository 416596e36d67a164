from __future__ import annotations

import socket
import subprocess
import sys

import pytest

REFUSED = """
from ce_lint.runtime.confirm.isolation import NetworkRefusedError, refuse_network
refuse_network()
import socket
try:
    {attempt}
except NetworkRefusedError as error:
    print(error)
"""
IN_A_CHILD = """
import os, subprocess, sys
from ce_lint.runtime.confirm.isolation import refuse_network
user = os.getuid(), os.getgid()
refuse_network()
assert (os.getuid(), os.getgid()) == user
code = "import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
print(subprocess.run([sys.executable, "-c", code], capture_output=True).returncode)
"""


def output(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("attempt", "event"),
    [
        ("socket.create_connection(('127.0.0.1', 9))", "getaddrinfo"),
        ("socket.socket().connect(('127.0.0.1', 9))", "connect"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))", "sendto"),
        ("socket.getaddrinfo('localhost', 9)", "getaddrinfo"),
        ("socket.gethostbyname('localhost')", "gethostbyname"),
    ],
)
def test_sockets_of_python_are_refused(attempt: str, event: str) -> None:
    assert output(REFUSED.format(attempt=attempt)) == f"no network while a finding is confirmed: {event}\n"


def test_pairs_of_sockets_work() -> None:
    assert output(REFUSED.format(attempt="a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))")) == "b'x'\n"


def namespaces_are_granted() -> bool:
    code = (
        "import ctypes; libc = ctypes.CDLL(None)\nprint(libc.unshare(0x40000000) == 0 or libc.unshare(0x50000000) == 0)"
    )
    return sys.platform == "linux" and output(code) == "True\n"


@pytest.mark.skipif(not namespaces_are_granted(), reason="this system grants no network namespace")
def test_where_the_kernel_grants_it_programs_that_the_code_starts_have_no_network_either() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert output(IN_A_CHILD.format(port=port)) == "1\n"
        plain = IN_A_CHILD.replace("refuse_network()\nassert", "assert")
        assert output(plain.format(port=port)) == "0\n", "the server cannot be reached anyway"
