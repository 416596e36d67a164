"""The benchmarks are no part of the package: they are imported from the checkout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from benchmarks.records import Setting

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def ce_lint() -> Path:
    """The command beside the Python of the tests."""
    return Path(sys.executable).with_name("ce-lint")


@pytest.fixture
def setting(ce_lint: Path, tmp_path: Path) -> Setting:
    """The smallest of everything."""
    from benchmarks.records import Setting

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Setting(ce_lint=ce_lint, scratch=scratch, rounds=1, is_quick=True)
