"""What torch brings along and leaves behind."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def no_monitor() -> None:
    """No thread that watches progress bars, which torch.compile draws, is left running."""
    try:
        from tqdm import tqdm
    except ImportError:
        return
    tqdm.monitor_interval = 0
