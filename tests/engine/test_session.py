"""One session over a tree that changes: every answer is that of a fresh one."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path, PurePath

import pytest

from ce_lint.engine.analyses import MAX_PROJECTS
from ce_lint.engine.analysis import analyse
from ce_lint.engine.clock import Clock
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.results import Analysis
from ce_lint.engine.session import Session
from ce_lint.knowledge.loader import Knowledge
from ce_lint.program.program import Program
from ce_lint.source.file import SourceFile
from tests.engine.conftest import found_in

Check = Callable[..., list[tuple[str, int, str]]]
Make = Callable[..., Path]

WRONG = [("train.py", 6, "CEL001")]
INLINE = "import torch.nn.functional as F\nloss = F.cross_entropy(F.softmax(x, dim=1), y)\n"


def test_an_edited_file_changes_the_answer(check: Check, project: Path, right: str) -> None:
    model = (project / "model.py").read_text()
    answers = [check(project)]
    for text in (right, model):
        (project / "model.py").write_text(text)
        answers.append(check(project))
    assert answers == [WRONG, [], WRONG]


def test_an_added_file_changes_the_answer(check: Check, project: Path) -> None:
    before = check(project)
    (project / "more.py").write_text(INLINE)
    assert (before, check(project)) == (WRONG, [("more.py", 2, "CEL001"), *WRONG])


def test_a_deleted_file_changes_the_answer(check: Check, project: Path) -> None:
    before = check(project)
    (project / "model.py").unlink()
    assert (before, check(project)) == (WRONG, [])


def test_a_missing_file_that_comes_is_found(check: Check, project: Path) -> None:
    model = (project / "model.py").read_text()
    (project / "model.py").unlink()
    before = check(project)
    (project / "model.py").write_text(model)
    assert (before, check(project)) == ([], WRONG)


def test_a_new_module_that_shadows_another_is_seen(check: Check, project: Path, right: str) -> None:
    (project / "scripts").mkdir()
    (project / "train.py").rename(project / "scripts" / "train.py")
    before = check(project)
    (project / "scripts" / "model.py").write_text(right)
    assert (before, check(project)) == (WRONG, [])


def test_the_projects_knowledge_changes_the_answer(check: Check, project: Path) -> None:
    (project / "own.py").write_text("import mine, torch\nloss = mine.Loss()(torch.softmax(x, 1), y)\n")
    before = check(project / "own.py")
    (project / "pyproject.toml").write_text(
        '[[tool.ce-lint.knowledge]]\nlibrary = "mine"\n'
        'losses = [{ name = "mine.Loss", form = "class", family = "cross-entropy" }]\n'
    )
    assert (before, check(project / "own.py")) == ([], [("own.py", 2, "CEL001")])


def test_a_text_lies_over_the_disk_for_one_question(check: Check, check_text: Check, project: Path, right: str) -> None:
    model = project / "model.py"
    answers = [check_text(model, right), check(project), check_text(model, model.read_text()), check_text(model, right)]
    assert answers == [[], WRONG, WRONG, []]


def test_a_text_that_is_not_on_disk(check_text: Check, project: Path) -> None:
    assert check_text(project / "new.py", INLINE) == [("new.py", 2, "CEL001")]


def test_a_text_that_is_not_on_disk_uses_what_is(check_text: Check, project: Path) -> None:
    text = (project / "train.py").read_text()
    assert check_text(project / "new.py", text) == [("new.py", 6, "CEL001")]


def test_a_text_that_cannot_be_parsed_is_an_error_of_its_own(session: Session, project: Path) -> None:
    report = session.check_text(project / "train.py", "loss = = criterion(x, y)\n", Settings())
    assert (report.findings, [Path(one.path).name for one in report.errors]) == ((), ["train.py"])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_is_parsed_but_once_if_it_is_what_the_disk_holds(
    session: Session, project: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    from ce_lint.engine import analysis as module

    runs: list[object] = []
    real = module.analyse
    monkeypatch.setattr(
        module, "analyse", lambda *arguments, **options: (runs.append(arguments), real(*arguments, **options))[1]
    )
    for file in (project / "model.py", project / "train.py"):
        file.write_text(file.read_text(), newline=end)
    for name in ("model.py", "train.py", "model.py"):
        # As flake8 reads it, each line with a line feed, and as it is.
        for text in ((project / name).read_text(), (project / name).read_bytes().decode()):
            assert found_in(session.check_text(project / name, text, Settings())) == WRONG
    assert len(runs) == 1


def test_two_projects_do_not_mix(check: Check, tmp_path: Path, make: Make, right: str) -> None:
    wrong, clean = make(tmp_path / "wrong"), make(tmp_path / "clean", right)
    assert [check(wrong), check(clean), check(wrong, clean), check(clean)] == [WRONG, [], WRONG, []]


def test_a_project_inside_another_is_followed_with_it(check: Check, tmp_path: Path, make: Make, right: str) -> None:
    outer = make(tmp_path / "outer", right)
    make(outer / "inner")
    assert check(outer) == WRONG


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["train.py"], 1),
        (["model.py"], 1),
        (["other.py"], 0),
        (["train.py", "model.py"], 1),
        (["."], 1),
        ([".", "train.py"], 1),
        (["train.py", "train.py"], 1),
    ],
)
def test_a_flow_is_reported_where_one_of_its_ends_is_asked_for(
    check: Check, project: Path, asked: list[str], expected: int
) -> None:
    (project / "other.py").write_text("import torch\n")
    assert len(check(*(project / name for name in asked))) == expected


def test_the_counts_are_those_of_the_files_asked_for(session: Session, project: Path) -> None:
    (project / "right.py").write_text("from torch import nn\nloss = nn.CrossEntropyLoss()(nn.Linear(1, 2)(x), y)\n")
    counts = [
        session.check([project / name], Settings()).loss_calls for name in ("right.py", "train.py", "model.py", ".")
    ]
    assert [(one.right, one.reported, one.unresolved) for one in counts] == [(1, 0, 0), (0, 1, 0), (0, 0, 0), (1, 1, 0)]


@pytest.mark.parametrize(
    ("name", "line"),
    [("model.py", "        return F.softmax(self.fc(x), dim=1)"), ("train.py", "loss = criterion(net(x), y)")],
)
@pytest.mark.parametrize(
    ("comment", "expected"),
    [("# noqa", []), ("# noqa: CEL001", []), ("# noqa: CEL002", WRONG), ("# noqa: E501,CEL001", []), ("# nothing", WRONG)],  # noqa: E501
)  # fmt: skip
def test_a_comment_at_either_end_takes_a_finding_back(
    check: Check, project: Path, name: str, line: str, comment: str, expected: list[tuple[str, int, str]]
) -> None:
    path = project / name
    path.write_text(path.read_text().replace(line, f"{line}  {comment}"))
    assert check(project) == expected


def test_a_comment_in_an_unsaved_text_counts(check_text: Check, project: Path) -> None:
    text = (project / "train.py").read_text().replace("net(x), y)", "net(x), y)  # noqa: CEL001")
    assert check_text(project / "train.py", text) == []


def test_a_comment_that_an_unsaved_text_no_longer_has_does_not_count(check_text: Check, project: Path) -> None:
    path = project / "train.py"
    text = path.read_text()
    path.write_text(text.replace("net(x), y)", "net(x), y)  # noqa: CEL001"))
    assert check_text(path, text) == WRONG


def test_a_comment_counts_from_another_folder(
    check: Check, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = project / "train.py"
    path.write_text(path.read_text().replace("net(x), y)", "net(x), y)  # noqa"))
    answers = [check(project)]
    monkeypatch.chdir(tmp_path)
    answers.append(check(project))
    assert answers == [[], []]


def test_paths_are_those_of_the_current_folder(
    session: Session, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    for folder in (project, project.parent):
        monkeypatch.chdir(folder)
        shown.append([one.argument.path for one in session.check([project], Settings()).findings])
    assert shown == [["train.py"], ["project/train.py"]]


def test_a_path_that_goes_up_is_the_same_file(
    check: Check, check_text: Check, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    again = Path("..") / "sub" / ".." / "train.py"
    assert check(again) == check_text(again, again.read_text()) == WRONG
    assert len(session.check([again], Settings(root=Path("../sub/.."))).findings) == 1


def test_for_files_that_hold_no_end_the_project_is_not_read(
    project: Path, monkeypatch: pytest.MonkeyPatch, check: Check
) -> None:
    (project / "paths.py").write_text("from pathlib import Path\n")
    read: list[Path] = []

    def analysed(
        program: Program, knowledge: Knowledge, *, strict: bool, cancelled: Callable[[], bool], clock: Clock
    ) -> Analysis:
        read.append(program.root)
        return analyse(program, knowledge, strict=strict, cancelled=cancelled, clock=clock)

    monkeypatch.setattr("ce_lint.engine.analysis.analyse", analysed)
    assert (check(project / "paths.py"), read) == ([], [])
    assert (check(project / "train.py"), read) == (WRONG, [project])


def test_the_files_of_a_project_are_put_in_order_once(
    project: Path, monkeypatch: pytest.MonkeyPatch, check_text: Check
) -> None:
    for number in range(50):
        (project / f"m{number}.py").touch()
    monkeypatch.setattr("ce_lint.engine.analyses.RESCAN_FACTOR", math.inf)
    train, compared = project / "train.py", []
    before = check_text(train, train.read_text())
    monkeypatch.setattr(PurePath, "__lt__", lambda one, other: compared.append(one) or str(one) < str(other))
    assert sorted([Path("b"), Path("a")])[0] == Path("a")
    assert compared, "nothing would be counted"
    compared.clear()
    assert (check_text(train, train.read_text()), compared) == (before, [])


def test_texts_lie_over_several_files(project: Path, session: Session, right: str) -> None:
    model, train, new = project / "model.py", project / "train.py", project / "new.py"
    overlay = {
        model: SourceFile(model, right),
        train: SourceFile(train, "\n" + train.read_text()),
        new: SourceFile(new, INLINE),
    }
    strict = Settings(strict=True)
    answers = [
        found_in(session.check([project], strict, laid))
        for laid in ({}, {train: overlay[train]}, overlay, {new: overlay[new]}, {})
    ]
    moved, inline = [("train.py", 7, "CEL001")], ("new.py", 2, "CEL001")
    assert answers == [WRONG, moved, [inline], [inline, *WRONG], WRONG]


def test_what_is_wrong_with_a_laid_text_is_said(project: Path, session: Session) -> None:
    other = project / "other.py"
    other.write_text("")
    broken = SourceFile(other, "softmax = (\n")
    assert [error.line for error in session.check([project], Settings(), {other: broken}).errors] == [1]
    assert session.check([project], Settings()).errors == ()
    unused = SourceFile(other, "x = 1  # ce-lint: ignore[CEL001] why\n")
    asked = Settings(extend_select=("CEL902",))
    assert ("other.py", 1, "CEL902") in found_in(session.check([project], asked, {other: unused}))


@pytest.mark.parametrize(
    ("name", "counts"),
    [("new.py", True), ("sub/new.py", True), ("new.txt", False), ("build/new.py", False), ("left/out.py", False)],
)
def test_a_laid_file_that_is_not_on_disk_counts_where_it_would_be_found(
    project: Path, session: Session, name: str, counts: bool
) -> None:
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nexclude = ["left"]\n')
    path = project / name
    report = session.check([project], Settings(), {path: SourceFile(path, INLINE)})
    assert (Path(name).name in {one for one, _, _ in found_in(report)}) == counts


def test_a_laid_file_can_be_asked_for_by_its_name(project: Path, session: Session) -> None:
    path = project / "new.py"
    report = session.check([path], Settings(), {path: SourceFile(path, INLINE)})
    assert found_in(report) == [("new.py", 2, "CEL001")]


def test_a_finding_has_evidence_as_long_as_its_analysis_is_held(project: Path, session: Session) -> None:
    (finding,) = session.check([project], Settings()).findings
    evidence = session.evidence(finding)
    assert evidence is not None
    assert evidence.flow.sink.path == str(project / "train.py")
    assert Session().evidence(finding) is None


def test_an_excluded_file_that_is_imported_changes_the_answer(check: Check, project: Path, right: str) -> None:
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nexclude = ["model.py"]\n')
    before = check(project)
    (project / "model.py").write_text(right)
    assert (before, check(project)) == (WRONG, [])


def test_a_process_that_lives_for_days_holds_few_projects(tmp_path: Path, make: Make) -> None:
    session = Session()
    projects = [make(tmp_path / f"project_{number}") for number in range(MAX_PROJECTS + 2)]
    findings = []
    for root in (*projects, *projects[2:]):
        train = root / "train.py"
        findings += session.check_text(train, train.read_text(), Settings()).findings
    assert len(findings) == 2 * len(projects) - 2
    held = [session.evidence(one) is not None for one in findings[: len(projects)]]
    assert held == [False, False, *[True] * MAX_PROJECTS]
