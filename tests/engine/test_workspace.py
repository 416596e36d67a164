"""A project that an editor holds: every report is that of a fresh check, and little is done for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine import incremental
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.engine.session import Session
from ce_lint.engine.workspace import Cancelled, Workspace
from ce_lint.findings import Report
from ce_lint.fixes.plan import plan
from ce_lint.frontend import lowering
from ce_lint.interpreter.standing import Standing
from ce_lint.source.file import SourceFile, source_from_text

STRICT = Settings(strict=True)
WRONG = [("train.py", 6, "CEL001")]
INLINE = "import torch.nn.functional as F\nloss = F.cross_entropy(F.softmax(x, dim=1), y)\n"


def found(report: Report) -> list[tuple[str, int, str]]:
    return [(Path(one.argument.path).name, one.argument.line, one.code) for one in report.findings]


def checked(root: Path, laid: dict[Path, str] | None = None, settings: Settings = STRICT) -> Report:
    overlay = {path: source_from_text(path, text) for path, text in (laid or {}).items()}
    return Session().check([root], settings, overlay)


@pytest.fixture
def workspace(project: Path) -> Workspace:
    return Workspace(project, STRICT)


def test_the_first_report_is_that_of_a_check(workspace: Workspace, project: Path) -> None:
    assert workspace.report() == checked(project)
    assert found(workspace.report()) == WRONG


def test_a_change_in_the_model_changes_what_is_said_of_the_loop(
    workspace: Workspace, project: Path, right: str
) -> None:
    model = project / "model.py"
    answers = [workspace.report()]
    for text in (right, model.read_text(), "\n" + model.read_text(), None):
        workspace.lay(model, text)
        answers.append(workspace.report())
    assert [found(one) for one in answers] == [WRONG, [], WRONG, WRONG, WRONG]
    assert [one.findings[0].source.line for one in answers if one.findings] == [11, 11, 12, 11]


def test_a_change_in_the_loop_moves_its_finding(workspace: Workspace, project: Path) -> None:
    train = project / "train.py"
    workspace.report()
    workspace.lay(train, "\n" + train.read_text())
    assert found(workspace.report()) == [("train.py", 7, "CEL001")]


@pytest.mark.parametrize(
    ("name", "text", "followed"),
    [
        ("other.py", "import torch\nx = 2\n", set()),
        ("other.py", "import torch\nnet = 1\n", set()),
        ("other.py", INLINE, {"other.py"}),
        ("model.py", "# a comment\n{}", set()),
        ("model.py", "{}\nx = 1\n", {"train.py"}),
        ("model.py", "{}\nx = True\n", {"train.py"}),
        ("train.py", "{}\nx = 1\n", {"train.py"}),
    ],
)
def test_only_what_hangs_on_a_change_is_followed_again(
    workspace: Workspace, project: Path, name: str, text: str, followed: set[str]
) -> None:
    (project / "other.py").write_text("import torch\n")
    (project / "more.py").write_text(INLINE)
    path = project / name
    workspace.report()
    assert {one.name for one in workspace.followed} == {"train.py", "more.py"}
    new = text.format(path.read_text()) if "{}" in text else text
    workspace.lay(path, new)
    assert workspace.report() == checked(project, {path: new})
    assert {one.name for one in workspace.followed} == followed
    assert workspace.is_settled == (not followed)


def test_a_constant_that_is_equal_and_of_another_type_is_a_change(workspace: Workspace, project: Path) -> None:
    path = project / "train.py"
    path.write_text(
        "import torch\nfrom torch import nn\nfrom model import Net\nFLAG = 0\n"
        "class Own(nn.Module):\n    def forward(self, x):\n        return x if FLAG is False else torch.softmax(x, 1)\n"
        "loss = nn.CrossEntropyLoss()(Own()(x), y)\n"
    )
    workspace.report()
    for value in ("False", "0", "0.0"):
        text = path.read_text().replace("FLAG = 0", f"FLAG = {value}")
        workspace.lay(path, text)
        assert workspace.report() == checked(project, {path: text})
        assert workspace.followed == {path}


def test_files_are_not_read_again(workspace: Workspace, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = project / "model.py"
    text = model.read_text()
    workspace.lay(model, text)
    workspace.report()
    read: list[Path] = []
    read_bytes, scandir = Path.read_bytes, incremental.Files.rearrange
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or read_bytes(path))
    monkeypatch.setattr(incremental.Files, "rearrange", lambda *given: read.append(project) or scandir(*given))
    (project / "model.py").read_bytes()
    assert read == [model], "nothing would be counted"
    workspace.lay(model, "\n" + text)
    assert (found(workspace.report()), read) == (WRONG, [model])
    workspace.touch([project / "train.py"])
    assert (found(workspace.report()), read) == (WRONG, [model, project / "train.py"])


def test_a_long_file_of_no_interest_is_not_parsed(
    workspace: Workspace, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = project / "table.py"
    long = "".join(f"ROW_{number} = {number}\n" for number in range(50_000))
    table.write_text(long)
    workspace.report()
    parsed: list[str] = []
    parse = lowering.parse
    monkeypatch.setattr(lowering, "parse", lambda text: parsed.append(text) or parse(text))
    for typed in ("A = 1\n", "B = (", "train = Net"):
        workspace.lay(table, long + typed)
        assert found(workspace.report()) == WRONG
    assert parsed == [], "not even as a text that may be broken"


def test_a_line_that_is_half_typed_costs_no_finding(workspace: Workspace, project: Path, right: str) -> None:
    model = project / "model.py"
    text = model.read_text()
    workspace.lay(model, text)
    whole = workspace.report()
    workspace.lay(model, text + "def (")
    broken = workspace.report()
    assert broken.findings == whole.findings
    assert [(Path(one.path).name, one.line) for one in broken.errors] == [("model.py", 12)]
    assert broken.errors == checked(project, {model: text + "def ("}).errors
    source = workspace.source(model)
    assert source is not None
    assert source.text == text
    workspace.lay(model, right)
    assert workspace.report() == checked(project, {model: right})


def test_the_last_good_text_may_be_that_of_the_disk(workspace: Workspace, project: Path) -> None:
    model = project / "model.py"
    workspace.report()
    workspace.lay(model, model.read_text() + "def (")
    assert (found(workspace.report()), len(workspace.report().errors)) == (WRONG, 1)
    workspace.lay(model, None)
    assert workspace.report() == checked(project)


def test_a_text_that_was_never_whole_is_as_broken_as_on_disk(workspace: Workspace, project: Path) -> None:
    train = project / "train.py"
    broken = train.read_text() + "def ("
    workspace.lay(train, broken)
    assert workspace.report() == checked(project, {train: broken})
    assert workspace.report().errors


def test_a_broken_text_in_which_nothing_matters_is_not_complained_about(workspace: Workspace, project: Path) -> None:
    other = project / "other.py"
    other.write_text("import os\n")
    workspace.report()
    workspace.lay(other, "import os\ndef (")
    assert workspace.report() == checked(project, {other: "import os\ndef ("})
    assert workspace.report().errors == ()


def test_files_come_and_go_on_disk(workspace: Workspace, project: Path) -> None:
    more, moved = project / "sub" / "more.py", project / "moved.py"
    model, away = project / "model.py", project / "away.py"
    steps: list[tuple[Callable[[], object], list[Path], list[tuple[str, int, str]]]] = [
        (more.parent.mkdir, [more.parent], WRONG),
        (lambda: more.write_text(INLINE), [more], [("more.py", 2, "CEL001"), *WRONG]),
        (lambda: more.write_text("\n" + INLINE), [more], [("more.py", 3, "CEL001"), *WRONG]),
        (lambda: more.rename(moved), [more, moved], [("moved.py", 3, "CEL001"), *WRONG]),
        (moved.unlink, [moved], WRONG),
        (lambda: model.rename(away), [model, away], []),
        (lambda: away.rename(model), [model, away], WRONG),
    ]
    for change, touched, expected in steps:
        change()
        workspace.touch(touched)
        report = workspace.report()
        assert report == checked(project)
        assert sorted(found(report)) == expected


def test_a_folder_is_moved_and_comes_back_with_other_files(workspace: Workspace, project: Path) -> None:
    (project / "train.py").unlink()
    here, there = project / "a", project / "b"
    here.mkdir()
    (here / "more.py").write_text(INLINE)
    workspace.report()
    answers = []
    for start, end, text in ((here, there, INLINE), (there, here, INLINE), (here, there, ""), (there, here, INLINE)):
        start.rename(end)
        (end / "more.py").write_text(text)
        workspace.touch([start, end])
        report = workspace.report()
        assert report == checked(project)
        answers.append([Path(one.argument.path).parent.name for one in report.findings])
    assert answers == [["b"], ["a"], [], ["a"]]


def test_a_file_that_is_excluded_and_imported_is_read_again_when_it_is_touched(
    workspace: Workspace, project: Path, right: str
) -> None:
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nexclude = ["model.py"]\n')
    model, wrong = project / "model.py", (project / "model.py").read_text()
    assert found(workspace.report()) == WRONG
    for text in (right, wrong):
        model.write_text(text)
        workspace.touch([model])
        assert workspace.report() == checked(project)
    workspace.lay(model, right)
    assert found(workspace.report()) == []


def test_a_file_that_is_not_on_disk_counts_and_can_be_imported(workspace: Workspace, project: Path, right: str) -> None:
    workspace.report()
    new, user = project / "fresh.py", project / "user.py"
    model = (project / "model.py").read_text()
    loop = (project / "train.py").read_text().replace("from model", "from fresh")
    for path, text in ((user, loop), (new, model), (new, right), (new, model)):
        workspace.lay(path, text)
        workspace.report()
    laid = {new: model, user: loop}
    assert workspace.report() == checked(project, laid)
    assert found(workspace.report()) == [*WRONG, ("user.py", 6, "CEL001")]
    workspace.lay(new, None)
    assert workspace.report() == checked(project, {user: loop})
    assert found(workspace.report()) == WRONG


def test_a_file_that_is_excluded_is_not_reported_because_it_is_open(workspace: Workspace, project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nexclude = ["more.py", "fresh.py"]\n')
    (project / "more.py").write_text("")
    for name in ("more.py", "fresh.py", "build/also.py", "notes.txt"):
        workspace.lay(project / name, INLINE)
    assert found(workspace.report()) == WRONG


def test_a_notebook_of_which_an_editor_holds_the_cells(workspace: Workspace, project: Path) -> None:
    notebook = project / "try.ipynb"
    cells = [{"cell_type": "code", "source": line} for line in INLINE.splitlines()]
    text = json.dumps({"cells": cells})
    workspace.lay_source(notebook, source_from_text(notebook, text))
    report = workspace.report()
    assert report == checked(project, {notebook: text})
    assert [(one.argument.cell, one.argument.line) for one in report.findings if one.argument.cell] == [(2, 1)]
    more = json.dumps({"cells": [{"cell_type": "markdown", "source": "# first"}, *cells]})
    workspace.lay_source(notebook, source_from_text(notebook, more))
    assert workspace.report() == checked(project, {notebook: more})


def test_a_text_that_is_no_source_is_said_and_costs_no_finding(workspace: Workspace, project: Path) -> None:
    notebook = project / "try.ipynb"
    text = json.dumps({"cells": [{"cell_type": "code", "source": INLINE}]})
    workspace.lay(notebook, text)
    whole = workspace.report()
    workspace.lay(notebook, text[:-1])
    broken = workspace.report()
    assert (len(whole.findings), broken.findings) == (2, whole.findings)
    assert [Path(one.path).name for one in broken.errors] == ["try.ipynb"]


def test_settings_and_configurations_change(workspace: Workspace, project: Path) -> None:
    workspace.report()
    narrow = Settings(ignore=("CEL001",), strict=True)
    workspace.configure(narrow)
    assert workspace.report() == checked(project, settings=narrow)
    assert found(workspace.report()) == []
    workspace.configure(STRICT)
    assert found(workspace.report()) == WRONG
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nignore = ["CEL001"]\n')
    workspace.touch([project / "pyproject.toml"])
    assert found(workspace.report()) == []
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
    workspace.touch([project / "pyproject.toml"])
    for _ in range(2):
        with pytest.raises(UsageError):
            workspace.report()
    (project / "pyproject.toml").write_text("")
    workspace.touch([project / "pyproject.toml"])
    assert found(workspace.report()) == WRONG


def test_the_projects_own_knowledge_changes(workspace: Workspace, project: Path) -> None:
    (project / "own.py").write_text("import mine, torch\nloss = mine.Loss()(torch.softmax(x, 1), y)\n")
    workspace.report()
    (project / "pyproject.toml").write_text(
        '[[tool.ce-lint.knowledge]]\nlibrary = "mine"\n'
        'losses = [{ name = "mine.Loss", form = "class", family = "cross-entropy" }]\n'
    )
    workspace.touch([project / "pyproject.toml"])
    assert workspace.report() == checked(project)
    assert found(workspace.report()) == [("own.py", 2, "CEL001"), *WRONG]


def test_who_asks_can_change_his_mind(workspace: Workspace, project: Path, right: str) -> None:
    with pytest.raises(Cancelled):
        workspace.report(lambda: True)
    assert workspace.report() == checked(project)
    workspace.lay(project / "model.py", right)
    with pytest.raises(Cancelled):
        workspace.report(lambda: True)
    workspace.lay(project / "model.py", None)
    (project / "more.py").write_text(INLINE)
    workspace.touch([project / "more.py"])
    with pytest.raises(Cancelled):
        workspace.report(lambda: True)
    assert workspace.report() == checked(project)


def test_a_settled_report_follows_everything(workspace: Workspace, project: Path) -> None:
    (project / "more.py").write_text(INLINE)
    train = project / "train.py"
    text = train.read_text() + "x = 1\n"
    workspace.report()
    workspace.lay(train, text)
    workspace.report()
    assert (workspace.is_settled, workspace.followed) == (False, {train})
    assert workspace.settled_report() == checked(project, {train: text})
    assert (workspace.is_settled, workspace.followed) == (True, {train, project / "more.py"})
    workspace.settled_report()
    assert workspace.followed == {train, project / "more.py"}, "and no second time"


def test_settling_can_be_cancelled_and_costs_nothing_then(workspace: Workspace, project: Path) -> None:
    (project / "more.py").write_text(INLINE)
    train, other = project / "train.py", project / "other.py"
    text = train.read_text() + "x = 1\n"
    workspace.report()
    workspace.lay(train, text)
    workspace.report()
    with pytest.raises(Cancelled):
        workspace.settled_report(lambda: True)
    workspace.lay(other, "import torch\n")
    assert workspace.report() == checked(project, {train: text, other: "import torch\n"})
    assert (workspace.is_settled, workspace.followed) == (False, frozenset())
    workspace.settled_report()
    assert workspace.is_settled


def test_a_report_that_was_cancelled_between_two_changes_is_not_settled(
    workspace: Workspace, project: Path, right: str
) -> None:
    (project / "more.py").write_text(INLINE)
    workspace.report()
    workspace.lay(project / "model.py", right)
    workspace.lay(project / "more.py", INLINE + "x = 1\n")
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        workspace.report(lambda: next(asked))
    workspace.lay(project / "notes.py", "")
    workspace.report()
    assert not workspace.is_settled


def test_what_hours_of_typing_leave_behind_is_thrown_away(
    workspace: Workspace, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incremental, "MIN_GROWTH", 0)
    monkeypatch.setattr(incremental, "MAX_GROWTH", 2)
    train = project / "train.py"
    text = train.read_text()
    workspace.report()
    settled = []
    for number in range(25):
        (project / f"lib_{number}.py").write_text("")
        workspace.touch([project / f"lib_{number}.py"])
        workspace.lay(train, text + f"import lib_{number}\nloss = criterion(lib_{number}.z(net(x)), y)\n")
        workspace.report()
        settled.append(workspace.is_settled)
    assert True in settled
    assert False in settled


def test_what_calls_enter_is_found_again_though_the_question_was_given_up(workspace: Workspace, project: Path) -> None:
    (project / "losses.py").write_text(
        "import torch.nn.functional as F\ndef loss_of(out, y):\n    return F.cross_entropy(out, y)\n"
    )
    (project / "user.py").write_text(
        "import torch.nn.functional as F\nfrom impl import loss_of\nloss_of(F.softmax(x, dim=1), y)\n"
    )
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        workspace.report(lambda: next(asked))
    (project / "impl.py").write_text("from losses import loss_of\n")
    workspace.touch([project / "impl.py"])
    assert workspace.report() == checked(project)
    assert len(workspace.report().findings) == 2


def test_plans_of_fixes_change_no_later_answer(workspace: Workspace, project: Path, right: str) -> None:
    (project / "more.py").write_text(INLINE)
    model = project / "model.py"
    for number, text in enumerate((right, None, model.read_text() + "x = 1\n", right)):
        for finding in workspace.report().findings:
            evidence = workspace.evidence(finding)
            assert evidence is not None
            assert plan(finding, evidence)
        new = project / f"lib_{number}.py"
        new.write_text("from model import Net\n")
        workspace.touch([new])
        workspace.lay(model, text)
        assert workspace.report() == checked(project, {} if text is None else {model: text})


def test_a_file_that_is_opened_is_seen_though_nobody_said_that_it_was_made(workspace: Workspace, project: Path) -> None:
    workspace.report()
    new = project / "new.py"
    new.write_text(INLINE)
    workspace.lay(new, INLINE)
    assert found(workspace.report()) == [("new.py", 2, "CEL001"), *WRONG]


def test_a_project_is_made_around_a_comment(workspace: Workspace, project: Path) -> None:
    workspace.configure(Settings(strict=True, extend_select=("CEL902",)))
    inside = project / "inside" / "idle.py"
    inside.parent.mkdir()
    inside.write_text("x = 1  # ce-lint: ignore[CEL001] why\n")
    workspace.touch([inside])
    before = workspace.report()
    (inside.parent / "pyproject.toml").touch()
    workspace.touch([inside.parent / "pyproject.toml"])
    after = workspace.report()
    assert after == checked(project, settings=Settings(strict=True, extend_select=("CEL902",)))
    assert before != after


def test_a_text_that_is_no_source_is_not_told_of_where_it_is_excluded(workspace: Workspace, project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nexclude = ["try.ipynb"]\n')
    workspace.lay(project / "try.ipynb", "{")
    assert workspace.report() == checked(project)


def test_a_report_is_not_settled_when_a_call_went(workspace: Workspace, project: Path) -> None:
    more = project / "more.py"
    more.write_text(INLINE)
    workspace.report()
    more.unlink()
    workspace.touch([more])
    assert workspace.report() == checked(project)
    assert not workspace.is_settled


def test_what_goes_wrong_costs_the_next_report_nothing(
    workspace: Workspace, project: Path, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.report()
    workspace.lay(project / "model.py", right)
    (project / "new.py").write_text(INLINE)
    workspace.touch([project / "new.py"])

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(Standing, "renew", fail)
        with pytest.raises(ZeroDivisionError):
            workspace.report()
    assert workspace.report() == checked(project, {project / "model.py": right})
    assert found(workspace.report()) == [("new.py", 2, "CEL001")]


def test_the_evidence_of_a_finding_knows_the_texts_as_they_are(workspace: Workspace, project: Path) -> None:
    (first,) = workspace.report().findings
    assert workspace.evidence(first) is not None
    workspace.lay(project / "other.py", INLINE)
    second = next(one for one in workspace.report().findings if one == first)
    evidence = workspace.evidence(second)
    assert evidence is not None
    machine = evidence.interpreter.machine
    assert evidence.flow.origin.path == str(project / "model.py")
    module = machine.program.module(project / "other.py")
    assert module is not None
    assert module.source.text == INLINE
    assert [one.path.name for one in machine.program.mentioning("cross_entropy")] == ["other.py"]
    workspace.lay(project / "model.py", "")
    workspace.report()
    assert workspace.evidence(second) is None


def test_a_source_is_what_the_report_was_made_of(workspace: Workspace, project: Path) -> None:
    model = project / "model.py"
    workspace.report()
    assert workspace.source(model) == SourceFile(model, model.read_text())
    assert workspace.source(project / "gone.py") is None
    workspace.lay(model, "x = 1\n")
    workspace.report()
    assert workspace.source(model) == SourceFile(model, "x = 1\n")


def test_an_empty_folder_has_an_empty_report(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, STRICT)
    assert workspace.report() == Report()
    workspace.lay(tmp_path / "new.py", INLINE)
    assert found(workspace.report()) == [("new.py", 2, "CEL001")]
    workspace.lay(tmp_path / "new.py", None)
    assert workspace.report() == Report()


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        Workspace(tmp_path / "gone", STRICT).report()


def test_a_method_that_only_its_own_class_names_is_found_again(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    path = tmp_path / "a.py"
    text = (
        "import torch.nn as nn\n\n\nclass T:\n    def make():\n        return nn.CrossEntropyLoss()\n\n"
        "    def go(x, y, make=make):\n        pass\n\n    value = make()(nn.Softmax(1)(inp), tgt)\n"
    )
    path.write_text(text)
    workspace = Workspace(tmp_path, STRICT)
    assert len(workspace.report().findings) == 1
    workspace.lay(path, text + "z = 1\n")
    assert len(workspace.report().findings) == 1
