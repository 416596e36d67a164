"""docs/runtime.md: what it shows happens, and what it lists is complete."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from ce_lint.cli.main import main
from ce_lint.findings import RuntimeCheck, Verdict
from ce_lint.report.verdict import verdict_fields

PAGE = (Path(__file__).parents[2] / "docs" / "runtime.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```\n(.*?)(?=^```\w|\Z)", re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r"(?:^|\n)\n((?: {4}.+\n)+)")
NUMBER = re.compile(r"\d+\.\d+")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
COMMAND = re.compile(r"(?:^|`)ce-lint ([a-z]+)", re.MULTILINE)
NO_REASONS = {"WRONG_DIM", "AGREE", "IN_RANGE", "NO_GRAPH"}
"""Texts of the kernel that are a rule, why a call is refuted, and a part of other reasons."""


class Block(NamedTuple):
    """A fenced block of the page, and the output that the page shows between it and the next one."""

    language: str
    text: str
    output: str


BLOCKS = [Block(language, text, "".join(INDENTED.findall(rest))) for language, text, rest in FENCED.findall(PAGE)]
FILES = {match[1]: block.text for block in BLOCKS if (match := re.match(r"# (\w+\.py)\n", block.text))}
TO_RUN = [
    block
    for block in BLOCKS
    if block.language in {"python", "sh", "ipython"}
    and block.text not in FILES.values()
    and not re.search("pip install|benchmarks/", block.text)
]
"""Nothing is installed by a test, and nothing measured."""


def command_of(block: Block) -> list[str]:
    if block.language == "sh":
        return ["sh", "-e", "-c", block.text]
    if block.language == "ipython":
        return [sys.executable, "-m", "IPython", "-c", block.text]
    return [sys.executable, "-c", block.text]


def plain(text: str) -> str:
    """A text without what differs from machine to machine: the digits of fractions, indentation."""
    return "\n".join(NUMBER.sub("0.0", line).strip() for line in text.splitlines())


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize("block", TO_RUN, ids=lambda block: block.text.split("\n")[0])
def test_every_block_runs_and_prints_what_the_page_shows(block: Block, tmp_path: Path) -> None:
    imported = re.findall(r"(?:from|import) (?:ce_lint\.runtime\.ways\.)?(lightning|transformers)", block.text)
    for library in ("torch", "matplotlib", *imported, *(["IPython"] if block.language == "ipython" else [])):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    environment = {
        **os.environ,
        "IPYTHONDIR": str(tmp_path / ".ipython"),
        "OMP_NUM_THREADS": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }

    result = subprocess.run(
        command_of(block), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert plain(block.output) in plain(result.stdout)


def test_the_blocks_were_found() -> None:
    assert set(FILES) == {"train.py", "test_model.py"}
    assert len(TO_RUN) > 9
    assert [block.text.split("\n")[0] for block in TO_RUN if block.output] == [
        "from ce_lint.runtime import watch",
        "ce-lint confirm train.py || test $? = 1",
    ]


def test_the_fields_of_the_document_are_named() -> None:
    (block,) = (block for block in BLOCKS if block.language == "json")
    shown = json.loads(block.text)
    assert list(shown) == list(verdict_fields(RuntimeCheck(Verdict.CONFIRMED, "replay")) or {})


@pytest.mark.torch
def test_every_reason_is_in_the_table() -> None:
    pytest.importorskip("torch")
    from ce_lint.runtime.diagnosis import values, verdict

    reasons = {
        text
        for module in (values, verdict)
        for name, text in vars(module).items()
        if name.isupper() and isinstance(text, str) and name not in NO_REASONS
    }
    written = re.sub(r"\s+", " ", PAGE)
    assert len(reasons) > 10
    assert [reason for reason in sorted(reasons) if f"| {reason} |" not in written] == []


def test_every_command_and_every_option_exists() -> None:
    named = set(COMMAND.findall(PAGE))
    assert named == {"run", "confirm", "check", "demo"}
    helps = [CliRunner().invoke(main, [name, "--help"]).output for name in named]
    options = set(OPTION.findall(PAGE)) - {"--ce-lint"}  # pytest's own
    assert len(options) > 8
    offered = {option for text in helps for option in OPTION.findall(text)}
    assert options <= offered
