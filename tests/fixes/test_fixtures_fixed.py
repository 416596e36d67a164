"""Every fixture with all its fixes: the text is what it was said to be, nothing is left, and torch agrees.

`pytest tests/fixes/test_fixtures_fixed.py --update-golden` writes `golden/fixtures.patch` anew: read it.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.fixes.patch import patch
from ce_lint.fixes.plan import plan
from ce_lint.fixes.rounds import Change, Rounds
from ce_lint.fixes.writing import write

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "fixtures"
GOLDEN = Path(__file__).parent / "golden" / "fixtures.patch"
ALL = Settings(select=("CEL",), ignore=("CEL9",))

LEFT = {
    "CEL004": "training is right, and what evaluation returns is wanted",
    "CEL301": "which divergence is meant cannot be told",
}
"""Rules for which there is no fix."""

WITHOUT_FIX = {
    "programs/encoder_decoder": "one line makes a softmax or a log-softmax, as its caller says",
    "single/in_place.py": "the scores are clamped in place, as only probabilities can be",
}
"""Fixtures with a finding that is not fixed, and why."""

NOT_RUN = {
    "single/distributed.py",
    "programs/factory",
    "programs/lightning_system",
    "programs/namespace_package",
    "programs/relative_import",
}
"""Programs that do not run as they are: tests/runtime/test_fixtures_watched.py says why."""

RUN = """
import json, os, runpy, sys, warnings
import torch
from ce_lint.runtime import watch

warnings.simplefilter("ignore")
found = []
for name, folder, files in json.loads(sys.argv[1]):
    for file in files:
        sys.argv = [file]
        sys.path.insert(0, folder)
        modules = set(sys.modules)
        torch.manual_seed(0)
        with watch(looks=None, warn=False) as seen:
            try:
                runpy.run_path(file, run_name="__main__")
            except (Exception, SystemExit):
                pass
        sys.path.remove(folder)
        for module in set(sys.modules) - modules:
            if str(getattr(sys.modules[module], "__file__", "")).startswith(folder):
                del sys.modules[module]
        for site in seen.sites:
            one = site.diagnosis
            if one is not None and site.site.path.startswith(folder):
                found.append((name, one.code, one.loss, one.loss_on_logits))
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Fixed:
    """A fixture before and after, in folders of their own."""

    name: str
    before: Path
    after: Path
    changes: tuple[Change, ...]
    left: tuple[str, ...]
    """`CODE file:line` of what there is no fix for."""
    again: int
    """How many changes a second run makes."""


def programs() -> Iterator[str]:
    for path in sorted([*FIXTURES.glob("single/*.py"), *FIXTURES.glob("programs/*/"), *FIXTURES.glob("notebooks/*")]):
        yield path.relative_to(FIXTURES).as_posix()


def copied(name: str, to: Path) -> Path:
    source = FIXTURES / name
    folder = to / name.replace("/", "-").removesuffix(source.suffix)
    if source.is_dir():
        shutil.copytree(source, folder)
    else:
        folder.mkdir(parents=True)
        shutil.copy(source, folder)
    (folder / "pyproject.toml").touch()
    return folder


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Fixed]:
    start = Path.cwd()
    before, after = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after")
    found = {}
    try:
        for name in programs():
            original, folder = copied(name, before), copied(name, after)
            os.chdir(folder)
            outcome = Rounds(Session(), ALL, plan, unsafe=True).converge([Path()])
            assert outcome.problems == ()
            for group in outcome.groups:
                write(group)
            changes = tuple(change for group in outcome.groups for change in group.changes)
            session = Session()
            left = tuple(f"{one.code} {one.argument.label()}" for one in session.check([Path()], ALL).findings)
            again = Rounds(session, ALL, plan, unsafe=True).converge([Path()])
            found[name] = Fixed(name, original, folder, changes, left, len(again.groups))
    finally:
        os.chdir(start)
    return found


def test_the_result_is_what_was_read(fixed: dict[str, Fixed], request: pytest.FixtureRequest) -> None:
    parts = []
    start = Path.cwd()
    for name, one in fixed.items():
        os.chdir(one.after)
        parts.append(f"# {name}\n".encode() + patch(one.changes) + "".join(f"# left: {f}\n" for f in one.left).encode())
    os.chdir(start)
    found = b"".join(part for part in parts if part.count(b"\n") > 1)
    if request.config.getoption("--update-golden"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_bytes(found)
    assert found.decode() == GOLDEN.read_text(encoding="utf-8")


def test_nothing_is_left_that_can_be_fixed(fixed: dict[str, Fixed]) -> None:
    left = {name: [finding for finding in one.left if finding.split()[0] not in LEFT] for name, one in fixed.items()}
    assert {name for name, findings in left.items() if findings} == set(WITHOUT_FIX)


def test_clean_programs_are_left_alone(fixed: dict[str, Fixed]) -> None:
    assert [name for name, one in fixed.items() if "clean" in name and one.changes] == []


def test_a_second_run_changes_nothing(fixed: dict[str, Fixed]) -> None:
    assert {name: one.again for name, one in fixed.items() if one.again} == {}


@pytest.mark.torch
def test_torch_agrees(fixed: dict[str, Fixed]) -> None:
    """No loss receives what it received before, and each is now what it was on the logits."""
    pytest.importorskip("torch")
    changed = [one for one in fixed.values() if one.changes and one.name not in NOT_RUN and "notebooks" not in one.name]
    before, after = (run([(one.name, folder(one)) for one in changed]) for folder in (_before, _after))
    differing = {}
    for one in changed:
        on_logits = [loss if code is None else right for code, loss, right in before[one.name]]
        losses = [loss for _, loss, _ in after[one.name]]
        codes = {code for code, _, _ in after[one.name]} - {None}
        # A softmax forgets what is added to all logits, and this loss does not.
        is_known = "CEL202" not in {code for code, _, _ in before[one.name]}
        if codes or (is_known and not agree(on_logits, losses)):
            differing[one.name] = (codes, on_logits, losses)
    assert differing == {}


def agree(expected: list[float | None], found: list[float | None]) -> bool:
    left, right = (sorted(math.nan if one is None else one for one in losses) for losses in (expected, found))
    return left == pytest.approx(right, abs=1e-4, nan_ok=True)


def _before(one: Fixed) -> Path:
    return one.before


def _after(one: Fixed) -> Path:
    return one.after


def run(programs: list[tuple[str, Path]]) -> dict[str, list[tuple[str | None, float | None, float | None]]]:
    """The code, the loss and the loss on the logits at each loss call of some programs."""
    asked = [(name, str(folder), sorted(map(str, folder.rglob("*.py")))) for name, folder in programs]
    answer = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(asked)], capture_output=True, text=True, check=True, cwd=programs[0][1]
    )
    found: dict[str, list[tuple[str | None, float | None, float | None]]] = {name: [] for name, _ in programs}
    for name, *rest in json.loads(answer.stdout.splitlines()[-1]):
        found[name].append(tuple(rest))
    return found
