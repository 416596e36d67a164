"""Projects of so many files that only what is near is looked through: an editor's report is that of a fresh check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine import inquiry
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.engine.workspace import Workspace
from ce_lint.program import files as program_files

STRICT = Settings(strict=True)
FILES = {
    "train.py": "",
    "other.py": "",
    "low/step.py": "def step(model, criterion, x, y):\n    return criterion(model(x), y)\n",
    "high/run.py": "from torch import nn\nfrom low.step import step\n\n"
    "step(nn.Sequential(nn.Linear(2, 3), nn.Softmax(1)), nn.CrossEntropyLoss(), a, b)\n",
    "notes/one.py": "size = 1\n",
    "notes/two.py": "size = 2\n",
}
MENTION = "# step\n"

Codes = Callable[[], list[str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "pyproject.toml").touch()
    for module in (program_files, inquiry):
        monkeypatch.setattr(module, "MAX_FILES", 2)
    monkeypatch.setattr(program_files, "MAX_MENTIONS", 2)
    return tmp_path


@pytest.fixture
def workspace(project: Path) -> Workspace:
    return Workspace(project, STRICT)


@pytest.fixture
def codes(workspace: Workspace, project: Path) -> Codes:
    """What is found, by an editor and by a fresh check."""

    def found() -> list[str]:
        warm, cold = workspace.report(), Session().check([project], STRICT)
        assert warm == cold
        return [one.code for one in warm.findings]

    return found


def test_a_word_that_comes_to_stand_in_too_many_files_makes_none_near(
    workspace: Workspace, project: Path, codes: Codes
) -> None:
    found = [codes()]
    for name, text in (("one.py", MENTION), ("two.py", MENTION), ("one.py", ""), ("two.py", "")):
        (project / "notes" / name).write_text(text)
        workspace.touch([project / "notes" / name])
        found.append(codes())
    assert found == [["CEL001"], [], [], [], ["CEL001"]]


def test_what_is_near_changes_with_the_number_of_files(workspace: Workspace, project: Path, codes: Codes) -> None:
    (project / "notes" / "one.py").write_text(MENTION)
    (project / "high" / "run.py").rename(project / "low" / "run.py")
    found = [codes()]
    more = project / "low" / "more.py"
    more.write_text(MENTION)
    workspace.touch([more])
    found.append(codes())
    more.unlink()
    workspace.touch([more])
    found.append(codes())
    assert found == [["CEL001"], [], ["CEL001"]]


def test_a_project_becomes_large(
    workspace: Workspace, project: Path, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one.py", "two.py"):
        (project / "notes" / name).write_text(MENTION)
    for module in (program_files, inquiry):
        monkeypatch.setattr(module, "MAX_FILES", len(FILES))
    found = [codes()]
    new = project / "new.py"
    new.write_text("")
    workspace.touch([new])
    found.append(codes())
    new.unlink()
    workspace.touch([new])
    found.append(codes())
    assert found == [["CEL001"], [], ["CEL001"]]


def test_defaults_say_nothing_of_what_a_far_file_mentions(workspace: Workspace, project: Path, codes: Codes) -> None:
    """Somebody may call it there, where nobody looks."""
    (project / "high" / "run.py").write_text("")
    (project / "low" / "step.py").write_text(
        "from torch import nn\nimport torch.nn.functional as F\n\n\n"
        "def step(x, y, act=nn.Softmax(1)):\n    return F.cross_entropy(act(x), y)\n"
    )
    found = [codes()]
    for name in ("one.py", "two.py"):
        (project / "notes" / name).write_text(MENTION)
        workspace.touch([project / "notes" / name])
        found.append(codes())
    assert found == [["CEL001"], ["CEL001"], []]


def test_a_broken_file_in_which_a_loss_is_handed_on_is_told(codes: Codes, workspace: Workspace, project: Path) -> None:
    broken = "from high.run import criterion\nloss = criterion\ndef f(:\n"
    (project / "high/run.py").write_text((project / "high/run.py").read_text() + "criterion = nn.CrossEntropyLoss()\n")
    (project / "high/broken.py").write_text(broken)
    codes()
    (project / "high/run.py").write_text((project / "high/run.py").read_text() + "again = criterion\n")
    workspace.touch([project / "high/run.py"])
    codes()
    assert [Path(one.path).name for one in Session().check([project], STRICT).errors] == ["broken.py"]
