from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ce_lint.engine.configuration import UsageError
from ce_lint.engine.discovery import discover, project_root
from ce_lint.source.paths import display_path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def found(*paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    files, errors = discover([Path(path) for path in paths], exclude)
    assert errors == ()
    return [display_path(file) for file in files]


def test_python_and_notebooks_sorted() -> None:
    touch("b.py", "a/z.ipynb", "a/b/c.py", "a.pyi", "x.txt", "no_suffix", "A.py")
    assert found(".") == ["A.py", "a/b/c.py", "a/z.ipynb", "b.py"]


def test_folders_that_hold_no_source_of_the_project() -> None:
    touch("a.py", ".git/a.py", "node_modules/a.py", "p/__pycache__/a.py", "p/.ipynb_checkpoints/a-checkpoint.ipynb")
    touch("env/pyvenv.cfg", "env/lib/a.py", ".venv/a.py", "build/lib/a.py", "p/build.py")
    assert found(".") == ["a.py", "p/build.py"]


def test_what_is_named_is_taken() -> None:
    touch("build/a.py", "env/pyvenv.cfg", "env/b.py", "script")
    assert found("build", "env/b.py", "env", "script") == ["build/a.py", "env/b.py", "script"]
    assert found("build/a.py", exclude=("build",)) == ["build/a.py"]


def test_a_file_counts_once() -> None:
    touch("p/a.py")
    assert found(".", "p", "p/a.py", "./p/../p/a.py") == ["p/a.py"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("third_party", ["a.py", "p/gen_a.py"]),
        ("p/third_party", ["a.py", "p/gen_a.py", "third_party/b.py"]),
        ("third_party/", ["a.py", "p/gen_a.py"]),
        ("gen_*.py", ["a.py", "p/third_party/a.py", "third_party/b.py"]),
        ("p/*", ["a.py", "third_party/b.py"]),
        ("a", ["a.py", "p/gen_a.py", "p/third_party/a.py", "third_party/b.py"]),
    ],
)
def test_exclude(pattern: str, expected: list[str]) -> None:
    touch("a.py", "p/gen_a.py", "p/third_party/a.py", "third_party/b.py")
    assert found(".", exclude=(pattern,)) == expected


def test_a_path_that_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"^gone: no such file or folder$"):
        discover([Path("gone")], ())


def test_a_link_loop_is_named_and_everything_else_found() -> None:
    touch("p/a.py")
    Path("p/up").symlink_to("..")
    Path("p/self.py").symlink_to("self.py")
    Path("p/dangling.py").symlink_to("gone.py")
    Path("p/linked.py").symlink_to("a.py")
    files, errors = discover([Path()], ())
    assert [display_path(file) for file in files] == ["p/a.py", "p/linked.py"]
    assert [(error.path, error.line) for error in errors] == [("p/self.py", 1), ("p/up", 1)]
    assert errors[1].message == "link loop: leads to a folder that holds it"
    assert errors[0].message.startswith("cannot be read: ")


def test_a_linked_folder_is_not_followed() -> None:
    touch("p/data/a.py")
    Path("q").symlink_to("p/data")
    assert found(".") == ["p/data/a.py"]
    assert found("q") == ["q/a.py"]


def test_an_unreadable_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    touch("a.py", "locked/b.py")
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        # Permissions do not bind the superuser, who runs the tests in a container.
        if folder.name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    files, errors = discover([Path()], ())
    assert [display_path(file) for file in files] == ["a.py"]
    assert [(error.path, error.message) for error in errors] == [("locked", "cannot be read: permission denied")]


def test_a_tree_deeper_than_the_stack(here: Path) -> None:
    depth = sys.getrecursionlimit() + 50
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.py").touch()
    os.chdir(here)
    try:
        assert len(discover([Path()], ())[0]) == 1
    finally:
        # pytest cleans up after itself by recursion.
        subprocess.run(["rm", "-r", "d"], check=True)


@pytest.mark.parametrize("mark", ["pyproject.toml", "setup.cfg", "setup.py", ".git"])
def test_the_project_is_the_nearest_folder_that_says_so(here: Path, mark: str) -> None:
    touch("setup.py", f"inner/{mark}", "inner/src/p/a.py")
    assert project_root(Path("inner/src/p/a.py")) == here / "inner"
    assert project_root(Path("inner/src/p/not_saved_yet.py")) == here / "inner"
    assert project_root(Path("inner/src")) == here / "inner"


def test_without_a_mark_it_is_the_own_folder(here: Path) -> None:
    touch("p/a.py")
    assert project_root(Path("p/a.py")) == here / "p"
    assert project_root(Path("p")) == here / "p"


def test_paths_are_shown_from_here(here: Path) -> None:
    assert display_path(here / "p" / "a.py") == "p/a.py"
    assert display_path(Path("./p/../a.py")) == "a.py"
    assert display_path(here.parent / "other.py") == (here.parent / "other.py").as_posix()
