"""What the real ruff does to a comment of ours; each remedy is applied, and ruff leaves the comment alone."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ce_lint.doctor.records import Check, Surroundings, Verdict
from ce_lint.doctor.ruff_side import check_ruff
from tests.doctor.conftest import BIN, apply, the

RUFF = Path(sys.executable).parent / "ruff"
needs_ruff = pytest.mark.skipif(shutil.which(str(RUFF)) is None, reason="ruff is not installed")


def the_answer(surroundings: Surroundings) -> Check:
    return the("noqa", check_ruff(surroundings))


def without_ruff(surroundings: Surroundings) -> Surroundings:
    nowhere = surroundings.root / BIN
    return dataclasses.replace(surroundings, interpreter=nowhere / "python", environment={"PATH": str(nowhere)})


SETTINGS = {
    # file, text: with RUF102 selected, so that the comment goes with the next `ruff check --fix`
    "one line": ("ruff.toml", 'lint.select = ["RUF102"]\n'),
    "table": ("ruff.toml", '[lint]\nselect = ["RUF102"]\n'),
    "hidden file": (".ruff.toml", '# ours\n[lint]\nselect = ["RUF102"]\n\n[format]\nquote-style = "double"\n'),
    "pyproject": ("pyproject.toml", '[tool.ruff.lint]\nselect = ["RUF"]\n\n[tool.other]\nexternal = []\n'),
    "no table yet": ("pyproject.toml", '[project]\nname = "x"\n[tool.ruff]\nextend-select = ["RUF102"]\n'),
    "dotted": ("pyproject.toml", '[tool.ruff]\nline-length = 100\nlint.select = ["RUF102"]\n'),
    "inline": ("pyproject.toml", '[tool.ruff]\nlint = { select = ["RUF102"] }\n'),
    "quoted": ("pyproject.toml", '[tool."ruff".lint]\nselect = ["RUF102"]\n'),
    "list": ("pyproject.toml", '[tool.ruff.lint]\nexternal = ["V"] # vulture\nselect = ["RUF102"]\n'),
    "empty list": ("pyproject.toml", '[tool.ruff.lint]\nexternal = [ ]\nselect = ["RUF102"]\n'),
    "list over lines": ("ruff.toml", '[lint]\nselect = ["RUF102"]\nexternal = [\n    "V", # vulture\n]\n'),
    "older place": ("ruff.toml", 'select = ["RUF102"]\nexternal = ["V"]\n'),
    "without a newline": ("ruff.toml", 'lint.select = ["RUF102"]'),
}


@needs_ruff
@pytest.mark.parametrize(("file", "text"), SETTINGS.values(), ids=SETTINGS)
def test_ruff_deletes_the_comment_until_the_line_is_written(surroundings: Surroundings, file: str, text: str) -> None:
    (surroundings.root / file).write_text(text)

    found = the_answer(surroundings)
    assert found.verdict is Verdict.PROBLEM
    assert "deletes CEL001 in `# noqa` comments" in found.what
    (remedy,) = found.remedies
    assert remedy.path == surroundings.root / file

    apply(found.remedies)
    assert the_answer(surroundings).verdict is Verdict.OK
    changed = subprocess.run(
        [RUFF, "check", "--no-cache", "--fix", "--stdin-filename", "x.py", "-"],
        input="x = 1  # noqa: CEL001\ny = 1  # noqa: CEL001, E501\n", cwd=surroundings.root, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert changed.stdout.count("# noqa: CEL001") == 2


@needs_ruff
def test_a_rule_that_is_not_selected_is_a_warning(surroundings: Surroundings) -> None:
    (surroundings.root / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["E"]\n')

    found = the_answer(surroundings)
    assert found.verdict is Verdict.WARNING
    assert "would delete CEL001 if RUF100 and RUF102 were selected" in found.what

    apply(found.remedies)
    assert the_answer(surroundings).verdict is Verdict.OK


@needs_ruff
@pytest.mark.parametrize("text", ['unfixable = ["RUF"]\nselect = ["RUF102"]', 'select = ["RUF100"]'])
def test_what_ruff_complains_of_or_takes_along_goes_too(surroundings: Surroundings, text: str) -> None:
    (surroundings.root / "ruff.toml").write_text(f"[lint]\n{text}\n")

    found = the_answer(surroundings)
    assert found.verdict is Verdict.PROBLEM

    apply(found.remedies)
    assert the_answer(surroundings).verdict is Verdict.OK


@needs_ruff
def test_settings_of_a_folder_above_hold(surroundings: Surroundings) -> None:
    above = surroundings.root.parent / "ruff.toml"
    above.write_text('[lint]\nselect = ["RUF102"]\n')

    (remedy,) = the_answer(surroundings).remedies

    assert (remedy.path, remedy.line, remedy.text) == (above, 1, 'external = ["CEL"]')


@needs_ruff
@pytest.mark.parametrize("hook", ["ruff", "ruff-check"])
def test_a_hook_without_settings_is_a_use_of_ruff(surroundings: Surroundings, hook: str) -> None:
    hooks = surroundings.root / ".pre-commit-config.yaml"
    hooks.write_text(f"repos:\n- repo: https://example.org/ruff-pre-commit\n  rev: v1.0.0\n  hooks:\n  - id: {hook}\n")

    found = the_answer(surroundings)
    assert found.verdict in {Verdict.WARNING, Verdict.PROBLEM}  # newer ones select RUF100 without being asked

    apply(found.remedies)
    assert (surroundings.root / "pyproject.toml").read_text() == '[tool.ruff.lint]\nexternal = ["CEL"]\n'
    assert the_answer(surroundings).verdict is Verdict.OK


def test_without_settings_and_hook_ruff_is_not_used(surroundings: Surroundings) -> None:
    assert the_answer(surroundings).verdict is Verdict.NOT_APPLICABLE
    hooks = surroundings.root / ".pre-commit-config.yaml"
    hooks.write_text(
        "repos:\n- repo: https://example.org/ruff-pre-commit\n  rev: v1.0.0\n  hooks:\n  - id: ruff-format\n"
    )
    assert the_answer(surroundings).verdict is Verdict.NOT_APPLICABLE


@needs_ruff
def test_settings_that_ruff_refuses_are_told_in_its_words(surroundings: Surroundings) -> None:
    (surroundings.root / "ruff.toml").write_text("[lint]\nselct = []\n")

    found = the_answer(surroundings)

    assert found.verdict is Verdict.WARNING
    assert found.what.startswith("ruff could not be asked: unknown field `selct`")
    assert "\n" not in found.what


@pytest.mark.parametrize(("file", "text"), SETTINGS.values(), ids=SETTINGS)
def test_where_there_is_no_ruff_its_settings_are_read(surroundings: Surroundings, file: str, text: str) -> None:
    (surroundings.root / file).write_text(text)
    there = without_ruff(surroundings)

    found = the_answer(there)
    assert found.verdict is Verdict.WARNING
    assert found.what.startswith("there is no ruff to ask; `lint.external` does not name CEL")

    apply(found.remedies)
    assert the_answer(there).verdict is Verdict.OK


def test_settings_that_extend_others_are_followed(surroundings: Surroundings) -> None:
    (surroundings.root / "ruff.toml").write_text('extend = "base.toml"\n')
    (surroundings.root / "base.toml").write_text('[lint]\nexternal = ["CEL"]\n')
    there = without_ruff(surroundings)
    assert the_answer(there).verdict is Verdict.OK

    (surroundings.root / "base.toml").write_text('extend = "ruff.toml"\n')
    assert the_answer(there).verdict is Verdict.WARNING

    (surroundings.root / "base.toml").unlink()
    found = the_answer(there)
    assert found.what == "there is no ruff to ask; base.toml cannot be read: no such file or directory"


@pytest.mark.parametrize("data", [b"[tool.ruff\n", b"\xff\xfe", b"x = " + b"[" * 5000])
def test_settings_that_cannot_be_read_are_one_line(surroundings: Surroundings, data: bytes) -> None:
    (surroundings.root / "pyproject.toml").write_bytes(data)

    (found,) = check_ruff(surroundings)

    assert found.verdict is Verdict.WARNING
    assert found.what.startswith("pyproject.toml cannot be read: ")
    assert "\n" not in found.what
