"""What the real libcst reads of the newest syntax."""

from __future__ import annotations

import ast
import dataclasses
import sys
from pathlib import Path

import pytest

from ce_lint.doctor import parser_side
from ce_lint.doctor.parser_side import SYNTAX, check_parser, syntax_of
from ce_lint.doctor.records import Act, Surroundings, Verdict
from tests.doctor.conftest import Environment


def test_this_python_reads_all_that_it_is_said_to_read() -> None:
    for name, program in syntax_of(sys.version_info[:2]):
        ast.parse(program, name)
    assert len(syntax_of((3, 10))) == 1
    assert len(syntax_of((3, 99))) == len(SYNTAX)


def test_this_libcst_reads_what_this_python_reads(surroundings: Surroundings) -> None:
    (found,) = check_parser(surroundings)

    assert found.verdict is Verdict.OK
    assert found.what.endswith(f"reads the syntax of Python {sys.version_info[0]}.{sys.version_info[1]}")


def test_syntax_that_libcst_does_not_read_is_named(surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_side, "SYNTAX", (*SYNTAX, ((3, 10), "double dots", "a..b\n")))

    (found,) = check_parser(surroundings)

    assert found.verdict is Verdict.WARNING
    assert "files with double dots are analysed, but get no fixes" in found.what
    assert len(found.remedies) == 1


def test_an_environment_without_libcst(surroundings: Surroundings, environment: Environment) -> None:
    (found,) = check_parser(dataclasses.replace(surroundings, interpreter=environment()))

    assert found.verdict is Verdict.PROBLEM
    assert found.what.startswith("libcst fails: ModuleNotFoundError: No module named 'libcst'")
    assert [remedy.act for remedy in found.remedies] == [Act.RUN]


def test_an_interpreter_that_is_not_there(surroundings: Surroundings) -> None:
    (found,) = check_parser(dataclasses.replace(surroundings, interpreter=Path("no-python")))

    assert found.what == "could not be asked: no-python cannot be run: no such file or directory"
