"""Patterns of file names: which paths they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ce_lint.engine.configuration.globs import Globs, anchored, covers, negatable


@pytest.mark.parametrize(
    ("pattern", "named", "others"),
    [
        ("tests", ["/p/tests", "/p/tests/a.py", "/p/q/tests/r/a.py"], ["/tests/a.py", "/p/tests.py", "/p/my_tests"]),
        ("tests/", ["/p/tests/a.py", "/p/q/tests/a.py"], ["/p/tests_a.py"]),
        ("*.py", ["/p/a.py", "/p/q/a.py"], ["/p/a.pyi", "/q/a.py"]),
        ("gen_*", ["/p/gen_a/b.py", "/p/q/gen_a.py"], ["/p/a_gen_.py"]),
        ("q/tests", ["/p/q/tests/a.py"], ["/p/tests/a.py", "/p/r/q/tests/a.py"]),
        ("./tests", ["/p/tests/a.py"], ["/p/q/tests/a.py"]),
        ("../q/*.py", ["/q/a.py"], ["/p/q/a.py"]),
        ("tests/*", ["/p/tests/a.py", "/p/tests/q/a.py"], ["/p/tests"]),
        ("**/a.py", ["/p/a.py", "/p/q/r/a.py"], ["/p/qa.py", "/a.py"]),
        ("q/**/a.py", ["/p/q/a.py", "/p/q/r/s/a.py"], ["/p/a.py", "/p/qa.py"]),
        ("q/**", ["/p/q/r/a.py"], ["/p/r/q/a.py"]),
        ("a?.py", ["/p/ab.py", "/p/aé.py"], ["/p/a.py"]),
        ("[ab].py", ["/p/a.py"], ["/p/c.py", "/p/[ab].py"]),
        ("[!ab].py", ["/p/c.py"], ["/p/a.py"]),
        ("[]x]", ["/p/]", "/p/x"], ["/p/[]x]"]),
        ("[^a]", ["/p/^", "/p/a"], ["/p/b"]),
        ("[a&&~~||-]", ["/p/&", "/p/-"], ["/p/b"]),
        ("[\\d]", ["/p/\\", "/p/d"], ["/p/1"]),
        ("[a", ["/p/[a"], ["/p/a"]),
        ("a.py|b.py", ["/p/a.py|b.py"], ["/p/a.py", "/p/b.py"]),
        ("/q/*.py", ["/q/a.py"], ["/p/q/a.py"]),
        ("a\nb", ["/p/a\nb/c.py"], ["/p/a"]),
    ],
)  # fmt: skip
def test_what_a_pattern_names(pattern: str, named: list[str], others: list[str]) -> None:
    full = anchored(Path("/p"), pattern)
    assert [path for path in (*named, *others) if covers(full, path)] == named


def test_a_negation_names_all_other_files() -> None:
    full = negatable(Path("/p"), "!q/*.py")
    assert [path for path in ("/p/q/a.py", "/p/a.py", "/p/q/a.ipynb") if covers(full, path)] == [
        "/p/a.py",
        "/p/q/a.ipynb",
    ]
    assert negatable(Path("/p"), "q") == anchored(Path("/p"), "q")


def test_a_pattern_means_the_same_when_it_is_anchored_again() -> None:
    full = anchored(Path("/[p]"), "q/*.py")
    assert anchored(Path("/elsewhere"), full) == full
    assert covers(full, "/[p]/q/a.py")
    assert not covers(full, "/p/q/a.py")


@pytest.mark.parametrize("pattern", ["", "/", ".", "..", "./", "[z-a]", "[a--b]", "a[!]", "!", "!/"])
def test_what_names_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"names no file or folder|character"):
        negatable(Path("/p"), pattern)


def test_a_negation_is_refused_where_it_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="! is understood at the start of a pattern of per-file-ignores only"):
        anchored(Path("/p"), "!q")
    with pytest.raises(ValueError, match="and once"):
        negatable(Path("/p"), "!!q")


def test_many_patterns_are_one_question() -> None:
    globs = Globs(anchored(Path("/p"), pattern) for pattern in ("a", "b/c.py"))
    assert [globs.cover(path) for path in ("/p/a/x.py", "/p/b/c.py", "/p/c.py")] == [True, True, False]
    assert not Globs(()).cover("/p/a")


def test_patterns_that_name_a_path_can_be_left_out() -> None:
    globs = Globs(anchored(Path("/p"), pattern) for pattern in ("a", "b"))
    rest = globs.without_those_that_cover("/p/a/x")
    assert (rest.cover("/p/a/x/y.py"), rest.cover("/p/a/x/b/y.py")) == (False, True)
    assert globs.without_those_that_cover("/p/c") is globs
