from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from click.testing import Result

if TYPE_CHECKING:
    from tests.cli.conftest import FakeSession


@pytest.mark.parametrize(("arguments", "respected"), [((), True), (("--ignore-noqa",), False)])
def test_comments_are_respected_unless_a_run_says_otherwise(
    run: Callable[..., Result], session: FakeSession, arguments: tuple[str, ...], respected: bool
) -> None:
    assert run("check", *arguments).exit_code == 0
    assert session.settings.respect_noqa is respected
