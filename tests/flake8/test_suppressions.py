"""Our own comments, and those that take nothing back, in whole flake8 runs and beside `ce-lint check`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

Flake8 = Callable[..., "subprocess.CompletedProcess[str]"]

CALL = "criterion(output, y)"
ACTIVATION = "F.softmax(self.fc(x), dim=1)"
IGNORE = "# ce-lint: ignore[CEL001]"
STALE = "x = 1  # noqa: CEL001\n"


def reported(result: subprocess.CompletedProcess[str]) -> list[str]:
    assert result.stderr == ""
    return result.stdout.splitlines()


def replace(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("train.py", CALL, f"{CALL}  {IGNORE} a lesson"),
        ("model.py", ACTIVATION, f"{ACTIVATION}  {IGNORE} a lesson"),
        ("train.py", f"return {CALL}", f"{IGNORE}\n    return {CALL}"),
        ("train.py", CALL, f"criterion(\n        output,\n        y,\n    )  {IGNORE}"),
        ("train.py", "net = Net()", "# ce-lint: file-ignore[CEL001]\nnet = Net()"),
        ("model.py", "class Net", "# ce-lint: file-ignore[CEL001]\n\n\nclass Net"),
    ],
)
def test_our_comment_at_one_end_silences_both(flake8: Flake8, project: Path, name: str, old: str, new: str) -> None:
    replace(project / name, old, new)

    assert reported(flake8("--select", "CEL", ".")) == []


def test_a_comment_at_the_end_in_another_file_counts_for_an_unsaved_buffer(flake8: Flake8, project: Path) -> None:
    text = (project / "train.py").read_text()
    asked = ("--select", "CEL", "--stdin-display-name", "train.py", "-")
    before = reported(flake8(*asked, stdin=f"\n{text}"))
    replace(project / "model.py", ACTIVATION, f"{ACTIVATION}  # noqa: CEL001")

    assert [line.split()[1] for line in before] == ["CEL001"]
    assert reported(flake8(*asked, stdin=f"\n{text}")) == []


def test_disable_noqa_disables_ours_too(flake8: Flake8, project: Path) -> None:
    replace(project / "train.py", CALL, f"{CALL}  {IGNORE}")
    replace(project / "model.py", ACTIVATION, f"{ACTIVATION}  # noqa: CEL001")

    assert len(reported(flake8("--select", "CEL", "--disable-noqa", "."))) == 2


def test_a_stale_comment_is_reported_where_it_is_asked_for(flake8: Flake8, project: Path) -> None:
    replace(project / "model.py", ACTIVATION, f"{ACTIVATION}  {IGNORE}")
    (project / "stale.py").write_text(f"{STALE}y = 2  {IGNORE}\n")

    assert reported(flake8("--extend-select", "CEL902", ".")) == [
        "./stale.py:1:8: CEL902 `CEL001` suppresses nothing here",
        "./stale.py:2:8: CEL902 `CEL001` suppresses nothing here",
    ]


def test_the_project_may_ask_for_it(flake8: Flake8, project: Path) -> None:
    (project / "stale.py").write_text(STALE)
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nextend-select = ['CEL902']\n")

    assert len(reported(flake8("stale.py"))) == 1


@pytest.mark.parametrize("comment", ["# noqa: CEL001, CEL902", "# ce-lint: ignore[CEL001, CEL902]"])
def test_it_can_be_taken_back_itself(flake8: Flake8, project: Path, comment: str) -> None:
    (project / "stale.py").write_text(f"x = 1  {comment}\n")

    assert reported(flake8("--extend-select", "CEL902", "stale.py")) == []


@pytest.mark.parametrize("name", ["stale.py", "nb.ipynb"])
def test_the_command_line_says_the_same(flake8: Flake8, project: Path, notebook: Path, name: str) -> None:
    (project / "stale.py").write_text(f"import torch\n\n{STALE}y = 2  {IGNORE}\n")
    document = json.loads(notebook.read_text())
    document["cells"][1]["source"][1] += f"  {IGNORE}"
    document["cells"][2]["source"][1] += f"  {IGNORE}"
    notebook.write_text(json.dumps(document, indent=1))
    command = [sys.executable, "-m", "ce_lint", "check", "--select", "CEL902", "--format", "json", name]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    places = [(one["line"], one["column"], one["message"]) for one in json.loads(result.stdout)["findings"]]
    lines = reported(flake8("--select", "CEL902", "--filename", "*.py,*.ipynb", name))
    assert len(lines) == len(places) == (2 if name == "stale.py" else 1)
    if name == "stale.py":
        assert lines == [f"{name}:{line}:{column}: CEL902 {message}" for line, column, message in places]
    else:
        raw = next(at for at, text in enumerate(notebook.read_text().splitlines(), 1) if "functional as F" in text)
        assert lines[0].startswith(f"{name}:{raw}:")
        assert lines[0].endswith(f": CEL902 cell 2, line 2: {places[0][2]}")


@pytest.mark.parametrize(
    ("arguments", "imported"),
    [
        ((), "False"),
        (("--select", "CEL"), "False"),
        (("--extend-select", "CEL901"), "False"),
        (("--extend-select", "CEL902"), "True"),
    ],
)
def test_where_it_is_not_asked_for_a_comment_costs_nothing(
    flake8: Flake8, project: Path, arguments: tuple[str, ...], imported: str
) -> None:
    (project / "stale.py").write_text(STALE)
    show = "import atexit; atexit.register(lambda: print('ce_lint.engine.session' in sys.modules))"

    assert reported(flake8("-j1", *arguments, "stale.py", before=show))[-1] == imported
