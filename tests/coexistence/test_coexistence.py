"""Beside other plugins, ruff and nbQA, each tool reports what it reports alone."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.coexistence.conftest import Environment

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "fixtures"

PLUGINS = {"ce-lint": "CEL", "flake8-bugbear": "B", "TorchFix": "TOR"}
"""The packages that bring a plugin, each with what its codes start with."""

LOSS = "    return F.cross_entropy(F.softmax(x, dim=1), y)\n"
FILES = {
    "loss.py": f"import torch.nn.functional as F\n\n\ndef step(x, y):\n{LOSS}",
    "bear.py": "def collect(value, values=[]):\n    values.append(value)\n    return values\n",
    "fix.py": "import torch\n\n\ndef parts(x):\n    return torch.svd(x)\n",
    "all.py": "import os\n\nimport torch\nimport torch.nn.functional as F\n\n\n"
    f"def step(x, y, seen=[]):\n    seen.append(torch.svd(x))\n{LOSS}",
    "model.py": "import torch.nn.functional as F\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
    "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(20, 10)\n\n"
    "    def forward(self, x):\n        return F.softmax(self.fc(x), dim=1)\n",
    "train.py": "from torch import nn\n\nfrom model import Net\n\nnet, criterion = Net(), nn.CrossEntropyLoss()\n\n\n"
    "def step(x, y):\n    return criterion(net(x), y)\n",
}
REPORTED = {
    "CEL": {"loss.py CEL001", "all.py CEL001", "model.py CEL001", "train.py CEL001"},
    "B": {"bear.py B006", "all.py B006"},
    "TOR": {"fix.py TOR101", "all.py TOR101"},
    "": {"all.py F401"},
}

NOQA = f"import torch.nn.functional as F\n\n\ndef step(x, y):\n{LOSS.rstrip()}  # noqa: CEL001\n"
SHARED_NOQA = "import os  # noqa: F401, CEL001\n"
OURS = f"import torch.nn.functional as F\n\n\ndef step(x, y):\n{LOSS.rstrip()}  # ce-lint: ignore[CEL001] a lesson\n"
EXTERNAL = '[tool.ruff]\nlint.external = ["CEL"]\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A finding for each plugin, in one file and in a file each, and a flow through two files."""
    for name, text in {"pyproject.toml": "", **FILES}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def lines(result: subprocess.CompletedProcess[str]) -> list[str]:
    assert result.stderr == ""
    return result.stdout.splitlines()


def code_of(line: str) -> str:
    return line.split(" ")[1]


def of_plugin(found: list[str], prefix: str) -> list[str]:
    """The lines of one plugin; of flake8 itself for an empty prefix."""
    if prefix:
        return [line for line in found if re.fullmatch(prefix + r"\d+", code_of(line))]
    return [line for line in found if not any(of_plugin([line], one) for one in PLUGINS.values())]


def briefly(found: list[str]) -> set[str]:
    return {f"{Path(line.split(':')[0]).name} {code_of(line)}" for line in found}


def version(environment: Environment, package: str) -> tuple[int, ...]:
    show = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    return numbers(environment.python("-c", show, cwd=environment.folder).stdout)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)[:2]))


def test_pip_finds_versions_that_suit_all(environment: Environment) -> None:
    checked = environment.python("-m", "pip", "check", cwd=environment.folder)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert version(environment, "libcst") == (1, 5)


def test_each_plugin_reports_what_it_reports_alone(environment: Environment, project: Path) -> None:
    together = lines(environment.flake8("-j1", ".", cwd=project))
    alone = {"": lines(environment.flake8("-j1", ".", cwd=project, without=PLUGINS))}
    for name, prefix in PLUGINS.items():
        others = [one for one in PLUGINS if one != name]
        found = lines(environment.flake8("-j1", ".", cwd=project, without=others))
        alone[prefix] = of_plugin(found, prefix)
        assert sorted([*alone[""], *alone[prefix]]) == sorted(found)

    assert {prefix: briefly(found) for prefix, found in alone.items()} == REPORTED
    assert {prefix: of_plugin(together, prefix) for prefix in REPORTED} == alone
    assert sorted(lines(environment.flake8("-j2", ".", cwd=project))) == sorted(together)


def test_the_packages_left_out_really_are(environment: Environment, project: Path) -> None:
    shown = [
        environment.flake8("--version", cwd=project, without=[one for one in PLUGINS if one != name]).stdout
        for name in PLUGINS
    ]

    assert [[name for name in PLUGINS if name in text] for text in shown] == [[name] for name in PLUGINS]


@pytest.mark.parametrize(("folder", "least"), [("single", 50), ("notebooks", 5)])
def test_old_and_new_libcst_give_the_same_findings(environment: Environment, folder: str, least: int) -> None:
    if numbers(importlib.metadata.version("libcst")) <= version(environment, "libcst"):
        pytest.skip("libcst is as old here as TorchFix wants it")
    arguments = ["-m", "ce_lint", "check", "--extend-select", "CEL", "--format", "json", "--root", ".", "."]
    old = environment.python(*arguments, cwd=FIXTURES / folder)
    new = subprocess.run(
        [sys.executable, *arguments], cwd=FIXTURES / folder, capture_output=True, encoding="utf-8", check=False
    )

    document = json.loads(new.stdout)
    assert len(document["findings"]) > least
    assert json.loads(old.stdout) == document
    assert old.stderr == new.stderr


@pytest.mark.parametrize(
    ("text", "rules", "left", "left_with_external"),
    [
        (NOQA, "RUF100", NOQA, NOQA),
        (NOQA, "RUF102", NOQA.replace("  # noqa: CEL001", ""), NOQA),
        (SHARED_NOQA, "RUF100", "import os\n", "import os  # noqa: CEL001\n"),
        (SHARED_NOQA, "RUF102", "import os  # noqa: F401\n", SHARED_NOQA),
        (OURS, "RUF100,RUF101,RUF102,RUF103,RUF104", OURS, OURS),
    ],
    ids=["unused", "unknown", "unused beside another", "unknown beside another", "our own"],
)
def test_ruff_leaves_our_comments_where_it_is_told_of_them(
    environment: Environment, tmp_path: Path, text: str, rules: str, left: str, left_with_external: str
) -> None:
    found = []
    for configuration in ("", EXTERNAL):
        (tmp_path / "pyproject.toml").write_text(configuration)
        (tmp_path / "own.py").write_text(text)
        environment.run("ruff", "check", "--no-cache", "--preview", "--select", rules, "--fix", "own.py", cwd=tmp_path)
        found.append((tmp_path / "own.py").read_text())

    assert found == [left, left_with_external]


def test_ruff_says_nothing_of_our_comments_where_it_is_told_of_them(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(EXTERNAL)
    (tmp_path / "noqa.py").write_text(NOQA)
    (tmp_path / "ours.py").write_text(OURS)
    result = environment.run("ruff", "check", "--no-cache", "--preview", "--select", "RUF100,RUF102", ".", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (0, "All checks passed!\n")


def test_one_comment_serves_ruff_and_flake8(environment: Environment, tmp_path: Path) -> None:
    line = "step = lambda x, y: F.cross_entropy(F.softmax(x, dim=1), y)"
    (tmp_path / "pyproject.toml").write_text(EXTERNAL)
    by_ruff, by_flake8 = [], []
    for comment in ("", "  # noqa: CEL001, E731"):
        (tmp_path / "own.py").write_text(f"import torch.nn.functional as F\n\n{line}{comment}\n")
        rules = ("--select", "E731,RUF100,RUF102", "--output-format", "concise")
        ruff = environment.run("ruff", "check", "--no-cache", "--quiet", *rules, "own.py", cwd=tmp_path)
        flake8 = environment.flake8("--select", "CEL,E731", "own.py", cwd=tmp_path)
        by_ruff.append([code_of(one) for one in lines(ruff)])
        by_flake8.append([code_of(one) for one in lines(flake8)])

    assert by_ruff == [["E731"], []]
    assert by_flake8 == [["E731", "CEL001"], []]


def test_nbqa_reports_what_flake8_reports_of_a_notebook(environment: Environment, tmp_path: Path) -> None:
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    sources = [
        ["%matplotlib inline\n", "import torch.nn.functional as F"],
        ["p = F.softmax(x, dim=1)\n", "loss = F.cross_entropy(p, y)"],
        ["loss = F.cross_entropy(p, y)  # ce-lint: ignore[CEL001]"],
        ["loss = F.cross_entropy(p, y)  # noqa: CEL001"],
    ]
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# A lesson"]}]
    cells += [{**cell, "source": source} for source in sources]
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "nb.ipynb").write_text(json.dumps(content, indent=1))
    by_nbqa = environment.run("nbqa", "flake8", "nb.ipynb", "--select=CEL", cwd=tmp_path)
    by_flake8 = lines(environment.flake8("--select", "CEL", "--filename", "*.ipynb", "nb.ipynb", cwd=tmp_path))

    # nbQA counts the cells with code; the column is that of the cell, and flake8's own that of the JSON.
    (found,) = by_nbqa.stdout.splitlines()
    assert found.startswith("nb.ipynb:cell_2:2:24: CEL001 ")
    assert [code_of(line) for line in by_flake8] == ["CEL001"]
