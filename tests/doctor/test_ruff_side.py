"""What the real ruff does to a comment of ours; each remedy is applied, and ruff leaves the comment alone."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path

import pytest

from ce_lint.doctor.records import Check, Remedy, Surroundings, Verdict
from ce_lint.doctor.ruff_side import check_ruff
from tests.doctor.conftest import BIN, the

RUFF = Path(sys.executable).parent / "ruff"
needs_ruff = pytest.mark.skipif(shutil.which(str(RUFF)) is None, reason="ruff is not installed")


def the_answer(surroundings: Surroundings) -> Check:
    return the("noqa", check_ruff(surroundings))


def without_ruff(surroundings: Surroundings) -> Surroundings:
    nowhere = surroundings.root / BIN
    return dataclasses.replace(surroundings, interpreter=nowhere / "python", environment={"PATH": str(nowhere)})


def write(remedy: Remedy) -> None:
    """Do what a remedy says, below the line that it names, else at the end."""
    assert remedy.path is not None
    lines = remedy.path.read_text().splitlines() if remedy.path.exists() else []
    *header, setting = remedy.text.split("\n")
    if remedy.line is None:
        lines += [*header, setting]
    else:
        assert not header or lines[remedy.line - 1] == header[0]
        lines.insert(remedy.line, setting)
        lines = [line for line in lines if line == setting or not line.startswith("external")]
    remedy.path.write_text("\n".join([*lines, ""]))


SETTINGS = {
    # file, text, what is to be written: RUF102 is selected, so that the comment goes with the next `ruff check --fix`
    "table": ("ruff.toml", '[lint]\nselect = ["RUF102"]\n', '[lint]\nexternal = ["CEL"]'),
    "pyproject": ("pyproject.toml", '[tool.ruff.lint]\nselect = ["RUF"]\n', '[tool.ruff.lint]\nexternal = ["CEL"]'),
    "no table yet": (
        "pyproject.toml", '[tool.ruff]\nextend-select = ["RUF102"]\n', '[tool.ruff.lint]\nexternal = ["CEL"]',
    ),
    "list": (".ruff.toml", '[lint]\nexternal = ["V"]\nselect = ["RUF102"]\n', '[lint]\nexternal = ["V", "CEL"]'),
    "older place": (
        "pyproject.toml", '[tool.ruff]\nselect = ["RUF102"]\nexternal = ["V"]\n',
        '[tool.ruff]\nexternal = ["V", "CEL"]',
    ),
    "dotted": ("ruff.toml", 'line-length = 99\nlint.select = ["RUF102"]', 'lint.external = ["CEL"]'),
    "older place, no table": ("ruff.toml", 'select = ["RUF102"]\nexternal = ["V"]\n', 'external = ["V", "CEL"]'),
}  # fmt: skip


@needs_ruff
@pytest.mark.parametrize(("file", "text", "setting"), SETTINGS.values(), ids=SETTINGS)
def test_ruff_deletes_the_comment_until_the_line_is_written(
    surroundings: Surroundings, file: str, text: str, setting: str
) -> None:
    (surroundings.root / file).write_text(text)

    found = the_answer(surroundings)
    assert found.verdict is Verdict.PROBLEM
    assert "deletes CEL001 in `# noqa` comments" in found.what
    unread = the_answer(without_ruff(surroundings))
    assert unread.what == (
        f"there is no ruff to ask; `lint.external` in {file} does not name CEL: RUF100 and RUF102 delete CEL001"
    )
    assert found.remedies == unread.remedies
    assert (found.remedies[0].path, found.remedies[0].text) == (surroundings.root / file, setting)

    write(found.remedies[0])
    assert the_answer(surroundings).verdict is Verdict.OK
    assert the_answer(without_ruff(surroundings)).verdict is Verdict.OK


@needs_ruff
def test_a_rule_that_is_not_selected_is_a_warning(surroundings: Surroundings) -> None:
    (surroundings.root / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["E"]\n')

    found = the_answer(surroundings)
    assert found.verdict is Verdict.WARNING
    assert "would delete CEL001 if RUF100 and RUF102 were selected" in found.what

    write(found.remedies[0])
    assert the_answer(surroundings).verdict is Verdict.OK


@needs_ruff
@pytest.mark.parametrize("text", ['unfixable = ["RUF"]\nselect = ["RUF102"]', 'select = ["RUF100"]'])
def test_what_ruff_complains_of_or_takes_along_goes_too(surroundings: Surroundings, text: str) -> None:
    (surroundings.root / "ruff.toml").write_text(f"[lint]\n{text}\n")

    found = the_answer(surroundings)
    assert found.verdict is Verdict.PROBLEM

    write(found.remedies[0])
    assert the_answer(surroundings).verdict is Verdict.OK


@needs_ruff
def test_settings_of_a_folder_above_hold(surroundings: Surroundings) -> None:
    above = surroundings.root.parent / "ruff.toml"
    above.write_text('[lint]\nselect = ["RUF102"]\n')

    (remedy,) = the_answer(surroundings).remedies

    assert (remedy.path, remedy.line, remedy.text) == (above, 1, '[lint]\nexternal = ["CEL"]')

    # Also beside a pyproject.toml that says nothing of ruff, as it is there in a part of a larger repository.
    write(remedy)
    assert the_answer(surroundings).verdict is Verdict.OK


@needs_ruff
@pytest.mark.parametrize("hook", ["ruff", "ruff-check"])
def test_a_hook_without_settings_is_a_use_of_ruff(surroundings: Surroundings, hook: str) -> None:
    hooks = surroundings.root / ".pre-commit-config.yaml"
    hooks.write_text(f"repos:\n- repo: https://example.org/ruff-pre-commit\n  rev: v1.0.0\n  hooks:\n  - id: {hook}\n")

    found = the_answer(surroundings)
    assert found.verdict in {Verdict.WARNING, Verdict.PROBLEM}  # newer ones select RUF100 without being asked

    write(found.remedies[0])
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


@pytest.mark.parametrize("data", [b"[tool.ruff\n", b"\xff\xfe", b"x = " + b"[" * 5000])
def test_settings_that_cannot_be_read_are_one_line(surroundings: Surroundings, data: bytes) -> None:
    (surroundings.root / "pyproject.toml").write_bytes(data)

    (found,) = check_ruff(surroundings)

    assert found.verdict is Verdict.WARNING
    assert found.what.startswith("pyproject.toml cannot be read: ")
    assert "\n" not in found.what
