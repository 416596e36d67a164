"""`ce-lint index` and `ce-lint check --index`, as programs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net{n}(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
"""
TRAIN = """\
from torch import nn
from model_{n} import Net{n}

net, criterion = Net{n}(), nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(net(x), y)
"""
# Smaller contents are not looked up.
PADDING = "\n\ndef unused():\n" + "    print('nothing of this matters')\n" * 10

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

pytestmark = pytest.mark.slow


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "ce_lint", *arguments], cwd=cwd, capture_output=True, check=False)


def check(project: Path, *arguments: str) -> tuple[int, bytes, bytes]:
    result = run("check", "--no-cache", "--format", "json", *arguments, cwd=project)
    return result.returncode, result.stdout, result.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models and losses in different files, a notebook, and two files that are no Python."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").touch()
    for n in range(8):
        (folder / f"model_{n}.py").write_text(MODEL.format(n=n) + PADDING)
        (folder / f"train_{n}.py").write_text(TRAIN.format(n=n) + PADDING)
    (folder / "copied.py").write_text((folder / "model_0.py").read_text())
    (folder / "plain.py").write_text("import os\n" + PADDING)
    (folder / "broken.py").write_text("import torch\nF.softmax(x\n" + PADDING)
    (folder / "latin.py").write_bytes(b"import torch\nF.softmax(x)\n# \xe9\n" + PADDING.encode())
    cells = [{"cell_type": "code", "metadata": {}, "source": [text], "execution_count": None, "outputs": []}
             for text in (MODEL.format(n="N"), TRAIN.format(n=1), "def broken(:")]  # fmt: skip
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "notebook.ipynb").write_text(json.dumps(notebook))
    return folder


@pytest.fixture(scope="module")
def plain(project: Path) -> tuple[int, bytes, bytes]:
    found = check(project, ".")
    assert found[0] == 3
    document = json.loads(found[1])
    assert (len(document["findings"]), {error["path"] for error in document["errors"]}) == (
        9,
        {"broken.py", "latin.py", "notebook.ipynb"},
    )
    return found


@pytest.fixture(scope="module")
def shards(project: Path) -> list[str]:
    files = [f"../{project.name}-{number}.index" for number in (1, 2, 3)]
    for number, file in enumerate(files, start=1):
        result = run("index", "--shard", f"{number}/3", "-o", file, cwd=project)
        assert (result.returncode, result.stdout) == (0, b"")
        assert result.stderr.startswith(f"{file}: ".encode())
        assert (project / file).stat().st_size > 1000
    return files


def options(shards: list[str]) -> list[str]:
    return [word for file in shards for word in ("--index", file)]


def test_all_shards_find_what_a_check_finds(project: Path, plain: object, shards: list[str]) -> None:
    assert check(project, *options(shards), ".") == plain


def test_a_missing_shard_costs_time_only(project: Path, plain: object, shards: list[str]) -> None:
    for left in range(3):
        assert check(project, *options([file for file in shards if file != shards[left]]), ".") == plain


def test_every_file_is_in_one_shard(project: Path, shards: list[str]) -> None:
    from ce_lint.engine.ahead import Shard

    files = [path for path in project.iterdir() if path.suffix in (".py", ".ipynb")]
    parts = [Shard(number, 3) for number in (1, 2, 3)]
    holding = {path: [part.number for part in parts if part.holds(path, project)] for path in files}
    assert all(len(numbers) == 1 for numbers in holding.values())
    assert {number for numbers in holding.values() for number in numbers} == {1, 2, 3}
    # Wherever the project lies.
    assert all(
        [part.number for part in parts if part.holds(Path("/elsewhere", path.name), Path("/elsewhere"))] == numbers
        for path, numbers in holding.items()
    )


def test_contents_that_are_indexed_are_not_lowered(project: Path, shards: list[str]) -> None:
    # In a process of its own: nobody but the shelf may answer.
    code = (
        "import sys, ce_lint.program.loading as loading\n"
        "from pathlib import Path\n"
        "lower, seen = loading.lower_content, []\n"
        "loading.lower_content = lambda path, *rest: seen.append(path.name) or lower(path, *rest)\n"
        "from ce_lint.cli.main import main\n"
        "main(['check', '--no-cache', '--exit-zero', *sys.argv[1:], '.'], standalone_mode=False)\n"
        "print(len(seen), file=sys.stderr)\n"
    )

    def lowered(*arguments: str) -> int:
        result = subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=project, capture_output=True, text=True, check=True
        )
        return int(result.stderr.splitlines()[-1])

    assert lowered() > 10
    assert lowered(*options(shards)) == 0


def test_what_changed_since_is_seen(project: Path, shards: list[str], tmp_path: Path) -> None:
    import shutil

    changed = shutil.copytree(project, tmp_path / "changed")
    file = changed / "model_3.py"
    file.write_text(file.read_text().replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)"))
    (changed / "new.py").write_text(TRAIN.format(n=2) + PADDING)
    indexes = [str((project / file).resolve()) for file in shards]
    expected = check(changed, ".")
    assert len(json.loads(expected[1])["findings"]) == 9
    assert b"new.py" in expected[1]
    assert check(changed, *options(indexes), ".") == expected


def test_a_cache_keeps_what_an_index_gave(project: Path, plain: object, shards: list[str], tmp_path: Path) -> None:
    arguments = ("check", "--cache-dir", str(tmp_path / "cache"), "--format", "json", ".")
    for words in (options(shards), [], options(shards)):
        result = run(*arguments, *words, cwd=project)
        assert (result.returncode, result.stdout, result.stderr) == plain


def test_standard_output(project: Path, plain: object, tmp_path: Path) -> None:
    result = run("index", "-o", "-", cwd=project)
    (tmp_path / "all.index").write_bytes(result.stdout)
    assert result.stderr.startswith(b"-: ")
    assert check(project, "--index", str(tmp_path / "all.index")) == plain


def refused(project: Path, *arguments: str) -> str:
    result = run(*arguments, cwd=project)
    assert (result.returncode, result.stdout) == (2, b"")
    lines = [line for line in result.stderr.decode().splitlines() if not line.startswith(("Usage:", "Try "))]
    assert [line for line in lines if line] == lines[-1:]
    return lines[-1]


def test_indexes_that_are_refused(project: Path, shards: list[str], tmp_path: Path) -> None:
    whole = (project / shards[0]).read_bytes()
    file = tmp_path / "bad.index"
    for length in (10, 40, len(whole) // 2, len(whole) - 40, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert refused(project, "check", "--index", str(file)) == f"Error: {file}: is truncated, or was changed"
    file.write_text("import torch\n")
    assert refused(project, "check", "--index", str(file)) == f"Error: {file}: is no index of ce-lint"
    head, version, rest = whole.split(b"\n", 2)
    file.write_bytes(b"\n".join((head, b"0.0.9-beef cpython 3.9", rest)))
    line = refused(project, "check", "--index", str(file))
    assert line.startswith(f"Error: {file}: was written by ce-lint 0.0.9-beef cpython 3.9, and this is ")
    assert version.decode() in line
    assert refused(project, "check", "--index", "none").startswith("Error: none: cannot be read: no such file")
    assert refused(project, "check", "--index", str(tmp_path)).startswith(f"Error: {tmp_path}: cannot be read: ")


@pytest.mark.parametrize("shard", ["0/3", "4/3", "x", "1/0", "1", "/", "-1/3", "1/3/3", "1/ 3", "٣/٣"])
def test_shards_that_are_none(project: Path, tmp_path: Path, shard: str) -> None:
    line = refused(project, "index", "--shard", shard, "-o", str(tmp_path / "x.index"))
    assert line.startswith("Error: Invalid value for '--shard'")
    assert "is no part as in 1/3, 2/3, 3/3" in line
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written(project: Path, tmp_path: Path) -> None:
    assert "cannot be written: it is a folder" in refused(project, "index", "-o", str(tmp_path))
    assert "cannot be written: there is no folder" in refused(project, "index", "-o", str(tmp_path / "none" / "x"))
    assert "cannot be written: it is source code" in refused(project, "index", "-o", "plain.py")
    assert "Missing option" in refused(project, "index")
    assert refused(project, "index", "-o", str(tmp_path / "x"), "none") == "Error: none: no such file or folder"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk(project: Path) -> None:
    line = refused(project, "index", "-o", "/dev/full")
    assert line == "Error: /dev/full: cannot be written: no space left on device"
