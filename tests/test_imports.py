"""What is not imported: heavy libraries stay out of every path that does not need them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "libcst", "flake8", "msgspec", "click", "rich")

RUN_PLUGIN = """
from ce_lint.flake8_plugin import Plugin
assert list(Plugin(None, "plain.py", ["import os\\n", "print(os.sep)\\n"]).run()) == []
"""


LATE = (
    # of the standard library, what costs milliseconds and a small file does not need
    *("subprocess", "tempfile", "tomllib", "tomli", "importlib.resources", "xml.etree.ElementTree", "difflib"),
    *("ce_lint.runtime", "ce_lint.fixes", "ce_lint.lsp", "ce_lint.doctor", "ce_lint.cli.run", "ce_lint.report.sarif"),
)
"""What the check of a file that cannot matter leaves out beside the heavy libraries."""


def heavy_modules_after(code: str, cwd: Path, path: str = "", names: tuple[str, ...] = HEAVY) -> set[str]:
    """Run code in a fresh interpreter and return which heavy libraries, or others of these names, it has imported."""
    tail = f"\nimport json, sys\nprint(json.dumps([name for name in {names!r} if name in sys.modules]))"
    result = subprocess.run(
        [sys.executable, "-c", code + tail],
        cwd=cwd, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.fixture
def fake_torch(tmp_path: Path) -> str:
    """A folder with a torch to import: without one, "not imported" would be true of any code."""
    folder = tmp_path / "libraries"
    (folder / "torch").mkdir(parents=True)
    for name in ("__init__.py", "nn.py"):
        (folder / "torch" / name).write_text("")
    return str(folder)


def test_importing_the_package_imports_nothing_heavy(tmp_path: Path, fake_torch: str) -> None:
    assert heavy_modules_after("import ce_lint", tmp_path, fake_torch) == set()


def test_the_plugin_costs_nothing_on_a_file_that_cannot_matter(tmp_path: Path, fake_torch: str) -> None:
    assert heavy_modules_after(RUN_PLUGIN, tmp_path, fake_torch) == set()


def test_linting_never_imports_torch(tmp_path: Path, fake_torch: str) -> None:
    (tmp_path / "train.py").write_text("import torch\nfrom torch import nn\nloss = nn.CrossEntropyLoss()(x, y)\n")
    code = (
        "from ce_lint.cli.main import main\n"
        "main(['check', 'train.py', '--exit-zero'], standalone_mode=False)\n"
        "from ce_lint.flake8_plugin import Plugin\n"
        "list(Plugin(None, 'train.py', open('train.py').readlines()).run())\n"
    )
    imported = heavy_modules_after(code, tmp_path, fake_torch, (*HEAVY, "ce_lint.interpreter.machine"))
    assert "ce_lint.interpreter.machine" in imported, "nothing was analysed"
    assert not imported & {"torch", "libcst", "rich"}


CHECK_PLAIN = """
from ce_lint.cli.main import main
main(["check", "plain.py", *{options!r}], standalone_mode=False)
"""


def test_checking_a_file_that_cannot_matter_imports_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import os\n")
    imported = heavy_modules_after(CHECK_PLAIN.format(options=[]), tmp_path, names=(*HEAVY, *LATE))
    assert imported == {"click", "msgspec"}


SMALL = """\
from torch import nn

net = nn.Sequential(nn.Linear(784, 10){activation})
criterion = nn.CrossEntropyLoss()
loss = criterion(net(x), y)
"""
UNLESS_NEEDED = (
    # of the standard library, what takes milliseconds: among it dataclasses, each of which takes half of one
    *("dataclasses", "glob", "hashlib", "logging", "signal", "sqlite3"),
    *("ce_lint.knowledge.merging", "ce_lint.knowledge.tables", "ce_lint.source.comments"),
    *("ce_lint.store.records", "ce_lint.supply.stored", "ce_lint.engine.memory"),
)
"""What the check of a small file with a loss leaves out."""


@pytest.mark.parametrize(
    ("activation", "needed"), [("", set()), (", nn.Softmax(dim=1)", {"hashlib"})], ids=["right", "with a finding"]
)
def test_checking_a_small_file_imports_what_it_needs(tmp_path: Path, activation: str, needed: set[str]) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "plain.py").write_text(SMALL.format(activation=activation))
    code = CHECK_PLAIN.format(options=["--exit-zero"])
    imported = heavy_modules_after(code, tmp_path, names=(*HEAVY, *LATE, *UNLESS_NEEDED, "ce_lint.interpreter.machine"))
    of_libraries = heavy_modules_after("import click, msgspec, pathlib", tmp_path, names=UNLESS_NEEDED)
    assert "ce_lint.interpreter.machine" in imported, "nothing was analysed"
    assert imported - of_libraries - {"click", "msgspec", "ce_lint.interpreter.machine"} == needed - of_libraries


@pytest.mark.parametrize(
    ("text", "module"),
    [
        (SMALL.format(activation="") + "# noqa: CEL001\n", "ce_lint.source.comments"),
        (SMALL.format(activation="") + f"text = '{'x' * 100_000}'\n", "ce_lint.supply.stored"),
    ],
    ids=["a comment", "a large project"],
)
def test_what_a_file_needs_is_imported(tmp_path: Path, text: str, module: str) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "plain.py").write_text(text)
    assert heavy_modules_after(CHECK_PLAIN.format(options=[]), tmp_path, names=(module,)) == {module}


COUNT_COLLECTIONS = """
import gc, sys
began = []
gc.collect()  # what Python itself has left may be nearly enough for one
gc.callbacks.append(lambda phase, _info: began.append(phase))
from ce_lint.__main__ import main
sys.argv = ["ce-lint", "check", "--exit-zero", "plain.py"]
try:
    main()
except SystemExit as end:
    assert end.code == 0
print("click" in sys.modules, len(began))
"""


def test_the_check_of_a_small_file_collects_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "plain.py").write_text(SMALL.format(activation=", nn.Softmax(dim=1)"))
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(2):  # the first one compiles what it imports
        result = subprocess.run(
            [sys.executable, "-c", COUNT_COLLECTIONS],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert result.stdout.splitlines()[-1] == "True 0"


def test_what_is_asked_for_is_imported(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import os\n")
    (tmp_path / "pyproject.toml").write_text("[tool.ce-lint]\n")
    code = CHECK_PLAIN.format(options=["--format", "sarif:out.sarif", "--format", "junit"])
    imported = heavy_modules_after(code, tmp_path, names=LATE)
    assert {"difflib", "ce_lint.report.sarif", "xml.etree.ElementTree"} <= imported
    assert imported & {"tomllib", "tomli"}


@pytest.mark.parametrize("module", HEAVY)
def test_this_test_can_fail(tmp_path: Path, fake_torch: str, module: str) -> None:
    assert module in heavy_modules_after(f"import ce_lint\nimport {module}", tmp_path, fake_torch)
