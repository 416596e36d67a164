from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import discover, is_excluded, is_left_out, project_mark, project_root
from ce_lint.engine.errors import UsageError
from ce_lint.source.paths import display_path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def found(*paths: str, **asked: object) -> list[str]:
    files, errors = discover([Path(path) for path in paths], Settings(**asked))
    assert errors == ()
    return [display_path(file) for file in files]


def git(*arguments: str, folder: str = ".") -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def configure(text: str, folder: str = ".") -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    Path(folder, "pyproject.toml").write_text(f"[tool.ce-lint]\n{text}\n")


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
        discover([Path("gone")])


def test_a_link_loop_is_named_and_everything_else_found() -> None:
    touch("p/a.py")
    Path("p/up").symlink_to("..")
    Path("p/self.py").symlink_to("self.py")
    Path("p/dangling.py").symlink_to("gone.py")
    Path("p/linked.py").symlink_to("a.py")
    files, errors = discover([Path()])
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
    files, errors = discover([Path()])
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
        assert len(discover([Path()])[0]) == 1
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


def test_what_makes_a_project(here: Path) -> None:
    touch("a/setup.py", "a/setup.cfg", "b/a.py")
    assert (project_mark(here / "a"), project_mark(here / "b")) == ("setup.cfg", None)


def test_patterns_of_the_project_start_at_its_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch("p/a.py", "p/gen/a.py", "p/q/gen/a.py", "gen/a.py")
    configure('exclude = ["./gen", "q/gen/a.py"]', "p")
    assert found(".") == ["gen/a.py", "p/a.py"]
    monkeypatch.chdir(here / "p" / "q")
    assert found("..") == [(here / "p" / "a.py").as_posix()]


def test_each_project_leaves_out_its_own() -> None:
    configure('exclude = ["gen"]')
    configure('exclude = ["old"]', "inner")
    touch("gen/a.py", "old/a.py", "inner/gen/a.py", "inner/old/a.py", "plain/pyproject.toml", "plain/gen/a.py")
    assert found(".") == ["inner/gen/a.py", "old/a.py"]
    assert found(".", exclude=("old",)) == ["inner/gen/a.py"]
    assert found("inner", exclude=("inner",)) == ["inner/gen/a.py"]


def test_a_folder_with_brackets_in_its_name(here: Path) -> None:
    configure('exclude = ["gen/a.py"]', "[ab]")
    touch("[ab]/gen/a.py", "[ab]/b.py", "a/gen/a.py")
    assert found(".") == ["[ab]/b.py", "a/gen/a.py"]


@pytest.mark.parametrize(
    "name", ["gen/a.py", "a.gen.py", "node_modules/a.py", "ignored/a.py", "scratch.py", "p/gen/a.py", "gen", "ignored"]
)
def test_force_exclude_leaves_out_what_is_named(repository: Path, name: str) -> None:
    configure('exclude = ["gen", "*.gen.py"]')
    touch("gen/a.py", "a.gen.py", "node_modules/a.py", "ignored/a.py", "scratch.py", "p/gen/a.py", "a.py")
    (repository / ".gitignore").write_text("ignored/\nscratch.py\n")
    expected = [f"{name}/a.py" if "." not in name else name]
    assert found(name) == expected
    assert found(name, "a.py", force_exclude=True) == ["a.py"]
    assert is_left_out(Path(name), Settings())


def test_a_folder_above_the_project_is_none_of_its_affair(here: Path) -> None:
    touch("gen/p/a.py", "build/p/a.py", "gen/p/pyproject.toml", "build/p/pyproject.toml")
    assert found("gen/p/a.py", "build/p/a.py", exclude=("gen",), force_exclude=True) == ["build/p/a.py", "gen/p/a.py"]


def test_what_is_excluded_is_asked_of_one_file(here: Path) -> None:
    configure('exclude = ["gen"]')
    assert is_excluded(Path("gen/not_there.py"), Settings())
    assert not is_excluded(Path("a.py"), Settings())
    assert is_excluded(Path("a.py"), Settings(exclude=("./a.*",)))
    # A look through the folder would pass it over; whoever hands it over means it.
    assert not is_excluded(Path("build/a.py"), Settings())


@pytest.fixture
def repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, as a git repository, with nothing ignored by the user who runs the tests."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    git("init", "-q")
    return here


def test_what_git_ignores_is_left_out(repository: Path) -> None:
    (repository / ".gitignore").write_text("data/\n*_gen.py\n!kept_gen.py\n/top.py\n")
    (repository / "p").mkdir()
    (repository / "p" / ".gitignore").write_text("local.py\n")
    (repository / ".git" / "info" / "exclude").write_text("mine.py\n")
    touch(
        "data/a.py", "p/data/b.py", "a_gen.py", "kept_gen.py", "top.py", "p/top.py", "p/local.py", "local.py", "mine.py"
    )
    assert found(".") == ["kept_gen.py", "local.py", "p/top.py"]
    assert len(found(".", respect_gitignore=False)) == 9
    configure("respect-gitignore = false")
    assert len(found(".")) == 9


def test_what_git_tracks_is_not_ignored(repository: Path) -> None:
    (repository / ".gitignore").write_text("data/\n")
    touch("data/tracked.py", "data/other.py")
    git("add", "-f", "data/tracked.py")
    assert found(".") == ["data/tracked.py"]


def test_names_that_git_would_quote(repository: Path) -> None:
    (repository / ".gitignore").write_text("*_gen.py\n")
    touch('é "a"_gen.py', "tab\t_gen.py", "line\n_gen.py", "é.py")
    assert found(".") == ["é.py"]


def test_a_folder_below_the_top_of_the_repository(repository: Path) -> None:
    (repository / ".gitignore").write_text("/p/q/data/\n*_gen.py\n")
    touch("p/q/data/a.py", "p/q/a.py", "p/q/b_gen.py")
    assert found("p/q") == ["p/q/a.py"]


@pytest.mark.parametrize("pattern", ["data/", "data/*", "*.py"])
def test_what_is_named_is_taken_though_git_ignores_it(repository: Path, pattern: str) -> None:
    (repository / ".gitignore").write_text(f"{pattern}\n")
    touch("data/p/a.py", "data/b.py")
    assert found("data") == ["data/b.py", "data/p/a.py"]
    assert found("data/b.py", ".") == ["data/b.py"]


def test_a_repository_inside_says_what_is_ignored_in_it(repository: Path) -> None:
    (repository / ".gitignore").write_text("a.py\n")
    touch("a.py", "inner/a.py", "inner/b.py", "inner/c.py")
    git("init", "-q", folder="inner")
    (repository / "inner" / ".gitignore").write_text("b.py\n")
    assert found(".") == ["inner/a.py", "inner/c.py"]
    configure("respect-gitignore = false", "inner")
    assert found(".") == ["inner/a.py", "inner/b.py", "inner/c.py"]


def test_a_hook_runs_in_another_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / ".gitignore").write_text("a.py\n")
    touch("a.py", "b.py")
    monkeypatch.setenv("GIT_DIR", str(repository / "elsewhere"))
    assert found(".") == ["b.py"]


@pytest.mark.parametrize("what", ["missing", "broken", "none"])
def test_without_git_nothing_is_ignored(
    repository: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    (repository / ".gitignore").write_text("a.py\n")
    touch("a.py")
    assert found(".") == []
    caplog.set_level("DEBUG", "ce_lint")
    if what == "missing":
        monkeypatch.setenv("PATH", "")
    elif what == "broken":
        (repository / ".git" / "config").write_text("[core\n")
    else:
        (repository / ".git").rename(repository / "git")
    assert found(".") == ["a.py"]
    assert [record.levelname for record in caplog.records] == ([] if what == "none" else ["DEBUG"])
