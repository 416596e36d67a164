"""Rounds: what is made, what waits, what is refused, and what is written of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.results import Evidence
from ce_lint.engine.session import Session
from ce_lint.findings import Applicability, Edit, Finding, Fix, Place
from ce_lint.fixes.plan import plan
from ce_lint.fixes.rounds import Change, Group, Outcome, Planner, Rounds, overlap
from ce_lint.fixes.writing import LeftAloneError, write

TWO = """\
import torch
import torch.nn.functional as F
from torch import nn

head = nn.Linear(8, 3)
x, y = torch.randn(2, 8), torch.tensor([0, 1])
first = F.cross_entropy(F.softmax(head(x), dim=1), y)
second = F.cross_entropy(F.softmax(head(x), dim=1), y)
"""

Converge = Callable[..., Outcome]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    path = tmp_path / "train.py"
    path.write_text(TWO)
    return path


def converge(planner: Planner, session: Session | None = None) -> Outcome:
    return Rounds(session or Session(), Settings(), planner).converge([Path()])


def replaced(place: Place, new_text: str, name: str = "test") -> Fix:
    return Fix(name, name, Applicability.SAFE, (Edit(place, new_text),))


def test_all_that_do_not_overlap_are_made_in_one_round(file: Path) -> None:
    session = Session()
    asked = []

    class Counting(Session):
        def check(self, *arguments: object, **keywords: object) -> object:  # type: ignore[override]
            asked.append(arguments)
            return session.check(*arguments, **keywords)  # type: ignore[arg-type]

        def evidence(self, finding: Finding) -> Evidence | None:
            return session.evidence(finding)

    outcome = converge(plan, Counting())
    (group,) = outcome.groups
    assert group.changes[0].after.decode() == TWO.replace("F.softmax(head(x), dim=1)", "head(x)")
    assert len(group.done) == 2
    # What there is, before and after the one round, and that nothing is left.
    assert len(asked) == 4


def test_of_two_that_overlap_one_waits(file: Path) -> None:
    def wide(finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
        fixes = plan(finding, evidence)
        sink = finding.sink
        # Both claim the second line, too.
        start = Place(sink.path, 2, 1, 2, 1)
        return tuple(
            Fix(one.name, one.title, one.applicability, (Edit(start, f"# {sink.line}\n"), *one.edits)) for one in fixes
        )

    (group,) = converge(wide).groups
    text = group.changes[0].after.decode()
    assert text.count("F.softmax") == 0
    assert text.splitlines()[1:3] == ["# 9", "# 7"]


def test_a_fix_that_does_not_turn_it_right_is_refused(file: Path) -> None:
    def wrong(finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
        return (replaced(finding.source, "F.softmax(head(x) * 2, dim=1)"),)

    assert converge(wrong).groups == ()


def test_the_next_one_is_tried_where_the_first_is_refused(file: Path) -> None:
    def first_wrong(finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
        return (replaced(finding.source, "torch.softmax(head(x), 1)"), *plan(finding, evidence))

    (group,) = converge(first_wrong).groups
    assert "softmax" not in group.changes[0].after.decode()


def test_a_fix_that_makes_another_finding_is_refused(file: Path) -> None:
    def worse(finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
        return (replaced(finding.source, "head(x) + F.cross_entropy(head(x).softmax(1), y)"),)

    assert converge(worse).groups == ()


def test_a_fix_that_breaks_the_file_is_refused(file: Path) -> None:
    def broken(finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
        return (replaced(finding.source, "head(x"),)

    assert converge(broken).groups == ()


def test_a_file_that_changed_while_it_was_checked_is_left_alone(file: Path) -> None:
    def late(finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
        file.write_text("# somebody typed\n" + TWO)
        return plan(finding, evidence)

    outcome = converge(late)
    assert outcome.groups == ()
    assert outcome.problems == ("train.py: changed while it was checked: left alone",)


def test_a_file_that_changed_meanwhile_is_not_written(file: Path) -> None:
    other = file.with_name("other.py")
    other.write_bytes(b"1\n")
    before = file.read_bytes()
    group = Group((Change(other, b"1\n", b"2\n"), Change(file, b"something else", b"new")), ())
    with pytest.raises(LeftAloneError, match=r"train\.py: changed on disk meanwhile: left alone"):
        write(group)
    assert (file.read_bytes(), other.read_bytes()) == (before, b"1\n")
    assert sorted(path.name for path in file.parent.iterdir()) == ["other.py", "pyproject.toml", "train.py"]


def test_a_file_that_went_is_named(file: Path) -> None:
    file.unlink()
    with pytest.raises(LeftAloneError, match=r"train\.py: "):
        write(Group((Change(file, b"", b"new"),), ()))
    assert not file.exists()


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((1, 1, 1, 5), (1, 5, 1, 6), True),
        ((1, 1, 1, 5), (1, 6, 1, 7), False),
        ((1, 5, 1, 5), (1, 5, 1, 5), True),
        ((1, 1, 3, 1), (2, 9, 2, 10), True),
        ((1, 1, 2, 1), (3, 1, 3, 1), False),
    ],
)
def test_overlaps(left: tuple[int, int, int, int], right: tuple[int, int, int, int], expected: bool) -> None:
    one, other = (replaced(Place("a.py", *place), "") for place in (left, right))
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected
    assert not overlap(one, replaced(Place("b.py", *right), ""))
