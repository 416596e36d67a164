"""A file is passed over without a look at it only if nothing is to be said of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.keeping import Keeping
from ce_lint.engine.session import Session

FILES = {
    "pyproject.toml": "",
    "model.py": "import torch.nn.functional as F\n\n\ndef scores(x):\n    return F.softmax(x, dim=1)\n",
    "train.py": "from torch import nn\nfrom model import scores\n\nloss = nn.CrossEntropyLoss()(scores(x), y)\n",
    "right.py": "from torch import nn\n\n\ndef step(x, y):\n    return nn.CrossEntropyLoss()(nn.Linear(2, 2)(x), y)\n",
    "open.py": "from torch import nn\n\n\ndef step(x, y):\n    return nn.CrossEntropyLoss()(x.unknown(), y)\n",
    "other.py": "import torch\n\nprint(torch.zeros(1))  # noqa: CEL001\n",
    "broken.py": "import torch.nn.functional as F\nF.softmax(\n",
    "broken_loss.py": "from torch import nn\nnn.CrossEntropyLoss(\n",
    "long.py": "import torch.nn.functional as F\nF.softmax(x)\n" + 20_000 * "\n",
    "long_other.py": "import torch\n" + 20_000 * "\n",
}
SILENT = {"right.py", "other.py", "open.py", "broken.py", "long_other.py"}
"""Whoever prepares knows himself that a file is no Python; of one in which a loss may be called, it is known."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


Silent = Callable[..., set[str]]


@pytest.fixture
def silent(project: Path) -> Silent:
    def names(settings: Settings | None = None) -> set[str]:
        files = sorted(project.rglob("*.py"))
        session = Session(Keeping(), holds_evidence=False)
        session.prepare(files, settings or Settings())
        return {file.relative_to(project).as_posix() for file in files if session.is_silent_about(str(file))}

    return names


def test_what_has_something_to_be_said_of_is_looked_at(silent: Silent) -> None:
    assert silent() == SILENT


@pytest.mark.parametrize("end", [b"\r", b"\r\n"])
def test_lines_are_counted_as_python_counts_them(silent: Silent, project: Path, end: bytes) -> None:
    long, short = project / "long.py", project / "short.py"
    long.write_bytes(FILES["long.py"].encode().replace(b"\n", end))
    short.write_bytes(FILES["long.py"][:-100].encode().replace(b"\n", end))
    (project / "long_other.py").unlink()  # with it, another process would be worth it
    assert silent() == SILENT - {"long_other.py"} | {"short.py"}
    report = Session().check([long, short], Settings())
    assert [(Path(one.path).name, one.message.split(",")[0]) for one in report.errors] == [
        ("long.py", "is too long: 20002 lines")
    ]


def test_an_undecided_call_is_to_be_said_where_somebody_asks_for_it(silent: Silent, project: Path) -> None:
    assert silent(Settings(extend_select=("CEL901",))) == SILENT - {"open.py"}
    assert (
        silent(Settings(extend_select=("CEL901",), per_file_ignores=((str(project / "open.py"), ("CEL901",)),)))
        == SILENT
    )


def test_a_file_that_has_changed_is_looked_at(project: Path) -> None:
    session = Session(Keeping(), holds_evidence=False)
    session.prepare([project / "right.py", project / "other.py"], Settings())
    assert session.is_silent_about(str(project / "right.py"))
    (project / "right.py").write_text(FILES["train.py"])
    assert not session.is_silent_about(str(project / "right.py"))
    (project / "other.py").unlink()
    assert not session.is_silent_about(str(project / "other.py"))
    assert not session.is_silent_about(str(project / "train.py")), "nobody prepared for it"


def test_a_name_is_taken_from_the_current_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    session = Session(Keeping(), holds_evidence=False)
    session.prepare([Path("right.py"), Path("train.py")], Settings())
    assert session.is_silent_about("./right.py")
    assert not session.is_silent_about("./train.py")


def test_unused_comments_are_looked_for_where_they_are_asked_for(silent: Silent) -> None:
    assert silent(Settings(extend_select=("CEL902",))) == {"right.py", "open.py"}


def test_where_a_configuration_cannot_be_meant_files_are_looked_at(silent: Silent, project: Path) -> None:
    (project / "inner").mkdir()
    (project / "inner" / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
    (project / "inner" / "fine.py").write_text(FILES["right.py"])
    assert silent() == set(), "the project around it cannot be looked through"
    assert silent(Settings(root=project / "inner")) == set()


def test_a_baseline_that_is_not_there_is_said_of_each_file(silent: Silent, project: Path) -> None:
    assert silent(Settings(baseline=project / "gone.json")) == set()


def test_a_project_without_losses_is_silent_as_a_whole(
    silent: Silent, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analyse(*_: object, **__: object) -> None:
        raise AssertionError("there is nothing to follow")

    monkeypatch.setattr("ce_lint.engine.analysis.analyse", analyse)
    with pytest.raises(AssertionError, match="nothing to follow"):
        silent()
    for name in ("train.py", "right.py", "open.py", "broken.py", "broken_loss.py", "long.py", "long_other.py"):
        (project / name).unlink()
    assert silent() == {"model.py", "other.py"}
    assert silent(Settings(extend_select=("CEL902",))) == set()
    os.utime(project / "model.py", ns=(1, 1))
    assert silent() == {"model.py", "other.py"}


def test_what_is_found_for_one_file_does_not_say_that_the_others_are_silent(project: Path) -> None:
    long = project / "long.py"
    long.write_text(FILES["long.py"].replace("\n\n", "\nx = 123456\n"))  # so large that another process is worth it
    (project / "laid.py").write_text("\n" + FILES["model.py"])
    session = Session(Keeping(), holds_evidence=False)
    session.prepare(sorted(project.glob("*.py")), Settings())
    for name in ("laid.py", "model.py"):
        session.check_text(project / name, FILES["model.py"], Settings())
    assert session.is_silent_about(str(project / "right.py"))
    assert not session.is_silent_about(str(long))
