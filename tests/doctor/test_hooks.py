"""What the hooks of a project run; each remedy is applied, and pre-commit takes the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ce_lint import __version__
from ce_lint.doctor.hooks import check_hooks
from ce_lint.doctor.records import Act, Remedy, Surroundings, Verdict
from tests.doctor.conftest import the, verdicts

FLAKE8 = "- repo: https://github.com/PyCQA/flake8\n  rev: 7.3.0\n  hooks:\n"


def write_hooks(surroundings: Surroundings, text: str) -> Path:
    path = surroundings.root / ".pre-commit-config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def add_to_hook(remedy: Remedy) -> None:
    """Write a setting of the hook on whose line a remedy is."""
    assert remedy.path is not None
    assert remedy.line is not None
    lines = remedy.path.read_text().splitlines()
    column = lines[remedy.line - 1].index("id:")
    kept = [line for line in lines if not line.strip().startswith(remedy.text.split(":")[0])]
    kept.insert(remedy.line, " " * column + remedy.text)
    remedy.path.write_text("\n".join(kept))


def test_a_project_without_hooks(surroundings: Surroundings) -> None:
    assert verdicts(check_hooks(surroundings)) == {"file": Verdict.NOT_APPLICABLE}


def test_the_hooks_are_those_of_the_repository(surroundings: Surroundings) -> None:
    path = surroundings.root.parent / ".pre-commit-config.yaml"
    path.write_text(f"repos:\n{FLAKE8}  - id: flake8\n", encoding="utf-8")
    assert verdicts(check_hooks(surroundings)) == {"file": Verdict.NOT_APPLICABLE}

    (surroundings.root.parent / ".git").mkdir()
    (found,) = check_hooks(surroundings)
    assert [remedy.path for remedy in found.remedies] == [path]


WITHOUT = {
    # text, the line of the hook, other dependencies
    "plain": (FLAKE8 + "  - id: flake8\n", 6, ""),
    "second": (FLAKE8 + "    - id: other\n    - id: 'flake8'  # the linter\n", 7, ""),
    "with others": (
        FLAKE8 + "    - id: flake8\n      additional_dependencies: [pep8-naming>=0.1]\n", 6, '"pep8-naming>=0.1", ',
    ),
    "notebooks": ("- repo: https://example.org/nbQA\n  rev: 1.9.1\n  hooks:\n  - id: nbqa-flake8\n", 6, ""),
    "local": ("- repo: local\n  hooks:\n  - id: lint\n    entry: flake8 --count\n    language: python\n", 5, ""),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "others"), WITHOUT.values(), ids=WITHOUT)
def test_a_hook_of_flake8_without_ce_lint(surroundings: Surroundings, text: str, line: int, others: str) -> None:
    path = write_hooks(surroundings, f"# hooks\nrepos:\n{text}")

    (found,) = check_hooks(surroundings)
    assert found.verdict is Verdict.PROBLEM
    assert found.what.endswith("runs flake8 in an environment without ce-lint")
    setting = f'additional_dependencies: [{others}"ce-lint=={__version__}"]'
    assert found.remedies == (Remedy(Act.WRITE, setting, path, line),)

    add_to_hook(found.remedies[0])
    assert [check.verdict for check in check_hooks(surroundings)] == [Verdict.OK]


@pytest.mark.parametrize("entry", ["python -m flake8", ".venv/bin/flake8", "uv run flake8 --count", r"env\flake8"])
def test_a_hook_that_uses_the_environment_needs_nothing(surroundings: Surroundings, entry: str) -> None:
    hook = f"  - id: lint\n    name: lint\n    entry: {entry}\n    language: system\n    types: [python]\n"
    write_hooks(surroundings, f"repos:\n- repo: local\n  hooks:\n{hook}")

    assert verdicts(check_hooks(surroundings)) == {"lint": Verdict.OK}


@pytest.mark.parametrize(
    "dependency",
    ["ce-lint", "ce_lint==0.1.0", "ce-lint[runtime]>=0.1", "../ce-lint", "git+https://example.org/ce-lint@v1"],
)
def test_a_hook_of_flake8_with_ce_lint(surroundings: Surroundings, dependency: str) -> None:
    write_hooks(surroundings, f"repos:\n{FLAKE8}    - id: flake8\n      additional_dependencies: ['{dependency}']\n")

    assert verdicts(check_hooks(surroundings)) == {"flake8": Verdict.OK}


def test_hooks_without_ce_lint(surroundings: Surroundings) -> None:
    before = "# ours\nrepos:\n- repo: https://example.org/a\n  rev: v1.0.0\n  hooks:\n  - id: a\n"
    path = write_hooks(surroundings, before)

    (found,) = check_hooks(surroundings)
    assert found.verdict is Verdict.WARNING
    assert found.what == "no hook in .pre-commit-config.yaml runs ce-lint"
    (remedy,) = found.remedies
    assert (remedy.path, remedy.line) == (path, 2)

    write_hooks(surroundings, before + remedy.text.partition("\n")[2])
    assert verdicts(check_hooks(surroundings)) == {"ce-lint": Verdict.OK}
    pytest.importorskip("pre_commit")
    from pre_commit.clientlib import load_config

    load_config(path)


@pytest.mark.parametrize("revision", ["main", "v1", "stable"])
def test_a_revision_that_moves(surroundings: Surroundings, revision: str) -> None:
    text = f"repos:\n- repo: https://example.org/lint\n  rev: {revision}  # newest\n  hooks:\n"
    path = write_hooks(surroundings, text + "  - id: ce-lint\n  - id: ce-lint-project\n")

    checks = list(check_hooks(surroundings))
    assert the("ce-lint", checks).what == ".pre-commit-config.yaml runs ce-lint, ce-lint-project"
    assert the("rev", checks).verdict is Verdict.WARNING

    assert the("rev", checks).remedies == (Remedy(Act.WRITE, f'rev: "v{__version__}"', path, 2),)


@pytest.mark.parametrize("revision", ["v0.1.0", "1.2", "0123456789abcdef", "0123456"])
def test_a_revision_that_stays(surroundings: Surroundings, revision: str) -> None:
    text = f"repos:\n- repo: https://example.org/lint\n  rev: '{revision}'\n  hooks:\n  - id: ce-lint\n"
    write_hooks(surroundings, text + FLAKE8 + "  - id: flake8\n")

    # With a hook of its own, ce-lint is not needed in that of flake8.
    assert verdicts(check_hooks(surroundings)) == {"ce-lint": Verdict.OK, "flake8": Verdict.OK}


def test_yesqa_deletes_comments_of_a_plugin_that_it_does_not_have(surroundings: Surroundings) -> None:
    yesqa = "- repo: https://github.com/asottile/yesqa\n  rev: v1.5.0\n  hooks:\n  - id: yesqa\n"
    write_hooks(surroundings, f"repos:\n{yesqa}- repo: local\n  hooks:\n  - id: ce-lint\n")

    found = the("yesqa", check_hooks(surroundings))
    assert found.verdict is Verdict.PROBLEM

    add_to_hook(found.remedies[0])
    assert verdicts(check_hooks(surroundings)) == {"ce-lint": Verdict.OK}


@pytest.mark.slow
@pytest.mark.parametrize("place", ["entry: flake8 --select=E,F", "args: ['--select=E,F', --count]"])
def test_arguments_that_keep_our_codes_back(surroundings: Surroundings, place: str) -> None:
    hook = f"    - id: flake8\n      additional_dependencies: [ce-lint]\n      {place}\n"
    path = write_hooks(surroundings, f"repos:\n{FLAKE8}{hook}")

    found = the("arguments", check_hooks(surroundings))

    assert found.verdict is Verdict.PROBLEM
    assert [(remedy.path, remedy.line) for remedy in found.remedies] == [(path, 5)]


def test_the_other_form_of_prek(surroundings: Surroundings) -> None:
    file = surroundings.root / "prek.toml"
    file.write_text('[[repos]]\nrepo = "https://github.com/PyCQA/flake8"\nrev = "7.3.0"\nhooks = [{id = "flake8"}]\n')

    (found,) = check_hooks(surroundings)

    assert found.verdict is Verdict.PROBLEM
    assert found.remedies == (Remedy(Act.WRITE, f'additional_dependencies = ["ce-lint=={__version__}"]', file, 4),)


@pytest.mark.parametrize(
    "data",
    [b"repos: [", b"\xff", b"repos: " + b"[" * 600, b"repos: &a [*a, *b]", b"a: !!python/object:os.system {}\n"],
)
def test_hooks_that_cannot_be_read_are_one_line(surroundings: Surroundings, data: bytes) -> None:
    (surroundings.root / ".pre-commit-config.yaml").write_bytes(data)

    (found,) = check_hooks(surroundings)

    assert found.verdict is Verdict.WARNING
    assert found.what.startswith(".pre-commit-config.yaml cannot be read: ")
    assert "\n" not in found.what


@pytest.mark.parametrize(
    "text", ["", "repos: 3", "- 1", "repos: [1, {hooks: 2}, {hooks: [3, {id: [4]}]}]", "repos: &a [{hooks: *a}]"]
)
def test_what_is_not_of_the_form_is_no_hook(surroundings: Surroundings, text: str) -> None:
    write_hooks(surroundings, text)

    assert verdicts(check_hooks(surroundings)) == {"ce-lint": Verdict.WARNING}
