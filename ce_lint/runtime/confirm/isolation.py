"""Keeps the network from code that is executed to confirm a finding: as far as a process can do that to itself.

What holds everywhere: Python's own sockets refuse to look names up, to connect and to send, other than to sockets of
this machine's file system. What holds besides on Linux, where the kernel grants it to the user: the process and all
its children are in a network namespace of their own, which has no way out. Where it is not granted, an extension module
with sockets of its own, and a program that the code starts, can still reach the network.
"""

from __future__ import annotations

import ctypes
import logging
import os
import socket
import sys
from pathlib import Path

LOG = logging.getLogger(__name__)

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_REFUSED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})


class NetworkRefusedError(OSError):
    """The program wanted the network while one of its findings was confirmed."""


def refuse_network() -> None:
    """Take the network from this process for the rest of its life."""
    if sys.platform == "linux":
        _enter_empty_namespace()
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Raise where Python is about to use the network (the audit events of the `socket` module)."""
    if event in _LOOKUPS:
        raise NetworkRefusedError(f"no network while a finding is confirmed: {event.partition('.')[2]}")
    if event in _REFUSED and not _is_local(arguments[0]):
        raise NetworkRefusedError(f"no network while a finding is confirmed: {event.partition('.')[2]}")


def _is_local(used: object) -> bool:
    return isinstance(used, socket.socket) and used.family == getattr(socket, "AF_UNIX", None)


def _enter_empty_namespace() -> None:
    """Leave the machine's network for a namespace of this process's own, whose only device is down (unshare(2))."""
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) == 0:
        return
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        LOG.info("no network namespace: %s", os.strerror(ctypes.get_errno()))
        return
    try:
        # The same user and group inside, so that files and home folders stay what they are.
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    except OSError as error:
        LOG.info("the user has no name in the new namespace: %s", error)
