"""On every fixture: after the edits a finding is gone, no other is new, and the text is Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ce_lint.fixes.criterion import change_criterion
from ce_lint.fixes.existing import pass_existing
from ce_lint.fixes.removal import removal
from ce_lint.fixes.rename import take_log
from ce_lint.fixes.syntax import ProjectSyntax
from ce_lint.fixes.text import RangeEdit
from ce_lint.interpreter.flow import Flow

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "fixtures"
PROGRAMS = sorted(
    path
    for part in ("single", "programs", "notebooks")
    for path in (FIXTURES / part).iterdir()
    if not path.name.startswith("clean_") and not path.name.endswith("_clean") and path.name[0] not in "._"
)
WANT_LOGITS = frozenset(["CEL001", "CEL002", "CEL003", "CEL004", "CEL201", "CEL202"])
NOT_REMOVED = {
    "activation_by_name": "an activation picked by a name that other layers give too",
    "exp_of_log_softmax": "the exponential has to go with it",
    "encoder_decoder": "softmax or log-softmax, by a flag",
}


def removed(project: ProjectSyntax, flow: Flow) -> Sequence[RangeEdit] | None:
    found = removal(project, flow)
    return None if found is None else found.edits


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
@pytest.mark.parametrize(
    ("part", "codes"),
    [
        (removed, WANT_LOGITS),
        (pass_existing, WANT_LOGITS),
        (change_criterion, frozenset(["CEL001"])),
        (take_log, frozenset(["CEL101"])),
    ],
    ids=["removal", "existing", "criterion", "rename"],
)
def test_a_finding_is_gone_and_none_is_new(
    path: Path, part: Callable[..., object], codes: frozenset[str], attempts: Callable[..., list]
) -> None:
    for attempt in attempts(path, part, codes):
        if attempt.after is None:
            assert part is not removed or path.stem in NOT_REMOVED, attempt.source
            continue
        assert attempt.before - attempt.after, f"{attempt.source} still reaches {attempt.sink}"
        new = {code for code, _ in attempt.after - attempt.before}
        # The logarithm of what reaches a cross-entropy as well is redundant there, and not wrong any more.
        assert new <= ({"CEL002"} if part is take_log else set()), f"new after {attempt.source}"
