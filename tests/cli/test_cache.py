"""`ce-lint cache`, and the options that say where the cache is."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from ce_lint.cli.caching import Caching, caching_options
from ce_lint.cli.main import main
from ce_lint.store.folder import DATABASE, FOLDER
from ce_lint.store.opening import open_store

_DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project; the current folder is one below its root."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "package").mkdir()
    monkeypatch.chdir(tmp_path / "package")
    monkeypatch.delenv("CE_LINT_CACHE_DIR", raising=False)
    monkeypatch.delenv("CE_LINT_NO_CACHE", raising=False)
    return tmp_path


def keep(folder: Path, kind: str, count: int, version: bytes = b"0.1.0 on Python 3.12") -> None:
    with contextlib.closing(open_store(folder, version)) as store:
        store.put_many(kind, {b"%d" % number: b"x" * 1000 for number in range(count)})


def cache(*arguments: str, environment: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, ["cache", *arguments], env=environment, prog_name="ce-lint")


def test_what_is_kept(project: Path) -> None:
    keep(project / FOLDER, "ir", 300)
    keep(project / FOLDER, "report", 1)
    keep(project / FOLDER, "ir", 2, version=b"\x00\x01")
    size = (project / FOLDER / DATABASE).stat().st_size
    result = cache("info")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"{(project / FOLDER).as_posix()}: 303 entries, {size / 1000:.1f} kB of at most 268.4 MB\n"
        "oldest made less than a day ago, last used less than a day ago\n"
        "\n"
        "entries      size  kind    version\n"
        "      2    2.0 kB  ir      0001\n"
        "    300  300.0 kB  ir      0.1.0 on Python 3.12\n"
        "      1    1.0 kB  report  0.1.0 on Python 3.12\n"
    )


def test_the_age(project: Path) -> None:
    keep(project / FOLDER, "ir", 1)
    with sqlite3.connect(project / FOLDER / DATABASE) as connection:
        connection.execute("UPDATE entry SET made = made - ?, used = used - ?", (9 * _DAY, _DAY))
    connection.close()
    assert ": 1 entry, " in cache("info").stdout
    assert "\noldest made 9 days ago, last used a day ago\n" in cache("info").stdout


def test_where_it_is(project: Path) -> None:
    keep(project / FOLDER, "ir", 1)
    keep(project / "asked", "ir", 2)
    keep(project / "set", "ir", 3)
    assert ": 1 entry, " in cache("info").stdout
    asked, environment = ("--cache-dir", "../asked"), {"CE_LINT_CACHE_DIR": str(project / "set")}
    assert ": 2 entries, " in cache("info", *asked).stdout
    assert ": 3 entries, " in cache("info", environment=environment).stdout
    assert ": 2 entries, " in cache("info", *asked, environment=environment).stdout
    assert ": 1 entry, " in cache("info", environment={"CE_LINT_CACHE_DIR": ""}).stdout


def test_nothing_is_there(project: Path) -> None:
    shown = (project / FOLDER).as_posix()
    assert (cache("info").exit_code, cache("info").stdout) == (0, f"{shown}: nothing is kept\n")
    assert (cache("clear").exit_code, cache("clear").stdout) == (0, f"{shown}: 0 B freed\n")
    assert not (project / FOLDER).exists()


def test_clear_removes_what_was_written(project: Path) -> None:
    keep(project / FOLDER, "ir", 300)
    (project / FOLDER / "entries-7.db").write_bytes(b"of a later version")
    freed = sum(file.stat().st_size for file in (project / FOLDER).iterdir())
    result = cache("clear")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{(project / FOLDER).as_posix()}: {freed / 1000:.1f} kB freed\n"
    assert sorted(path.name for path in project.iterdir()) == ["package", "pyproject.toml"]


def test_clear_leaves_what_others_wrote(project: Path) -> None:
    keep(project / FOLDER, "ir", 3)
    (project / FOLDER / "notes.txt").touch()
    (project / FOLDER / ".gitignore").write_text("mine\n")
    assert cache("clear").exit_code == 0
    assert sorted(path.name for path in (project / FOLDER).iterdir()) == [".gitignore", "notes.txt"]


@pytest.mark.parametrize("tag", [None, "Signature: 8a477f597d28d172789f06886806bc55\n# by another program\n"])
def test_clear_touches_no_folder_of_others(project: Path, tag: str | None) -> None:
    folder = project / "other"
    folder.mkdir()
    (folder / DATABASE).write_bytes(b"precious")
    if tag is not None:
        (folder / "CACHEDIR.TAG").write_text(tag)
    before = sorted(folder.iterdir())
    result = cache("clear", "--cache-dir", str(folder))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: {folder}: nothing was removed: it has no CACHEDIR.TAG of ce-lint\n"
    assert sorted(folder.iterdir()) == before


def test_clear_follows_no_link_out(project: Path) -> None:
    keep(project / FOLDER, "ir", 3)
    (project / "precious.db").write_bytes(b"precious")
    (project / FOLDER / DATABASE).unlink()
    (project / FOLDER / DATABASE).symlink_to(project / "precious.db")
    assert cache("clear").exit_code == 0
    assert (project / "precious.db").read_bytes() == b"precious"
    assert not (project / FOLDER).exists()


def test_what_cannot_be_removed_is_named(project: Path) -> None:
    keep(project / FOLDER, "ir", 3)
    (project / FOLDER / "entries-2.db").mkdir()
    result = cache("clear")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {project / FOLDER / 'entries-2.db'}: cannot be removed: ")
    assert not (project / FOLDER / DATABASE).exists()
    # The tag is there still: the next time, the rest can be removed.
    (project / FOLDER / "entries-2.db").rmdir()
    assert cache("clear").exit_code == 0
    assert not (project / FOLDER).exists()


def test_a_cache_that_cannot_be_used(project: Path) -> None:
    (project / FOLDER).mkdir()
    (project / FOLDER / "notes.txt").touch()
    result = cache("info")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: {project / FOLDER}: is no cache of ce-lint, and holds other files (notes.txt)\n"
    assert cache("info", "--cache-dir", str(project / "pyproject.toml")).exit_code == 2


def test_a_damaged_file_is_told_of_and_left(project: Path) -> None:
    keep(project / FOLDER, "ir", 3)
    file = project / FOLDER / DATABASE
    file.write_bytes(b"garbage" * 1000)
    result = cache("info")
    assert (result.exit_code, result.stderr) == (2, f"Error: {file}: file is not a database\n")
    assert file.read_bytes() == b"garbage" * 1000


def test_what_would_steer_a_terminal_is_not_printed(project: Path) -> None:
    keep(project / FOLDER, "\x1b[31mred", 1, version=b"\x1b[2J")
    assert "\x1b" not in cache("info").stdout


@click.command()
@caching_options
def _command(caching: Caching) -> None:
    click.echo(repr(caching.folder_of(Path("root"))))


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, Path("root", FOLDER)),
        (["--cache-dir", "a"], {}, Path("a")),
        ([], {"CE_LINT_CACHE_DIR": "b"}, Path("b")),
        (["--cache-dir", "a"], {"CE_LINT_CACHE_DIR": "b"}, Path("a")),
        (["--no-cache"], {}, None),
        (["--no-cache", "--cache-dir", "a"], {"CE_LINT_CACHE_DIR": "b"}, None),
        ([], {"CE_LINT_NO_CACHE": "1"}, None),
        ([], {"CE_LINT_NO_CACHE": "0"}, Path("root", FOLDER)),
        ([], {"CE_LINT_NO_CACHE": "", "CE_LINT_CACHE_DIR": ""}, Path("root", FOLDER)),
    ],
)
def test_what_was_asked_for(
    project: Path, arguments: list[str], environment: dict[str, str], expected: Path | None
) -> None:
    result = CliRunner().invoke(_command, arguments, env=environment)
    assert (result.exit_code, result.stdout) == (0, f"{expected!r}\n")
