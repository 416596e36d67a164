"""How many processes can work side by side."""

from __future__ import annotations

import os


def processors() -> int:
    """How many processors this process may use: a container or a batch system often grants fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
