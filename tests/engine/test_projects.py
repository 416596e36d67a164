"""Which configuration governs which file, from one project in a folder to several in one repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.engine.session import Session

Found = list[tuple[str, str]]
FindIn = Callable[..., Found]

WRONG = """\
import torch.nn.functional as F


def step(x, y):
    return F.cross_entropy(F.softmax(x, dim=1), y)
"""
REDUNDANT = WRONG.replace("F.softmax", "F.log_softmax")
UNKNOWN = """\
import torch.nn.functional as F
from somewhere import Net

loss = F.cross_entropy(Net()(x), y)
"""
MODEL = """\
import torch.nn.functional as F


def forward(x):
    return F.softmax(x, dim=1)
"""
TRAIN = """\
import torch.nn.functional as F

from model import forward


def step(x, y):
    return F.cross_entropy(forward(x), y)
"""


def write(folder: Path, text: str, name: str = "pyproject.toml") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def find_in(session: Session, here: Path) -> FindIn:
    """The sinks' paths and codes of what is found in some files and folders."""

    def find(*paths: str, **asked: object) -> Found:
        report = session.check([Path(path) for path in paths or (".",)], Settings(**asked, strict=True))
        return [(finding.sink.path, finding.code) for finding in report.findings]

    return find


@pytest.fixture
def two_projects(here: Path) -> Path:
    """A folder with settings of its own, and two projects below it, one of them with settings of its own."""
    write(here, "[tool.ce-lint]\nextend-select = ['CEL002']\n")
    write(here / "a", "[tool.ce-lint]\nignore = ['CEL001']\n")
    write(here / "b", "[project]\nname = 'b'\n")
    for folder in ("a", "b"):
        write(here / folder, WRONG, "wrong.py")
        write(here / folder, REDUNDANT, "redundant.py")
    return here


IN_B = [("b/redundant.py", "CEL002"), ("b/wrong.py", "CEL001")]


def test_each_file_is_governed_by_the_nearest_table(find_in: FindIn, two_projects: Path) -> None:
    assert find_in(".") == IN_B
    assert find_in("a", "b") == IN_B
    assert find_in("a") == []
    assert find_in("b/redundant.py", "a/wrong.py", "a/redundant.py", "b/wrong.py") == IN_B
    assert find_in(".", root=two_projects) == IN_B


def test_what_this_run_asks_for_holds_in_every_project(find_in: FindIn, two_projects: Path) -> None:
    assert find_in(".", extend_select=("CEL001",)) == [("a/wrong.py", "CEL001"), *IN_B]
    assert find_in(".", select=("CEL002",)) == [("a/redundant.py", "CEL002"), IN_B[0]]
    assert find_in(".", ignore=("CEL0",)) == []


def test_a_text_is_governed_like_its_file(session: Session, two_projects: Path) -> None:
    found = [
        [one.code for one in session.check_text(Path(name), REDUNDANT, Settings()).findings]
        for name in ("a/new.py", "b/new.py", "new.py")
    ]
    assert found == [[], ["CEL002"], ["CEL002"]]


def test_a_project_inside_does_not_cut_the_flows_of_the_folder_asked_for(find_in: FindIn, here: Path) -> None:
    write(here, "")
    write(here / "lib", "")
    write(here / "lib", MODEL, "model.py")
    write(here / "lib" / "app", "[tool.ce-lint]\nextend-select = ['CEL002']\n")
    write(here / "lib" / "app", TRAIN, "train.py")
    assert find_in(".") == [("lib/app/train.py", "CEL001")]
    # By itself it is a project of its own.
    assert find_in("lib/app") == []


def test_a_flow_is_governed_by_the_project_of_its_loss(find_in: FindIn, here: Path) -> None:
    write(here / "train", TRAIN, "train.py")
    write(here / "train", "[tool.ce-lint]\n")
    write(here, MODEL, "model.py")
    write(here, "[tool.ce-lint]\nignore = ['CEL001']\n")
    assert find_in(".") == [("train/train.py", "CEL001")]
    write(here / "train", "[tool.ce-lint]\nignore = ['CEL001']\n")
    write(here, "[tool.ce-lint]\n")
    assert find_in(".") == []


@pytest.mark.parametrize(
    ("ignores", "expected"),
    [
        ('"model.py" = ["CEL001"]', 0),
        ('"train.py" = ["CEL0"]', 0),
        ('"lib" = ["CEL"]', 0),
        ('"lib/model.py" = ["C"]', 0),
        ('"**/train.py" = ["CEL001"]', 0),
        ('"!train.py" = ["CEL001"]', 0),
        ('"!*.py" = ["CEL001"]', 1),
        ('"model.py" = ["CEL002"]', 1),
        ('"model.py" = []', 1),
        ('"./model.py" = ["CEL001"]', 1),
        ('"other.py" = ["CEL001"]', 1),
    ],
)
def test_either_end_can_refuse_a_code(find_in: FindIn, here: Path, ignores: str, expected: int) -> None:
    write(here, f"[tool.ce-lint.per-file-ignores]\n{ignores}\n")
    write(here / "lib", MODEL, "model.py")
    write(here, "from torch import nn\n" + TRAIN.replace("from model", "from lib.model"), "train.py")
    assert len(find_in(".")) == len(find_in("train.py")) == len(find_in("lib/model.py")) == expected
    # A pattern for some files is no choice of codes: it holds whatever is selected.
    assert len(find_in(".", select=("CEL001",))) == expected


def test_each_project_refuses_for_its_own_files(find_in: FindIn, here: Path) -> None:
    write(here, "[tool.ce-lint.per-file-ignores]\n'*.py' = ['CEL']\n")
    write(here / "inner", "[tool.ce-lint]\n")
    write(here / "inner", WRONG, "wrong.py")
    write(here, WRONG, "wrong.py")
    assert find_in(".") == [("inner/wrong.py", "CEL001")]


def test_what_is_left_undecided_can_be_refused_too(find_in: FindIn, here: Path) -> None:
    write(here, UNKNOWN, "a.py")
    write(here, UNKNOWN, "b.py")
    write(here, "[tool.ce-lint]\nextend-select = ['CEL901']\nper-file-ignores = { 'a.py' = ['CEL901'] }\n")
    assert find_in(".") == [("b.py", "CEL901")]


def test_an_unused_suppression_can_be_refused_too(find_in: FindIn, here: Path) -> None:
    for name in ("a.py", "b.py"):
        write(here, "x = 1  # ce-lint: ignore[CEL001]\n", name)
    write(here, "[tool.ce-lint]\nextend-select = ['CEL902']\nper-file-ignores = { 'a.py' = ['CEL902'] }\n")
    assert find_in(".") == [("b.py", "CEL902")]


def test_named_folders_are_import_roots(find_in: FindIn, here: Path) -> None:
    write(here / "python" / "lib", MODEL, "model.py")
    write(here / "scripts", TRAIN, "train.py")
    write(here, "[tool.ce-lint]\n")
    assert find_in(".") == []
    write(here, "[tool.ce-lint]\nsrc = ['python/lib']\n")
    assert find_in(".") == [("scripts/train.py", "CEL001")]
    write(here, "[tool.ce-lint]\nsrc = ['scripts']\n")
    assert find_in(".") == []
    assert find_in(".", src=(here / "python" / "lib",)) == [("scripts/train.py", "CEL001")]


def test_each_project_has_import_roots_of_its_own(find_in: FindIn, here: Path) -> None:
    for name, model in (("a", MODEL), ("b", MODEL.replace("F.softmax(x, dim=1)", "x"))):
        write(here / name, "[tool.ce-lint]\nsrc = ['python/lib']\n")
        write(here / name / "python" / "lib", model, "model.py")
        write(here / name / "scripts", TRAIN, "train.py")
    write(here, "[tool.ce-lint]\n")
    assert find_in(".") == find_in("a", "b") == [("a/scripts/train.py", "CEL001")]


def test_an_import_root_outside_the_project_belongs_to_it(find_in: FindIn, here: Path) -> None:
    write(here / "shared", MODEL, "model.py")
    write(here / "shared", "")
    write(here / "app", "[tool.ce-lint]\nsrc = ['../shared']\n")
    write(here / "app", TRAIN, "train.py")
    assert find_in("app") == [("app/train.py", "CEL001")]
    write(here / "shared", MODEL.replace("F.softmax(x, dim=1)", "x"), "model.py")
    assert find_in("app") == []


def test_what_a_project_says_of_its_libraries_holds_for_the_folder_asked_for(find_in: FindIn, here: Path) -> None:
    write(here / "p", "import mine, torch\nloss = mine.Loss()(torch.softmax(x, 1), y)\n", "own.py")
    write(here / "p", "[project]\n")
    write(
        here,
        '[[tool.ce-lint.knowledge]]\nlibrary = "mine"\n'
        'losses = [{ name = "mine.Loss", form = "class", family = "cross-entropy" }]\n',
    )
    assert find_in("p") == find_in("p/own.py") == find_in(".") == [("p/own.py", "CEL001")]


@pytest.mark.parametrize("name", [".", "inner"])
def test_a_table_that_cannot_be_meant_is_refused_wherever_it_lies(find_in: FindIn, here: Path, name: str) -> None:
    write(here / name, "[tool.ce-lint]\nselct = []\n")
    write(here / "inner", WRONG, "wrong.py")
    with pytest.raises(UsageError, match='has no key "selct"'):
        find_in(".")


def test_knowledge_that_cannot_be_meant_names_its_file(find_in: FindIn, here: Path) -> None:
    write(here, '[[tool.ce-lint.knowledge]]\nlibrary = "mine"\nlosses = 3\n')
    write(here / "p", "")
    write(here / "p", WRONG, "wrong.py")
    with pytest.raises(UsageError, match=r"^\S+pyproject\.toml: knowledge table 1: losses: Expected `array`"):
        find_in("p")


def test_a_file_left_out_is_not_looked_at(session: Session, here: Path) -> None:
    write(here, "[tool.ce-lint]\nexclude = ['gen']\n")
    path = here / "gen" / "wrong.py"
    counts = [len(session.check_text(path, WRONG, Settings(force_exclude=force)).findings) for force in (False, True)]
    assert counts == [1, 0]


def test_what_git_ignores_is_no_part_of_the_program_unless_it_is_named(
    session: Session, find_in: FindIn, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    subprocess.run(["git", "init", "-q"], check=True)
    write(here, "scratch.py\n", ".gitignore")
    write(here, TRAIN, "scratch.py")
    write(here, MODEL, "model.py")
    assert (find_in("."), find_in("model.py")) == ([], [])
    assert find_in("scratch.py") == find_in(".", respect_gitignore=False) == [("scratch.py", "CEL001")]
    assert len(session.check_text(Path("scratch.py"), TRAIN, Settings()).findings) == 1
