"""One small text, asked for the value of a name or for its findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Report
from ce_lint.interpreter.sinks import Interpreter
from ce_lint.interpreter.values import Value
from ce_lint.knowledge.loader import load
from ce_lint.program.program import Program

HEAD = "import torch, functools\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

Evaluate = Callable[[str], Value]
Check = Callable[..., Report]


@pytest.fixture
def evaluate(tmp_path: Path) -> Evaluate:
    """The value of `r` at the end of a module."""

    def value(text: str) -> Value:
        path = tmp_path / "m.py"
        path.write_text(HEAD + text)
        machine = Interpreter(Program(tmp_path, (path,)), load()).machine
        machine.begin()
        return machine.evaluate(machine.body(path), machine.module_ir(path).functions[0].exits["r"])

    return value


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """The report on files, each given by its name without the suffix."""

    def report(**texts: str) -> Report:
        for name, text in texts.items():
            (tmp_path / f"{name}.py").write_text(HEAD + text)
        settings = Settings(select=("CEL",), ignore=("CEL901",), root=tmp_path, strict=True)
        return Session().check([tmp_path], settings)

    return report
