"""Do the hooks of pre-commit or prek run ce-lint, and does one of them delete its comments?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ce_lint import __version__
from ce_lint.doctor.flake8_arguments import judge
from ce_lint.doctor.hook_edits import add_dependency, add_hook, set_arguments, set_revision
from ce_lint.doctor.hook_files import Hook, HookFile, HookFileError, read_hooks
from ce_lint.doctor.programs import NotAskedError
from ce_lint.doctor.records import Act, Check, Remedy, Surroundings, Verdict
from ce_lint.source.paths import display_path

AREA = "hooks"

_PACKAGE = f"ce-lint=={__version__}"
_OF_THE_ENVIRONMENT = frozenset({"system", "unsupported", "script", "unsupported_script"})
"""Languages of hooks that have no environment of their own."""


def check_hooks(surroundings: Surroundings) -> Iterator[Check]:
    """Look at the hooks that run ce-lint, flake8 or yesqa."""
    try:
        file = read_hooks(surroundings.root)
    except HookFileError as error:
        yield Check(AREA, "file", Verdict.WARNING, str(error))
        return
    if file is None:
        yield Check(AREA, "file", Verdict.NOT_APPLICABLE, "no .pre-commit-config.yaml and no prek.toml")
        return
    ours = [number for number, hook in enumerate(file.hooks) if _is_ours(hook)]
    through_flake8 = [number for number, hook in enumerate(file.hooks) if _runs_flake8(hook)]
    name = display_path(file.path)
    if ours:
        listed = ", ".join(file.hooks[number].id for number in ours)
        yield Check(AREA, "ce-lint", Verdict.OK, f"{name} runs {listed}")
        yield from _revisions(file, ours)
    for number in through_flake8:
        yield from _flake8(file, number, surroundings, is_needed=not ours)
    if not ours and not through_flake8:
        yield Check(AREA, "ce-lint", Verdict.WARNING, f"no hook in {name} runs ce-lint", (add_hook(file),))
    for number, hook in enumerate(file.hooks):
        if hook.id == "yesqa" and not _has_ours(hook):
            what = "yesqa deletes `# noqa: CEL001`: the flake8 of its environment does not know the code"
            yield Check(AREA, "yesqa", Verdict.PROBLEM, what, (add_dependency(file, number, _PACKAGE),))


def _is_ours(hook: Hook) -> bool:
    return hook.id.startswith("ce-lint") or re.match(r"(\S*python\S* -m )?ce[-_]lint\b", hook.entry) is not None


def _runs_flake8(hook: Hook) -> bool:
    return (
        hook.id in {"flake8", "nbqa-flake8"} or re.match(r"(\S*python\S* -m |nbqa )?flake8\b", hook.entry) is not None
    )


def _has_ours(hook: Hook) -> bool:
    """Whether ce-lint is installed with a hook: by its name, or from a folder or a repository that is called so."""
    return any(re.search(r"(^|[/\\#=])ce[-_.]lint($|[^\w-])", name, re.IGNORECASE) for name in hook.dependencies)


def _flake8(file: HookFile, number: int, surroundings: Surroundings, *, is_needed: bool) -> Iterator[Check]:
    hook = file.hooks[number]
    name = f"the hook {hook.id}"
    if hook.language in _OF_THE_ENVIRONMENT:
        yield Check(AREA, hook.id, Verdict.OK, f"{name} runs the flake8 that is on PATH when you commit")
    elif not _has_ours(hook) and is_needed:
        what = f"{name} runs flake8 in an environment without ce-lint"
        yield Check(AREA, hook.id, Verdict.PROBLEM, what, (add_dependency(file, number, _PACKAGE),))
        return
    elif not _has_ours(hook):
        yield Check(AREA, hook.id, Verdict.OK, f"{name} is without ce-lint, which has a hook of its own")
        return
    else:
        yield Check(AREA, hook.id, Verdict.OK, f"{name} runs flake8 with ce-lint")
    yield from _arguments(file, number, surroundings)


def _arguments(file: HookFile, number: int, surroundings: Surroundings) -> Iterator[Check]:
    hook = file.hooks[number]
    try:
        judged = judge(hook.arguments, surroundings)
    except NotAskedError as error:
        yield Check(AREA, "arguments", Verdict.WARNING, f"the `args` of {hook.id} could not be tried: {error}")
        return
    if not judged.missing:
        return
    if judged.better:
        remedy = set_arguments(file, number, judged.better)
    else:
        remedy = Remedy(Act.SEE, f"take out of the `args` of {hook.id} what ignores CEL", file.path)
    what = f"the `args` of {hook.id} keep back {', '.join(judged.missing)}"
    yield Check(AREA, "arguments", Verdict.PROBLEM, what, (remedy,))


def _revisions(file: HookFile, numbers: list[int]) -> Iterator[Check]:
    seen = set()
    for number in numbers:
        hook = file.hooks[number]
        if hook.repository in {"local", "meta"} or hook.repository in seen or not _is_mutable(hook.revision):
            continue
        seen.add(hook.repository)
        what = f"rev {hook.revision or 'is missing'} moves: pre-commit installs it once, and never again"
        yield Check(AREA, "rev", Verdict.WARNING, what, (set_revision(file, number, f"v{__version__}"),))


def _is_mutable(revision: str) -> bool:
    """Whether pre-commit takes a revision for the name of a branch: no full version, and no commit."""
    return "." not in revision and re.fullmatch(r"[a-fA-F0-9]+", revision) is None
