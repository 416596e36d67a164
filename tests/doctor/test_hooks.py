"""What the hooks of a project run; each remedy is applied, and pre-commit takes the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ce_lint import __version__
from ce_lint.doctor.hooks import check_hooks
from ce_lint.doctor.records import Act, Surroundings, Verdict
from tests.doctor.conftest import apply, the, verdicts

FLAKE8 = "- repo: https://github.com/PyCQA/flake8\n  rev: 7.3.0\n  hooks:\n"


def write_hooks(surroundings: Surroundings, text: str) -> Path:
    path = surroundings.root / ".pre-commit-config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def is_valid(path: Path) -> bool:
    """What pre-commit itself says."""
    pytest.importorskip("pre_commit")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", path], capture_output=True, check=False
    )
    return done.returncode == 0


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
    "plain": FLAKE8 + "  - id: flake8\n",
    "with keys": FLAKE8 + "    - id: flake8  # the linter\n      args: [--max-line-length=100]\n",
    "with others": FLAKE8 + "    - id: flake8\n      additional_dependencies: [flake8-bugbear==24.1.1]\n",
    "list over lines": FLAKE8
    + "    - id: flake8\n      additional_dependencies:\n        - flake8-bugbear\n        # naming\n"
    "        - pep8-naming>=0.1\n      exclude: ^docs/\n",
    "list first": FLAKE8 + "    - additional_dependencies: []\n      id: flake8\n",
    "in one line": FLAKE8 + "    - {id: flake8, exclude: ^docs/}\n",
    "second": FLAKE8.replace("hooks:\n", "hooks:\n    - id: other\n    - id: flake8\n"),
    "notebooks": "- repo: https://github.com/nbQA-dev/nbQA\n  rev: 1.9.1\n  hooks:\n  - id: nbqa-flake8\n",
    "local": "- repo: local\n  hooks:\n  - id: lint\n    name: lint\n    entry: flake8\n    language: python\n",
}


@pytest.mark.parametrize("text", WITHOUT.values(), ids=WITHOUT)
def test_a_hook_of_flake8_without_ce_lint(surroundings: Surroundings, text: str) -> None:
    path = write_hooks(surroundings, f"# hooks\nrepos:\n{text}")

    (found,) = check_hooks(surroundings)
    assert found.verdict is Verdict.PROBLEM
    assert found.what.endswith("runs flake8 in an environment without ce-lint")
    (remedy,) = found.remedies
    assert remedy.act in {Act.WRITE, Act.ADD_BELOW}
    assert f"ce-lint=={__version__}" in remedy.text

    apply(found.remedies)
    assert [check.verdict for check in check_hooks(surroundings)] == [Verdict.OK]
    for kept in ("bugbear", "exclude", "# the linter", "pep8-naming>=0.1", "--max-line-length", "id: other"):
        assert (kept in path.read_text()) == (kept in text)


@pytest.mark.slow
def test_pre_commit_takes_what_is_told(surroundings: Surroundings) -> None:
    for text in WITHOUT.values():
        path = write_hooks(surroundings, f"repos:\n{text}")
        assert is_valid(path)
        apply([remedy for check in check_hooks(surroundings) for remedy in check.remedies])
        assert is_valid(path)


@pytest.mark.parametrize(
    "dependency",
    ["ce-lint", "ce_lint==0.1.0", "ce-lint[runtime]>=0.1", "../ce-lint", "git+https://example.org/ce-lint@v1"],
)
def test_a_hook_of_flake8_with_ce_lint(surroundings: Surroundings, dependency: str) -> None:
    write_hooks(surroundings, f"repos:\n{FLAKE8}    - id: flake8\n      additional_dependencies: ['{dependency}']\n")

    assert verdicts(check_hooks(surroundings)) == {"flake8": Verdict.OK}


def test_a_hook_that_uses_the_environment_needs_nothing(surroundings: Surroundings) -> None:
    hook = "  - id: flake8\n    name: flake8\n    entry: python -m flake8\n    language: system\n    types: [python]\n"
    write_hooks(surroundings, f"repos:\n- repo: local\n  hooks:\n{hook}")

    (found,) = check_hooks(surroundings)

    assert (found.verdict, "on PATH" in found.what) == (Verdict.OK, True)


OTHERS = {
    "one": "repos:\n- repo: https://example.org/a\n  rev: v1.0.0\n  hooks:\n  - id: a\n",
    "further in": "repos:\n  - repo: https://example.org/a\n    rev: v1.0.0\n    hooks:\n      - id: a\n\n# the end\n",
    "none": "repos: []\n",
    "something behind": "repos:\n- repo: https://example.org/a\n  rev: v1.0.0\n  hooks:\n  - id: a\nfail_fast: true\n",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_hooks_without_ce_lint(surroundings: Surroundings, text: str) -> None:
    path = write_hooks(surroundings, text)

    (found,) = check_hooks(surroundings)
    assert found.verdict is Verdict.WARNING
    assert found.what == "no hook in .pre-commit-config.yaml runs ce-lint"
    (remedy,) = found.remedies
    assert remedy.path == path
    if remedy.act is Act.SEE:
        assert text == OTHERS["none"]
        return

    apply(found.remedies)
    assert verdicts(check_hooks(surroundings)) == {"ce-lint": Verdict.OK}
    assert is_valid(path)


@pytest.mark.parametrize("revision", ["main", "v1", "stable"])
def test_a_revision_that_moves(surroundings: Surroundings, revision: str) -> None:
    text = f"repos:\n- repo: https://example.org/lint\n  rev: {revision}  # newest\n  hooks:\n"
    path = write_hooks(surroundings, text + "  - id: ce-lint\n  - id: ce-lint-project\n")

    checks = list(check_hooks(surroundings))
    assert the("ce-lint", checks).what == ".pre-commit-config.yaml runs ce-lint, ce-lint-project"
    assert the("rev", checks).verdict is Verdict.WARNING

    apply(the("rev", checks).remedies)
    assert f"  rev: v{__version__}  # newest\n" in path.read_text()
    assert verdicts(check_hooks(surroundings)) == {"ce-lint": Verdict.OK}


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

    apply(found.remedies)
    assert verdicts(check_hooks(surroundings)) == {"ce-lint": Verdict.OK}


@pytest.mark.slow
def test_arguments_that_keep_our_codes_back(surroundings: Surroundings) -> None:
    hook = "    - id: flake8\n      additional_dependencies: [ce-lint]\n      args: ['--select=E,F', --count]\n"
    path = write_hooks(surroundings, f"repos:\n{FLAKE8}{hook}")

    found = the("arguments", check_hooks(surroundings))
    assert found.verdict is Verdict.PROBLEM

    apply(found.remedies)
    assert '      args: [--extend-select=CEL, "--select=E,F", --count]\n' in path.read_text()
    assert verdicts(check_hooks(surroundings)) == {"flake8": Verdict.OK}


def test_the_other_form_of_prek(surroundings: Surroundings) -> None:
    file = surroundings.root / "prek.toml"
    file.write_text('[[repos]]\nrepo = "https://github.com/PyCQA/flake8"\nrev = "7.3.0"\nhooks = [{id = "flake8"}]\n')

    (found,) = check_hooks(surroundings)

    assert found.verdict is Verdict.PROBLEM
    assert [(remedy.act, remedy.path) for remedy in found.remedies] == [(Act.SEE, file)]


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
