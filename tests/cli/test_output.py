"""Formats and where they go: standard output, files, and what cannot be written."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner, Result

from ce_lint.cli.main import main
from ce_lint.findings import Report
from ce_lint.report.formats import FORMATS

if TYPE_CHECKING:
    from tests.cli.conftest import FakeSession

Run = Callable[..., Result]

TEXT = (
    "train.py:1:18: CEL001 softmax output is the input of CrossEntropyLoss\n"
    "1 loss call: 0 right, 1 reported, 0 unresolved\n"
)


@pytest.fixture(autouse=True)
def report(session: FakeSession, found: Report) -> Report:
    session.report = found
    return found


def files_of(project: Path) -> set[str]:
    return {path.name for path in project.iterdir()} - {"pyproject.toml", "model.py", "train.py"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_the_same_printed_and_written(run: Run, project: Path, name: str) -> None:
    printed = run("check", "--format", name)
    assert printed.exit_code == 1
    assert printed.stdout
    for arguments in (("--format", f"{name}:out"), ("--format", name, "--output-file", "out"), ("-o", "out")):
        if name != "text" and "--format" not in arguments:
            continue
        written = run("check", *arguments)
        assert (written.exit_code, written.stdout, written.stderr) == (1, "", "")
        assert (project / "out").read_bytes() == printed.stdout_bytes
        assert files_of(project) == {"out"}


def test_several_formats_in_one_run(run: Run, project: Path) -> None:
    (project / "sub").mkdir()
    # Only the first colon parts a format from its file: one of Windows' may be on a drive.
    json_file = project / "sub" / ("a.json" if sys.platform == "win32" else "a:b.json")
    result = run("check", "--format", "sarif:a.sarif", "--format", "text", "--format", f"json:{json_file}")
    assert (result.exit_code, result.stdout) == (1, TEXT)
    assert json.loads((project / "a.sarif").read_bytes())["version"] == "2.1.0"
    assert json.loads(json_file.read_bytes())["findings"]


def test_output_file_is_for_the_format_without_one(run: Run, project: Path) -> None:
    result = run("check", "--format", "sarif:a.sarif", "--format", "json", "-o", "a.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert files_of(project) == {"a.sarif", "a.json"}


@pytest.mark.parametrize("arguments", [("-o", "-"), ("--format", "text:-"), ("--format", "json:a.json", "-o", "-")])
def test_a_dash_is_standard_output(run: Run, project: Path, arguments: tuple[str, ...]) -> None:
    files = {"a.json"} if "json:a.json" in arguments else set()
    result = run("check", *arguments)
    assert (result.exit_code, result.stdout, files_of(project)) == (1, "" if files else TEXT, files)


CLOSED = "import os, sys; os.close(int(sys.argv[1])); os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"


def real_run(*arguments: str, closed: int | None = None, stdout: int = subprocess.PIPE) -> tuple[int, str]:
    """The exit status and the last line of standard error, with one of the standard streams closed."""
    command = [sys.executable, "-m", "ce_lint", "check", *arguments]
    if closed is not None:
        command[1:1] = ["-c", CLOSED, str(closed)]
    # Buffered, as it is for users: what is left in a buffer is written when Python ends.
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    ended = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    return ended.returncode, ended.stderr.rstrip().rpartition("\n")[2]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["--format", "json"], ["--format", "text"]])
def test_standard_output_without_room(project: Path, arguments: list[str]) -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        ended = real_run(*arguments, stdout=descriptor)
    finally:
        os.close(descriptor)
    assert ended == (2, "Error: standard output: cannot be written: no space left on device")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a process starts with streams of its own")
@pytest.mark.parametrize(
    ("arguments", "closed", "expected"),
    [
        (["-"], 0, (2, "Error: standard input (-) is closed")),
        (["--format", "text"], 1, (0, "")),
        (["--format", "json"], 1, (0, "")),
    ],
)
def test_a_stream_that_is_closed(project: Path, arguments: list[str], closed: int, expected: tuple[int, str]) -> None:
    assert real_run(*arguments, closed=closed) == expected


def test_a_file_holds_no_colours(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ce_lint.cli.output._wants_colours", lambda: True)
    result = run("check", "--format", "full:a.txt", "--format", "text")
    assert result.stdout == TEXT
    assert "\x1b" not in (project / "a.txt").read_text(encoding="utf-8")


def test_statistics_go_with_a_document_in_a_file(run: Run, project: Path) -> None:
    result = run("check", "--statistics", "--format", "sarif:a.sarif")
    assert (result.exit_code, result.stdout) == (1, "1       CEL001 softmax-before-cross-entropy\n")
    assert json.loads((project / "a.sarif").read_bytes())
    assert run("check", "--statistics", "--format", "github").stdout.endswith(
        "\n1       CEL001 softmax-before-cross-entropy\n"
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--format", "xml"], "'xml' is not one of text, full, json,"),
        (["--format", "xml:a"], "'xml' is not one of text, full, json,"),
        (["--format", ":a"], "'' is not one of text, full, json,"),
        (["--format", "sarif:"], "Invalid value for '--format': a file has a name"),
        (["--format", "text", "--format", "json"], "only one format can go to standard output, not text and json: "
         "write json:FILE"),
        (["--format", "text", "--format", "text"], "only one format can go to standard output"),
        (["--format", "json:a", "-o", "b"], "--output-file is for a format without a file, and each has one"),
        (["--format", "json:a", "--format", "sarif:./a"], "a: only one format can be written to a file"),
        (["--format", "json:a", "--format", "text", "-o", "a"], "a: only one format can be written to a file"),
        (["--format", "json:no/a"], "no/a: cannot be written: there is no folder no"),
        (["--format", "json:train.py/a"], "cannot be written: there is no folder train.py"),
        (["--format", "json:."], "Invalid value for '--format': a file has a name"),
        (["--format", "json:folder"], "folder: cannot be written: it is a folder"),
        (["-o", "no/a"], "no/a: cannot be written: there is no folder no"),
        (["-o", ""], "'--output-file': a file has a name"),
        (["-o", "train.py"], "train.py: cannot be written: it is source code"),
        (["--format", "json:model.py"], "model.py: cannot be written: it is source code"),
        (["--format", "json:-", "--format", "text"], "only one format can go to standard output, not json and text"),
        (["--statistics", "--format", "json-lines"], "--statistics goes with the text formats"),
        (["--report-at", "middle"], "'middle' is not one of"),
    ],
)  # fmt: skip
def test_wrong_usage_is_said_before_anything_is_checked(
    run: Run, session: FakeSession, project: Path, arguments: list[str], line: str
) -> None:
    (project / "folder").mkdir()
    result = run("check", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    last = result.stderr.replace(os.sep, "/").splitlines()[-1]
    # Versions of click differ in the quotes.
    assert line.replace("'", "") in last.replace("'", "")
    assert (session.paths, files_of(project)) == ((), {"folder"})


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no folder that takes no files, whoever asks")
def test_a_folder_that_takes_no_files(run: Run, session: FakeSession) -> None:
    result = run("check", "--format", "json:/proc/self/a.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "/proc/self/a.json: cannot be written: " in result.stderr.splitlines()[-1]
    assert session.paths == ()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that holds one file more, and no second one."""
    written: list[Path] = []
    write = Path.write_bytes

    def write_bytes(path: Path, data: bytes) -> int:
        if written:
            write(path, data[:9])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(path)
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


@pytest.mark.usefixtures("full_disk")
def test_one_file_without_room_leaves_all_as_they_were(run: Run, project: Path) -> None:
    (project / "a.json").write_text("before")
    result = run("check", "--format", "text", "--format", "json:a.json", "--format", "sarif:b.sarif")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: b.sarif: cannot be written: no space left on device\n"
    assert files_of(project) == {"a.json"}
    assert (project / "a.json").read_text() == "before"


def test_a_file_is_new_each_time_and_for_all_to_read(run: Run, project: Path) -> None:
    file = project / "a.json"
    file.write_text("x" * 100_000)
    assert run("check", "--format", "json:a.json").exit_code == 1
    assert json.loads(file.read_bytes())
    (project / "like").touch()
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE((project / "like").stat().st_mode)


@pytest.fixture
def link(project: Path) -> Iterator[Path]:
    """A link to a file in another folder."""
    (project / "reports").mkdir()
    link = project / "a.json"
    try:
        link.symlink_to(project / "reports" / "b.json")
    except OSError:
        pytest.skip("no links can be made")
    yield link


def test_a_link_keeps_pointing_where_it_does(run: Run, project: Path, link: Path) -> None:
    assert run("check", "--format", "json:a.json").exit_code == 1
    assert link.is_symlink()
    assert json.loads((project / "reports" / "b.json").read_bytes())


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no devices that are files")
def test_a_device_is_written_to_and_stays_one(run: Run) -> None:
    assert run("check", "--format", "json:/dev/null").exit_code == 1
    assert not Path("/dev/null").is_file()


def test_what_could_not_be_analysed_is_also_said_on_standard_error(
    run: Run, session: FakeSession, found: Report, failed: Report
) -> None:
    session.report = msgspec.structs.replace(found, errors=failed.errors)
    for name in FORMATS:
        result = run("check", "--format", name)
        assert (result.exit_code, result.stderr) == (3, "bad.py:3: cannot be parsed: unexpected indent\n")


@pytest.mark.parametrize(
    ("end", "paths", "starts"),
    [
        ("auto", [], ["train.py:1:18"]),
        ("sink", [], ["train.py:1:18"]),
        ("source", [], ["model.py:3:11"]),
        ("both", [], ["model.py:3:11", "train.py:1:18"]),
        ("both", ["train.py"], ["train.py:1:18"]),
        ("source", ["train.py"], ["train.py:1:18"]),
    ],
)
def test_the_end_at_which_a_flow_is_reported(run: Run, end: str, paths: list[str], starts: list[str]) -> None:
    lines = run("check", "--report-at", end, *paths).stdout.splitlines()[:-1]
    assert [line.partition(": ")[0] for line in lines] == starts


# What Python takes a pipe's encoding to be: on Windows, often one of a few hundred characters.
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize("name", FORMATS)
def test_no_character_is_too_much_for_standard_output(
    project: Path, session: FakeSession, found: Report, encoding: str, name: str
) -> None:
    path = "größe 😀.py"
    argument = msgspec.structs.replace(found.findings[0].argument, path=path)
    finding = msgspec.structs.replace(found.findings[0], argument=argument, sink=argument)
    session.report = msgspec.structs.replace(found, findings=(finding,))
    (project / path).write_text("loss = criterion(output, y)\n")
    result = CliRunner(charset=encoding).invoke(main, ["check", "--format", name], obj=session)
    assert (result.exit_code, result.stderr) == (1, "")
    if name in {"text", "full"}:
        assert path.encode(encoding, "backslashreplace") in result.stdout_bytes
    else:
        utf_8 = result.stdout_bytes.decode()
        escaped = "gr%C3%B6%C3%9Fe%20%F0%9F%98%80.py" if name == "sarif" else json.dumps(path)
        assert (path if name in {"github", "junit"} else escaped) in utf_8


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_columns_are_counted_in_the_text_of_standard_input(run: Run, mark: str) -> None:
    arguments = ("check", "-", "--stdin-filename", "train.py", "--format", "rdjson")
    text = f'{mark}mark = "😀"; f(x,output)\n'
    (diagnostic,) = json.loads(run(*arguments, stdin=text.encode()).stdout)["diagnostics"]
    # In code points, they are 18 and 24.
    assert diagnostic["location"]["range"] == {"start": {"line": 1, "column": 21}, "end": {"line": 1, "column": 27}}
