"""The README says what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
EXAMPLE = [
    (re.search(r"# (\w+\.py)\n", code)[1], code)  # type: ignore[index]
    for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL)
]


def check(folder: Path) -> list[str]:
    (folder / "pyproject.toml").touch()
    result = subprocess.run(
        [sys.executable, "-m", "ce_lint", "check"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert result.stderr == ""
    return [line for line in result.stdout.splitlines() if ": CEL" in line]


def test_the_example_gives_the_message(tmp_path: Path) -> None:
    for name, code in EXAMPLE:
        (tmp_path / name).write_text(code)
    (line,) = check(tmp_path)
    assert f"\n{line}\n" in README


def test_after_the_change_nothing_is_found(tmp_path: Path) -> None:
    for name, code in EXAMPLE:
        (tmp_path / name).write_text(re.sub(r"return .*# wrong; right: ", "", code))
    assert check(tmp_path) == []


@pytest.mark.parametrize("option", re.findall(r"`(--[a-z-]+)", README))
def test_every_option_exists(option: str) -> None:
    helps = [["ce_lint", "check", "--help"], ["flake8", "--help"]]
    texts = [
        subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=True).stdout
        for words in helps
    ]
    assert any(re.search(rf"{option}\b", text) for text in texts)
