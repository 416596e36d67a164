"""What comments take back at either end of a flow, and which of them take back nothing (CEL902)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Confidence, LossCalls, Region, Report, Severity

Found = list[tuple[str, int, str]]
Check = Callable[..., Found]

WRONG = [("train.py", 6, "CEL001")]
IGNORE = "# ce-lint: ignore[CEL001]"
SOURCE = "        return F.softmax(self.fc(x), dim=1)"
SINK = "loss = criterion(net(x), y)"
RIGHT_CALL = "import torch.nn.functional as F\nfrom torch import nn\nloss = F.cross_entropy(nn.Linear(2, 3)(x), y)"


def place(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def said(report: Report) -> list[tuple[int, int, str]]:
    """Line, column and message of each CEL902."""
    return [(one.argument.line, one.argument.column, one.message) for one in report.findings if one.code == "CEL902"]


@pytest.fixture
def unused(session: Session, project: Path) -> Callable[..., list[tuple[int, int, str]]]:
    """What is said of the comments in a file that lies in the project, asked for alone."""

    def run(text: str, name: str = "own.py", *, respect_noqa: bool = True) -> list[tuple[int, int, str]]:
        (project / name).write_text(text)
        settings = Settings(extend_select=("CEL902",), respect_noqa=respect_noqa, strict=True)
        report = session.check([project / name], settings)
        unsaved = session.check_text(project / name, text, settings)
        assert (unsaved.findings, unsaved.errors) == (report.findings, report.errors)
        return said(report)

    return run


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("model.py", SOURCE, f"{SOURCE}  {IGNORE} as in the paper", []),
        ("train.py", SINK, f"{SINK}  {IGNORE} as in the paper", []),
        ("train.py", SINK, f"{SINK}  # ce-lint: ignore", []),
        ("train.py", SINK, f"{SINK}  # ce-lint: ignore[CEL002, CEL0]", []),
        ("train.py", SINK, f"{SINK}  # ce-lint: ignore[CEL002]", [("train.py", 6, "CEL001")]),
        ("train.py", SINK, f"{SINK}  # ce-lint: ignore[]", [("train.py", 6, "CEL001")]),
        ("train.py", SINK, f"{SINK}  # CE-LINT: ignore", [("train.py", 6, "CEL001")]),
        ("train.py", SINK, f"{SINK}; '{IGNORE}'", [("train.py", 6, "CEL001")]),
        ("train.py", SINK, f"{IGNORE}\n{SINK}", []),
        ("train.py", SINK, f"{SINK}\n{IGNORE}\n", [("train.py", 6, "CEL001")]),
        ("train.py", SINK, f"loss = criterion(\n    net(x),\n    y,\n)  {IGNORE}", []),
        ("train.py", SINK, f"loss = criterion(  {IGNORE}\n    net(x),\n    y,\n)", []),
        ("train.py", SINK, f"loss = criterion(\n    net(\n        x),  {IGNORE}\n    y,\n)", []),
        ("train.py", SINK, f"loss = criterion(\n    net(x),\n    y,  {IGNORE}\n)", []),
        ("train.py", SINK, f"loss = criterion(\n    {IGNORE}\n    net(x),\n    y,\n)", []),
        ("train.py", SINK, f"{IGNORE}\nloss = (\n    criterion(net(x), y)\n)", []),
        ("train.py", SINK, f"loss = [\n    criterion(net(x), y),\n    0  {IGNORE}\n]", [("train.py", 7, "CEL001")]),
        ("train.py", SINK, "loss = criterion(\n    net(x),\n    y,\n)  # noqa: CEL001", [("train.py", 7, "CEL001")]),
        ("train.py", SINK, "loss = criterion(\n    net(x),  # noqa: CEL001\n    y,\n)", []),
        ("model.py", SOURCE, SOURCE.replace("(self.fc(x), dim=1)", f"(\n    self.fc(x),\n    dim=1,\n)  {IGNORE}"), []),
        ("train.py", "net = Net()", "# ce-lint: file-ignore[CEL001] a lesson\nnet = Net()", []),
        ("model.py", "class Net", "# ce-lint: file-ignore\nclass Net", []),
        ("model.py", "class Net", "# ce-lint: file-ignore[CEL1]\nclass Net", [("train.py", 6, "CEL001")]),
    ],
)  # fmt: skip
def test_our_comment_takes_a_finding_back(
    check: Check, project: Path, name: str, old: str, new: str, expected: Found
) -> None:
    place(project / name, old, new)

    assert check(project) == expected


def test_nothing_is_taken_back_where_comments_are_not_respected(session: Session, project: Path) -> None:
    place(project / "model.py", SOURCE, f"{SOURCE}  {IGNORE}")
    place(project / "train.py", SINK, f"# ce-lint: ignore\n{SINK}  # noqa")

    report = session.check([project], Settings(respect_noqa=False))
    assert [one.code for one in report.findings] == ["CEL001"]


@pytest.mark.parametrize("name", ["model.py", "train.py"])
@pytest.mark.parametrize("comment", [IGNORE, "# noqa: CEL001", "# ce-lint: ignore[CEL0]", "# ce-lint: ignore"])
@pytest.mark.parametrize("select", [("CEL902",), ("CEL",), ("CEL001", "CEL902")])
def test_a_comment_that_a_finding_needs_is_used_whatever_is_selected(
    session: Session, project: Path, name: str, comment: str, select: tuple[str, ...]
) -> None:
    for line in (SOURCE, SINK):
        path = project / name
        path.write_text(path.read_text().replace(line, f"{line}  {comment}"))

    for asked in (project, project / "model.py", project / "train.py"):
        assert session.check([asked], Settings(select=select, strict=True)).findings == ()


def test_comments_at_both_ends_are_used_both(session: Session, project: Path) -> None:
    place(project / "model.py", SOURCE, f"{SOURCE}  {IGNORE}")
    place(project / "train.py", SINK, f"{SINK}  # noqa: CEL001")

    assert said(session.check([project], Settings(extend_select=("CEL902",)))) == []


def test_a_comment_is_unused_once_the_code_is_right(session: Session, project: Path, right: str) -> None:
    place(project / "train.py", SINK, f"{SINK}  {IGNORE} why")
    settings = Settings(extend_select=("CEL902",))
    before = said(session.check([project], settings))
    (project / "model.py").write_text(right)

    assert before == []
    assert said(session.check([project], settings)) == [(6, 30, "`CEL001` suppresses nothing here")]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# noqa: CEL001", "`CEL001` suppresses nothing here"),
        ("# noqa: CEL001, E501, CEL201", "`CEL001`, `CEL201` suppress nothing here"),
        ("# noqa: E501", None),
        ("# noqa", None),
        ("# noqa: CEL", None),
        ("# noqa: CELERY001", None),
        ("# noqa: CEL0", "`CEL0` suppresses nothing here"),
        ("# noqa: CEL001 CEL999", "`CEL001` suppresses nothing here; there is no rule `CEL999`"),
        ("# noqa: cel001", "there is no rule `cel001`"),
        (IGNORE, "`CEL001` suppresses nothing here"),
        ("# ce-lint: ignore", "`# ce-lint: ignore` suppresses nothing here"),
        ("# ce-lint: ignore because", "`# ce-lint: ignore` suppresses nothing here"),
        ("# ce-lint: ignore[]", "`# ce-lint: ignore[]` lists no code, and suppresses nothing here"),
        ("# ce-lint: ignore[CEL999]", "there is no rule `CEL999`"),
        ("# ce-lint: ignore[E501, CEL001]", "`CEL001` suppresses nothing here; there is no rule `E501`"),
        ("# ce-lint: ignore[CEL001, CEL001]", "`CEL001` suppresses nothing here"),
        ("# ce-lint: ignore[CEL901]", "`CEL901` suppresses nothing here"),
        ("# ce-lint: file-ignore[CEL001]", "`CEL001` suppresses nothing in this file"),
        ("# ce-lint: file-ignore", "`# ce-lint: file-ignore` suppresses nothing in this file"),
        ("# noqa: CEL102", None),
        ("# ce-lint: ignore[CEL102, CEL401]", None),
        ("# ce-lint: ignore[CEL1]", None),
        ("# ce-lint: ignore[CEL102, CEL101]", "`CEL101` suppresses nothing here"),
        ("# noqa: CEL001, CEL902", None),
        ("# ce-lint: ignore[CEL001, CEL902]", None),
        ("# noqa: CEL902", None),
        ("# ce-lint: ignore[CEL902]", None),
        ("# ce-lint: ignore[CEL]", None),
    ],
)
@pytest.mark.parametrize("before", ["x = 1", RIGHT_CALL], ids=["no loss", "a loss"])
def test_what_is_said_of_a_comment(
    unused: Callable[..., object], before: str, comment: str, expected: str | None
) -> None:
    lines = before.split("\n")

    place = (len(lines), len(lines[-1]) + 3)
    assert unused(f"{before}  {comment}\n") == ([] if expected is None else [(*place, expected)])


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x = '# noqa: CEL001'\n", []),
        ("def f():\n    '''\n    # noqa: CEL001\n    # ce-lint: ignore\n    '''\n", []),
        ("x = 1  # noqa: E501  # noqa: CEL001\n", [1]),
        ("x = '# noqa: E501'  # noqa: CEL001\n", [1]),
        ("x = (1 +  # noqa: CEL001\n     2)  # ce-lint: ignore[CEL001]\n", [1, 2]),
        ("x = '''\n'''  # noqa: CEL001\n", [2]),
        ("# flake8: noqa\nx = 1  # noqa: CEL001\n", []),
        ("# flake8: noqa\nx = 1  # ce-lint: ignore[CEL001]\n", []),
        ("x = 1  # ce-lint: ignore[CEL001]  # noqa\n", []),
        ("x = 1  # ce-lint: ignore[CEL001]  # noqa: CEL902\n", []),
        ("x = 1  # ce-lint: ignore[CEL001]  # noqa: E501\n", [1]),
        ("# ce-lint: ignore[CEL902]\nx = 1  # noqa: CEL001\n", []),
        ("# ce-lint: ignore\nx = 1  # noqa: CEL001\n", [1, 2]),
        ("# ce-lint: file-ignore[CEL902]\nx = 1  # noqa: CEL001\n", []),
        ("# ce-lint: ignore[CEL001]\n", [1]),
    ],
)
def test_which_comments_are_judged(unused: Callable[..., Found], text: str, lines: list[int]) -> None:
    assert [line for line, *_ in unused(text)] == lines


@pytest.mark.parametrize("comment", ["# noqa: CEL901", "# noqa", "# ce-lint: ignore[CEL901]", "# ce-lint: ignore"])
def test_a_comment_on_a_call_that_could_not_be_decided_is_used(
    unused: Callable[..., Found], session: Session, project: Path, comment: str
) -> None:
    text = f"import torch.nn.functional as F\nloss = F.cross_entropy(unknown(x), y)  {comment}\n"

    assert unused(text) == []
    assert session.check([project / "own.py"], Settings(select=("CEL9",))).findings == ()
    assert len(session.check([project / "own.py"], Settings(select=("CEL9",), respect_noqa=False)).findings) == 1


def test_a_call_that_could_not_be_decided_is_not_reported_in_a_file_that_is_taken_back(
    session: Session, project: Path
) -> None:
    text = "# flake8: noqa\nimport torch.nn.functional as F\nloss = F.cross_entropy(unknown(x), y)\n"
    (project / "own.py").write_text(text)

    assert session.check([project / "own.py"], Settings(select=("CEL9",))).findings == ()
    assert len(session.check([project / "own.py"], Settings(select=("CEL9",), respect_noqa=False)).findings) == 1


def test_what_takes_it_back_counts_only_where_comments_are_respected(unused: Callable[..., Found]) -> None:
    text = "x = 1  # noqa: CEL001, CEL902\n"

    assert unused(text) == []
    assert unused(text, respect_noqa=False) == [(1, 8, "`CEL001` suppresses nothing here")]


def test_it_is_off_until_it_is_asked_for(session: Session, project: Path) -> None:
    (project / "own.py").write_text("x = 1  # noqa: CEL001\n")

    assert said(session.check([project], Settings())) == []
    assert said(session.check([project], Settings(select=("CEL902",), ignore=("CEL902",)))) == []
    assert len(said(session.check([project], Settings(select=("CEL902",))))) == 1


def test_only_the_files_asked_for_are_judged(session: Session, project: Path, right: str) -> None:
    (project / "model.py").write_text(right.replace("self.fc(x)", f"self.fc(x)  {IGNORE}"))
    place(project / "train.py", SINK, f"{SINK}  {IGNORE}")
    settings = Settings(select=("CEL902",))

    found = [
        [Path(one.argument.path).name for one in session.check([project / name], settings).findings]
        for name in ("model.py", "train.py", ".")
    ]
    assert found == [["model.py"], ["train.py"], ["model.py", "train.py"]]


@pytest.mark.parametrize(
    "text", ["def f(:  # noqa: CEL001\n", "loss = F.cross_entropy(  # noqa: CEL001\n", "x = 1  # noqa: CEL001\n\0"]
)
def test_nothing_is_said_of_a_file_that_is_no_python(session: Session, project: Path, text: str) -> None:
    (project / "own.py").write_text(text)

    assert said(session.check([project], Settings(extend_select=("CEL902",)))) == []
    assert said(session.check_text(project / "own.py", text, Settings(extend_select=("CEL902",)))) == []


def test_a_comment_in_an_unsaved_text_is_judged_as_it_stands_there(session: Session, project: Path) -> None:
    settings = Settings(extend_select=("CEL902",))
    place(project / "model.py", SOURCE, f"{SOURCE}  {IGNORE}")
    text = (project / "model.py").read_text()

    assert said(session.check_text(project / "model.py", f"\n{text}", settings)) == []
    corrected = text.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)")
    assert said(session.check_text(project / "model.py", corrected, settings)) == [
        (11, 28, "`CEL001` suppresses nothing here")
    ]


def code_cell(*lines: str) -> dict[str, object]:
    source = [line + "\n" for line in lines[:-1]] + [lines[-1]]
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def test_a_notebook(session: Session, project: Path) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# noqa: CEL001"]},
        code_cell("%matplotlib inline", "import torch.nn.functional as F", "x = '😀'  # noqa: CEL001"),
        code_cell("p = F.softmax(x, dim=1)  # ce-lint: ignore[CEL001]", "loss = F.cross_entropy(p, y)"),
        code_cell("def (  # noqa: CEL001"),
    ]
    path = project / "nb.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1))

    report = session.check([path], Settings(extend_select=("CEL902",), strict=True))
    (finding,) = report.findings
    assert (finding.argument.cell, finding.argument.line, finding.argument.column) == (2, 3, 10)
    raw = finding.argument.raw
    assert isinstance(raw, Region)
    assert "# noqa: CEL001" in path.read_text().splitlines()[raw.line - 1]
    assert [error.message.split(":")[0] for error in report.errors] == ["cell 4"]


def test_a_comment_covers_nothing_in_another_cell(session: Session, project: Path) -> None:
    path = project / "nb.ipynb"
    wrong = "loss = F.cross_entropy(F.softmax(x, dim=1), y)"

    def codes(*cells: dict[str, object]) -> list[str]:
        setup = code_cell("import torch.nn.functional as F")
        path.write_text(json.dumps({"cells": [setup, *cells], "metadata": {}, "nbformat": 4}, indent=1))
        return [one.code for one in session.check([path], Settings(extend_select=("CEL902",), strict=True)).findings]

    assert codes(code_cell(IGNORE, wrong)) == []
    assert codes(code_cell(IGNORE), code_cell(wrong)) == ["CEL902", "CEL001"]
    assert codes(code_cell("# ce-lint: file-ignore[CEL001]"), code_cell(wrong)) == []


def test_what_a_finding_holds(session: Session, project: Path) -> None:
    (project / "own.py").write_text("x = 1  # noqa: CEL001, E501\n")
    settings = Settings(select=("CEL902",))
    (finding,) = session.check([project / "own.py"], settings).findings
    here = finding.argument

    assert (finding.name, finding.severity, finding.confidence) == (
        "unused-suppression", Severity.NOTE, Confidence.DEFINITE,
    )  # fmt: skip
    assert (here.end_line, here.end_column, here.text) == (1, 28, "# noqa: CEL001, E501")
    assert finding.source == finding.sink == here
    assert finding.message == finding.message_at_source == finding.message_between


def test_a_fingerprint_survives_moved_lines_and_tells_files_apart(session: Session, project: Path) -> None:
    (project / "own.py").write_text("x = 1  # noqa: CEL001\n")
    (project / "moved.py").write_text("\n\nx = 1  # noqa: CEL001\ny = 1  # noqa: CEL001\n")
    settings = Settings(select=("CEL902",))

    def fingerprints() -> list[str]:
        return [one.fingerprint for one in session.check([project], settings).findings]

    first = fingerprints()
    (project / "own.py").write_text("import os\n\nx  =  1  # noqa: CEL001\n")
    assert len(set(first)) == 3
    assert fingerprints() == first


@pytest.mark.parametrize(("respects", "expected"), [(True, LossCalls(set_aside=1)), (False, LossCalls(reported=1))])
def test_a_call_that_a_comment_takes_back_is_set_aside(
    session: Session, project: Path, respects: bool, expected: LossCalls
) -> None:
    place(project / "model.py", SOURCE, f"{SOURCE}  {IGNORE}")
    assert session.check([project], Settings(respect_noqa=respects)).loss_calls == expected
