"""Lines that changed since a revision, in real repositories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.adoption.changes import EVERYTHING, Lines, changes_since, find_revision
from ce_lint.engine.errors import UsageError

Git = Callable[..., str]

TEN = [f"line {number}\n" for number in range(1, 11)]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository without commits, and a user whose settings are out of the way."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    settings = tmp_path / "gitconfig"
    settings.write_text("[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    run_in(folder, "init", "--quiet")
    return folder


def run_in(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def git(repository: Path) -> Git:
    return lambda *arguments: run_in(repository, *arguments)


@pytest.fixture
def commit(git: Git) -> Callable[[], str]:
    def everything() -> str:
        git("add", "--all")
        git("commit", "--quiet", "--message", "a commit")
        return git("rev-parse", "HEAD")

    return everything


def write(path: Path, lines: list[str]) -> None:
    path.write_bytes("".join(lines).encode())


def changed(*names: str, base: str = "HEAD") -> dict[str, tuple[Lines, ...]]:
    """The changed lines of files, by the names that were asked for."""
    found = changes_since(find_revision(base, Path()), names).lines
    return {name: found[os.path.realpath(name)] for name in names if found.get(os.path.realpath(name))}


def one(first: int, last: int | None = None) -> tuple[Lines, ...]:
    return (Lines(first, first if last is None else last),)


def test_lines_that_were_edited_added_and_taken_away(repository: Path, commit: Callable[[], str]) -> None:
    write(repository / "a.py", TEN)
    commit()
    assert changed("a.py") == {}
    write(repository / "a.py", ["new\n", *TEN[:3], "edited\n", *TEN[4:7], *TEN[8:], "last\n"])
    assert changed("a.py") == {"a.py": (Lines(1, 1), Lines(5, 5), Lines(9, 8), Lines(11, 11))}


def test_staged_and_unstaged_and_committed_lines_count(repository: Path, git: Git, commit: Callable[[], str]) -> None:
    write(repository / "a.py", TEN)
    commit()
    git("switch", "--quiet", "--create", "feature")
    write(repository / "a.py", ["1\n", *TEN[1:]])
    commit()
    write(repository / "a.py", ["1\n", "2\n", *TEN[2:]])
    git("add", "a.py")
    write(repository / "a.py", ["1\n", "2\n", "3\n", *TEN[3:]])
    assert changed("a.py", base="main") == {"a.py": one(1, 3)}
    assert changed("a.py") == {"a.py": one(2, 3)}


def test_what_others_did_on_the_base_meanwhile_is_no_change(
    repository: Path, git: Git, commit: Callable[[], str]
) -> None:
    write(repository / "a.py", TEN)
    fork = commit()
    git("switch", "--quiet", "--create", "feature")
    write(repository / "a.py", [*TEN, "mine\n"])
    commit()
    git("switch", "--quiet", "main")
    write(repository / "a.py", ["theirs\n", *TEN])
    commit()
    git("switch", "--quiet", "feature")
    assert changed("a.py", base="main") == {"a.py": one(11)}
    assert find_revision("main", repository).notes == (f"compared with {fork[:12]}, the merge base of main and HEAD",)


def test_without_a_merge_base_the_base_itself_is_compared_with(
    repository: Path, git: Git, commit: Callable[[], str]
) -> None:
    write(repository / "a.py", TEN)
    commit()
    git("switch", "--quiet", "--orphan", "other")
    write(repository / "a.py", [*TEN, "more\n"])
    commit()
    assert changed("a.py", base="main") == {"a.py": one(11)}
    note = "main and HEAD have no common commit here (a shallow clone?): compared with main itself"
    assert find_revision("main", repository).notes == (note,)


def test_a_shallow_clone(repository: Path, git: Git, commit: Callable[[], str], tmp_path: Path) -> None:
    write(repository / "a.py", TEN)
    commit()
    git("switch", "--quiet", "--create", "feature")
    write(repository / "a.py", [*TEN, "mine\n"])
    commit()
    clone = tmp_path / "clone"
    git("clone", "--quiet", "--depth=1", "--branch=feature", repository.as_uri(), str(clone))
    with pytest.raises(UsageError, match=r"--diff origin/main: no such revision in .*clone, a shallow clone: fetch it"):
        find_revision("origin/main", clone)
    run_in(clone, "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    revision = find_revision("origin/main", clone)
    assert "no common commit" in revision.notes[0]
    assert [*changes_since(revision, [str(clone / "a.py")]).lines.values()] == [one(11)]


@pytest.mark.parametrize(
    "name", ["a b.py", "größe-日本.py", 'q"uo\\te.py', "-n.py", "tab\t.py", "*.py", ":(top)x.py", "new\nline.py"]
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names(repository: Path, commit: Callable[[], str], name: str) -> None:
    (repository / "sub").mkdir()
    write(repository / "sub" / name, TEN)
    write(repository / "other.py", TEN)
    commit()
    write(repository / "sub" / name, [*TEN[:4], "x\n", *TEN[5:]])
    write(repository / "other.py", ["x\n", *TEN])
    assert changed(f"sub/{name}") == {f"sub/{name}": one(5)}


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems take no such name")
def test_a_name_that_is_not_in_utf_8(repository: Path, commit: Callable[[], str]) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    write(repository / name, TEN)
    commit()
    write(repository / name, [*TEN, "x\n"])
    assert changed(name) == {name: one(11)}


def test_a_renamed_file_has_the_lines_that_differ(repository: Path, git: Git, commit: Callable[[], str]) -> None:
    write(repository / "before.py", TEN)
    commit()
    git("mv", "before.py", "after.py")
    assert changed("after.py") == {}
    write(repository / "after.py", [*TEN[:5], "x\n", *TEN[6:]])
    assert changed("after.py") == {"after.py": one(6)}
    commit()
    assert changed("after.py", base="HEAD~1") == {"after.py": one(6)}


def test_a_new_file_is_changed_as_a_whole_unless_git_ignores_it(
    repository: Path, git: Git, commit: Callable[[], str]
) -> None:
    (repository / ".gitignore").write_text("ignored.py\n")
    commit()
    for name in ("untracked.py", "staged.py", "ignored.py"):
        write(repository / name, TEN)
    git("add", "staged.py")
    assert changed("untracked.py", "staged.py", "ignored.py") == {"untracked.py": EVERYTHING, "staged.py": EVERYTHING}


def test_a_file_outside_the_repository_is_unchanged(
    repository: Path, commit: Callable[[], str], tmp_path: Path
) -> None:
    write(repository / "a.py", TEN)
    commit()
    write(tmp_path / "outside.py", TEN)
    assert changed(str(tmp_path / "outside.py"), "no such file.py") == {}


def test_a_file_of_another_repository_is_unchanged(
    repository: Path, git: Git, commit: Callable[[], str], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run_in(other, "init", "--quiet")
    write(other / "a.py", TEN)
    run_in(other, "add", "a.py")
    run_in(other, "commit", "--quiet", "--message", "a commit")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "module")
    write(repository / "a.py", TEN)
    commit()
    write(repository / "module" / "a.py", ["x\n", *TEN])
    write(repository / "a.py", ["x\n", *TEN])
    assert changed("module/a.py", "a.py") == {"a.py": one(1)}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_is_the_file_that_it_leads_to(repository: Path, commit: Callable[[], str]) -> None:
    write(repository / "a.py", TEN)
    (repository / "link.py").symlink_to("a.py")
    commit()
    write(repository / "a.py", ["x\n", *TEN])
    assert changed("link.py") == {"link.py": one(1)}


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_another_line_end_is_no_change(repository: Path, commit: Callable[[], str], end: str) -> None:
    write(repository / "a.py", TEN)
    commit()
    lines = [line.replace("\n", end) for line in TEN]
    write(repository / "a.py", lines)
    assert changed("a.py") == {}
    write(repository / "a.py", [*lines[:2], f"x{end}", *lines[3:]])
    assert changed("a.py") == {"a.py": one(3)}


def test_bytes_that_are_no_text(repository: Path, commit: Callable[[], str]) -> None:
    write(repository / "a.py", TEN)
    commit()
    (repository / "a.py").write_bytes("".join(TEN).encode() + b"\0\xff \x0c \xe2\x80\xa8\n")
    assert changed("a.py") == {"a.py": one(11)}


def test_no_setting_and_no_attribute_changes_the_answer(
    repository: Path, git: Git, commit: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(repository / "a.py", TEN)
    (repository / ".gitattributes").write_text("*.py binary diff=upper filter=upper\n")
    commit()
    write(repository / "a.py", ["x\n", *TEN[1:4], "x\n", *TEN[5:]])
    started = tmp_path / "started"
    program = f"touch '{started}' && tr a-z A-Z"
    for key, value in {
        "diff.external": program, "diff.upper.textconv": program, "diff.upper.command": program,
        "filter.upper.clean": program, "filter.upper.smudge": program, "core.fsmonitor": program, "core.pager": program,
        "diff.context": "9", "diff.interHunkContext": "9", "diff.noPrefix": "true", "color.ui": "always",
        "diff.renames": "copies", "core.quotePath": "true", "diff.algorithm": "patience",
    }.items():  # fmt: skip
        git("config", "--global", key, value)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", program)
    monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=9")
    assert changed("a.py") == {"a.py": (Lines(1, 1), Lines(5, 5))}
    assert not started.exists()


def test_the_environment_of_a_hook_is_not_that_of_the_question(
    repository: Path, commit: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(repository / "a.py", TEN)
    commit()
    write(repository / "a.py", ["x\n", *TEN])
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "no index"))
    assert changed("a.py") == {"a.py": one(1)}


def test_from_a_folder_below(repository: Path, commit: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "sub").mkdir()
    write(repository / "sub" / "a.py", TEN)
    write(repository / "b.py", TEN)
    commit()
    write(repository / "sub" / "a.py", ["x\n", *TEN])
    write(repository / "b.py", ["x\n", *TEN])
    monkeypatch.chdir(repository / "sub")
    assert changed("a.py", "../b.py") == {"a.py": one(1), "../b.py": one(1)}


def test_a_text_that_is_not_saved_yet(repository: Path, commit: Callable[[], str]) -> None:
    write(repository / "a.py", TEN)
    commit()
    write(repository / "a.py", ["on disk\n", *TEN])
    revision = find_revision("HEAD", repository)
    unsaved = {"a.py": "".join([*TEN, "unsaved\n"]).encode(), "new.py": b"x\n"}
    lines = changes_since(revision, ["a.py", "new.py"], unsaved).lines
    assert lines == {str(repository / "a.py"): one(11), str(repository / "new.py"): EVERYTHING}


def notebook(*cells: list[str], indent: int = 1) -> str:
    document = {
        "cells": [
            {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}
            for lines in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=indent)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_line_below_the_last_one_of_a_cell_leaves_that_one_alone(repository: Path, commit: Callable[[], str]) -> None:
    path = repository / "a.ipynb"
    path.write_text(notebook(["x = 1\n", "loss = f(x)"]))
    commit()
    text = notebook(["x = 1\n", "loss = f(x)\n", "print(loss)"])
    path.write_text(text)
    assert changed("a.ipynb") == {"a.ipynb": one(line_of(text, "print(loss)"))}
    path.write_text(notebook(["x = 1\n", "loss = f(x)"], indent=4))
    assert changed("a.ipynb") == {}


def test_outputs_count_as_lines_and_move_the_others(repository: Path, commit: Callable[[], str]) -> None:
    path = repository / "a.ipynb"
    path.write_text(notebook(["x = 1"], ["loss = f(x)"]))
    commit()
    document = json.loads(notebook(["x = 1"], ["loss = g(x)"]))
    document["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["1\n", "2\n"]}]
    text = json.dumps(document, indent=1)
    path.write_text(text)
    lines = changed("a.ipynb")["a.ipynb"]
    assert lines[-1] == Lines(line_of(text, "g(x)"), line_of(text, "g(x)"))
    assert not any(first <= line_of(text, "x = 1") <= last for first, last in lines)


@pytest.mark.parametrize(
    "base", ["nowhere", "-x", "--output=planted", "", "main..main", "HEAD:a.py", "a b", "HEAD^{tree}", "0" * 40]
)
def test_what_is_no_revision(repository: Path, commit: Callable[[], str], base: str) -> None:
    write(repository / "a.py", TEN)
    commit()
    with pytest.raises(UsageError) as caught:
        find_revision(base, repository)
    assert str(caught.value) == f"--diff {base}: no such revision in {repository}"
    assert [path.name for path in repository.iterdir() if path.name != ".git"] == ["a.py"]


def test_where_there_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_revision("main", tmp_path)
    assert str(caught.value).startswith(f"--diff main: {tmp_path}: not a git repository")
    assert "\n" not in str(caught.value)


def test_where_there_is_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        find_revision("main", repository)
    assert str(caught.value).startswith(f"--diff main: {repository}: git cannot be run: ")
    assert "\n" not in str(caught.value)


def test_a_repository_without_a_commit(repository: Path) -> None:
    with pytest.raises(UsageError, match="--diff HEAD: no such revision"):
        find_revision("HEAD", repository)
