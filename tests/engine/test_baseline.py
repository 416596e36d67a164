"""A file of known findings: how it is read and written, and what of a report is not in it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ce_lint.engine.adoption.baseline import Baseline, Key, Known, load_baseline, load_or_start, rendered
from ce_lint.engine.adoption.known import only_new, updated
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.engine.session import Session
from ce_lint.findings import Confidence, FileError, Finding, LossCalls, Place, Report, Severity, TraceStep


def finding(path: str = "train.py", fingerprint: str = "a", line: int = 1, code: str = "CEL001") -> Finding:
    source, sink = Place("model.py", 9, 1, 9, 2, text="F.softmax(x)"), Place(path, line, 1, line, 2, text="loss(p, y)")
    return Finding(
        code=code,
        name="softmax-before-cross-entropy",
        severity=Severity.ERROR,
        confidence=Confidence.DEFINITE,
        message=f"at the sink, line {line}",
        message_at_source="at the source",
        message_between="between",
        argument=sink,
        source=source,
        sink=sink,
        trace=(TraceStep(source, "made here"), TraceStep(sink, "given here")),
        fingerprint=fingerprint,
    )


def report(*findings: Finding, errors: tuple[FileError, ...] = ()) -> Report:
    return Report(findings, loss_calls=LossCalls(right=3, reported=len(findings)), errors=errors)


def every_code(_code: str, _path: str) -> bool:
    return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the files that the findings name."""
    monkeypatch.chdir(tmp_path)
    for name in ("train.py", "model.py", "other.py"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def baseline(folder: Path) -> Callable[..., Baseline]:
    """A baseline of these findings, which went through its file."""

    def written(*findings: Finding) -> Baseline:
        file = folder / "baseline.json"
        asked = {one.sink.path for one in findings}
        new = updated(Baseline(file, {}), report(*findings), asked, every_code).baseline
        file.write_text(rendered(new), encoding="utf-8")
        assert load_baseline(file) == new
        return new

    return written


def new_lines(known: Baseline, *findings: Finding) -> list[int]:
    asked = {one.sink.path for one in findings}
    return [one.sink.line for one in only_new(report(*findings), known, asked, asked, every_code).findings]


def test_the_file(folder: Path, baseline: Callable[..., Baseline]) -> None:
    baseline(
        finding("train.py", "b", 5), finding("train.py", "a", 7), finding("model.py", "c"), finding("train.py", "b")
    )
    assert (folder / "baseline.json").read_text() == (
        "{\n"
        '  "version": 1,\n'
        '  "tool": "ce-lint",\n'
        '  "findings": [\n'
        "    {\n"
        '      "path": "model.py",\n'
        '      "code": "CEL001",\n'
        '      "fingerprint": "c",\n'
        '      "message": "F.softmax(x) reaches loss(p, y)"\n'
        "    },\n"
        "    {\n"
        '      "path": "train.py",\n'
        '      "code": "CEL001",\n'
        '      "fingerprint": "a",\n'
        '      "message": "F.softmax(x) reaches loss(p, y)"\n'
        "    },\n"
        "    {\n"
        '      "path": "train.py",\n'
        '      "code": "CEL001",\n'
        '      "fingerprint": "b",\n'
        '      "count": 2,\n'
        '      "message": "F.softmax(x) reaches loss(p, y)"\n'
        "    }\n"
        "  ]\n"
        "}\n"
    )


def test_no_line_is_in_the_file(folder: Path, baseline: Callable[..., Baseline]) -> None:
    before = rendered(baseline(finding(line=5), finding(fingerprint="b", line=6)))
    assert rendered(baseline(finding(fingerprint="b", line=3), finding(line=8))) == before


def test_an_empty_baseline(folder: Path, baseline: Callable[..., Baseline]) -> None:
    assert rendered(baseline()) == '{\n  "version": 1,\n  "tool": "ce-lint",\n  "findings": []\n}\n'
    assert new_lines(baseline(), finding(line=4)) == [4]


def test_what_is_known_is_left_out_and_counted(baseline: Callable[..., Baseline]) -> None:
    known, new = finding(line=5), finding(fingerprint="b", line=6)
    rest = only_new(report(known, new), baseline(known), {"train.py"}, {"train.py"}, every_code)
    assert rest.findings == (new,)
    assert rest.loss_calls == LossCalls(right=3, reported=1, set_aside=1)
    assert rest.notes == ("1 finding is in the baseline baseline.json",)


@pytest.mark.parametrize("known", range(4))
@pytest.mark.parametrize("found", range(5))
def test_of_equal_findings_the_last_ones_are_new(baseline: Callable[..., Baseline], known: int, found: int) -> None:
    before = baseline(*(finding(line=line) for line in range(known)))
    now = [finding(line=line) for line in range(10, 10 + found)]
    assert new_lines(before, *now) == list(range(10 + known, 10 + found))


@pytest.mark.parametrize("other", [finding("other.py"), finding(code="CEL003"), finding(fingerprint="b")])
def test_another_file_code_or_fingerprint_is_new(baseline: Callable[..., Baseline], other: Finding) -> None:
    assert new_lines(baseline(finding()), other) == [1]


def test_one_of_two_flows_of_a_loss_call_leaves_it_reported(baseline: Callable[..., Baseline]) -> None:
    two = Report((finding(), finding(fingerprint="b")), loss_calls=LossCalls(reported=1))
    rest = only_new(two, baseline(finding()), {"train.py"}, {"train.py"}, every_code)
    assert rest.loss_calls == LossCalls(reported=1)
    rest = only_new(two, baseline(*two.findings), {"train.py"}, {"train.py"}, every_code)
    assert rest.loss_calls == LossCalls(set_aside=1)


def gone(known: Baseline, now: Report, asked: set[str], *, wanted: Callable[[str, str], bool] = every_code) -> int:
    notes = only_new(now, known, asked, asked, wanted).notes
    return sum(int(note.split()[0]) for note in notes if "no longer there" in note)


def test_entries_that_are_fixed_as_far_as_the_run_can_know(folder: Path, baseline: Callable[..., Baseline]) -> None:
    known = baseline(finding("train.py"), finding("train.py"), finding("other.py"), finding("gone.py"))
    failed = (FileError("train.py", 1, "cannot be parsed"),)
    assert gone(known, report(), {"train.py", "other.py"}) == 3
    assert gone(known, report(finding("train.py")), {"train.py"}) == 1
    assert gone(known, report(), {"other.py"}) == 1
    assert gone(known, report(errors=failed), {"train.py", "other.py"}) == 1
    assert gone(known, report(), {"train.py"}, wanted=lambda code, path: False) == 0
    (note,) = only_new(report(), known, {"train.py"}, {"train.py"}, every_code).notes
    assert note == "2 findings of the baseline baseline.json are no longer there: write it again to drop them"


def after(known: Baseline, now: Report, asked: set[str], wanted: Callable[[str, str], bool] = every_code) -> list[str]:
    update = updated(known, now, asked, wanted)
    folder = known.file.parent
    return sorted(
        f"{os.path.relpath(key.path, folder)} {key.fingerprint} {one.count}"
        for key, one in update.baseline.known.items()
    )


def test_writing_again(folder: Path, baseline: Callable[..., Baseline]) -> None:
    known = baseline(finding("train.py"), finding("train.py"), finding("train.py", "b"), finding("other.py"))
    now = report(finding("train.py"), finding("train.py", "c"))
    assert after(known, now, {"train.py", "other.py"}) == ["train.py a 1", "train.py c 1"]
    assert after(known, now, {"train.py"}) == ["other.py a 1", "train.py a 1", "train.py c 1"]
    assert after(known, report(), set()) == ["other.py a 1", "train.py a 2", "train.py b 1"]
    update = updated(known, now, {"train.py"}, every_code)
    assert (update.written, update.dropped) == (3, 2)


def test_a_deleted_file_is_dropped(folder: Path, baseline: Callable[..., Baseline]) -> None:
    known = baseline(finding("train.py"), finding("other.py"))
    (folder / "other.py").unlink()
    assert after(known, report(), set()) == ["train.py a 1"]


def test_what_a_run_says_nothing_of_is_kept(folder: Path, baseline: Callable[..., Baseline]) -> None:
    known = baseline(finding("train.py"), finding("train.py", "b", code="CEL101"))
    failed = report(errors=(FileError("train.py", 3, "cannot be parsed"),))
    assert after(known, failed, {"train.py"}) == ["train.py a 1", "train.py b 1"]
    assert after(known, report(), {"train.py"}, lambda code, path: code == "CEL101") == ["train.py a 1"]


def test_a_flow_that_ends_in_a_file_that_was_not_asked_for_is_added(
    folder: Path, baseline: Callable[..., Baseline]
) -> None:
    known = baseline(finding("train.py"), finding("train.py"))
    assert after(known, report(finding("train.py"), finding("train.py", "b")), {"model.py"}) == [
        "train.py a 2",
        "train.py b 1",
    ]


def test_the_file_means_the_same_from_every_folder(
    folder: Path, baseline: Callable[..., Baseline], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = baseline(finding("train.py"))
    monkeypatch.chdir(folder.parent)
    assert new_lines(load_baseline(Path(folder.name) / "baseline.json"), finding(f"{folder.name}/train.py")) == []
    assert new_lines(known, finding(str(folder / "train.py"))) == []
    assert new_lines(known, finding("train.py")) == [1]


def test_the_file_is_kept_in_a_folder_of_its_own(folder: Path) -> None:
    (folder / "ci").mkdir()
    update = updated(Baseline(folder / "ci" / "known.json", {}), report(finding()), {"train.py"}, every_code)
    text = rendered(update.baseline)
    assert json.loads(text)["findings"][0]["path"] == "../train.py"
    (folder / "ci" / "known.json").write_text(text)
    assert new_lines(load_baseline(Path("ci/known.json")), finding()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_project_behind_a_link(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("links") / "link"
    link.symlink_to(folder)
    update = updated(Baseline(link / "known.json", {}), report(finding(str(link / "train.py"))), set(), every_code)
    (folder / "known.json").write_text(rendered(update.baseline))
    assert new_lines(load_baseline(Path("known.json")), finding("train.py")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems take no such name")
def test_any_name(folder: Path) -> None:
    names = ["a b.py", "größe-日本-😀.py", 'q"uo\\te.py', "new\nline.py", os.fsdecode(b"caf\xe9.py")]
    for name in names:
        (folder / name).touch()
    file = folder / "known.json"
    update = updated(Baseline(file, {}), report(*map(finding, names)), set(names), every_code)
    file.write_bytes(rendered(update.baseline).encode())
    assert "größe-日本-😀.py" in file.read_text(encoding="utf-8")
    assert new_lines(load_baseline(file), *map(finding, names)) == []


def test_long_texts_are_cut(folder: Path) -> None:
    long = msgspec.structs.replace(finding(), source=Place("train.py", 1, 1, 1, 2, text="x" * 500))
    update = updated(Baseline(folder / "known.json", {}), report(long), {"train.py"}, every_code)
    (known,) = update.baseline.known.values()
    assert known.message == f"{'x' * 80}… reaches loss(p, y)"


ENTRY = '{"path": "a.py", "code": "CEL001", "fingerprint": "0"}'
START = '{"version": 1, "tool": "ce-lint", "findings": ['
OTHER, READS_1 = "is a baseline of version", "this ce-lint reads version 1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no baseline: not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"{", "is no baseline: not valid JSON: "),
        (b"[]", 'is no baseline of ce-lint: it does not say "tool": "ce-lint"'),
        (b'{"version": 1, "findings": []}', 'is no baseline of ce-lint: it does not say "tool": "ce-lint"'),
        (b'{"version": 1, "tool": "ruff"}', 'is no baseline of ce-lint: it does not say "tool": "ce-lint"'),
        (b'{"version": 2, "tool": "ce-lint"}', f"{OTHER} 2, and {READS_1}: a newer ce-lint reads it"),
        (b'{"version": 0, "tool": "ce-lint"}', f"{OTHER} 0, and {READS_1}: delete it, and write it anew"),
        (b'{"version": "1", "tool": "ce-lint"}', "is no baseline: it says no version"),
        (b'{"tool": "ce-lint"}', "is no baseline: it says no version"),
        (b'{"version": 1, "tool": "ce-lint"}', "is no baseline: Object missing required field `findings`"),
        (f'{START}{{"path": "a.py"}}]}}'.encode(), "is no baseline: Object missing required field `code` - at"),
        (f'{START}{ENTRY[:-1]}, "count": 0}}]}}'.encode(), "is no baseline: Expected `int` >= 1 - at"),
        (f'{START}{ENTRY[:-1]}, "count": "1"}}]}}'.encode(), "is no baseline: Expected `int`, got `str` - at"),
        (f"{START}\n<<<<<<< HEAD\n{ENTRY}\n=======\n>>>>>>> b\n]}}".encode(), "holds the marks of a merge conflict"),
        (b"\xff\xfe", "cannot be read: not UTF-8"),
        (b"[" * 100_000, "is no baseline: nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_baseline(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "known.json"
    file.write_bytes(content)
    for load in (load_baseline, load_or_start):
        with pytest.raises(UsageError) as caught:
            load(file)
        assert str(caught.value).startswith(f"{file}: {reason}")
        assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load_baseline(Path("known.json"))
    assert str(caught.value).startswith(f"{tmp_path / 'known.json'}: there is no such baseline")
    assert load_or_start(Path("known.json")) == Baseline(tmp_path / "known.json", {})
    with pytest.raises(UsageError) as caught:
        load_baseline(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: cannot be read: ")


def test_what_an_editor_or_a_merge_leaves(tmp_path: Path) -> None:
    file = tmp_path / "known.json"
    file.write_bytes(f'\ufeff{START}\r\n{ENTRY},\r\n{ENTRY[:-1]}, "count": 2, "new": 1}}]}}'.encode())
    assert load_baseline(file).known == {Key(str(tmp_path / "a.py"), "CEL001", "0"): Known(3, "")}


def test_a_session_sees_a_changed_baseline(project: Path, session: Session) -> None:
    file = project / "known.json"
    settings = Settings(baseline=file, strict=True)
    train = project / "train.py"

    def seen() -> list[int]:
        checks = [session.check([project], settings), session.check_text(train, train.read_text(), settings)]
        return [len(one.findings) for one in checks]

    with pytest.raises(UsageError, match="there is no such baseline"):
        seen()
    found = session.check([project], Settings())
    file.write_text(rendered(Baseline(file, {})))
    assert seen() == [1, 1]
    asked = {one.sink.path for one in found.findings}
    file.write_text(rendered(updated(load_baseline(file), found, asked, every_code).baseline))
    assert seen() == [0, 0]
    file.write_text("{}")
    with pytest.raises(UsageError, match="is no baseline"):
        seen()


def test_a_broken_baseline_is_said_before_the_work(project: Path, session: Session) -> None:
    (project / "known.json").write_text("{}")
    with pytest.raises(UsageError):
        session.check([project], Settings(baseline=project / "known.json"))
    assert "_analyses" not in vars(session)


def test_each_project_has_its_own_baseline(
    tmp_path: Path, make: Callable[..., Path], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        make(tmp_path / name)
        (tmp_path / name / "pyproject.toml").write_text('[tool.ce-lint]\nbaseline = "known.json"\n')
    found = session.check([tmp_path], Settings(respect_baseline=False))
    assert [one.sink.path for one in found.findings] == ["one/train.py", "two/train.py"]
    empty = Baseline(tmp_path / "two" / "known.json", {})
    (tmp_path / "two" / "known.json").write_text(rendered(empty))
    known = updated(Baseline(tmp_path / "one" / "known.json", {}), found, {"one/train.py"}, every_code).baseline
    (tmp_path / "one" / "known.json").write_text(rendered(known))
    rest = session.check([tmp_path], Settings())
    assert [one.sink.path for one in rest.findings] == ["two/train.py"]
    assert (rest.loss_calls.reported, rest.loss_calls.set_aside) == (1, 1)
    assert session.check([tmp_path], Settings(respect_baseline=False)) == found
