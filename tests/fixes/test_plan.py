"""What is offered for a finding, and what it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Fix
from ce_lint.fixes.plan import Planner
from tests.fixes.conftest import HEAD

ALL = Settings(select=("CEL",), ignore=("CEL9",))

NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        h = self.fc(x)
        {}

net, x, y = Net(), torch.randn(2, 8), torch.tensor([0, 1])
{}
"""


def offered(folder: Path, text: str) -> list[Fix]:
    (folder / "net.py").write_text(text)
    session, planner = Session(), Planner()
    fixes: dict[Fix, None] = {}
    for finding in session.check([folder], ALL).findings:
        evidence = session.evidence(finding)
        assert evidence is not None
        fixes |= dict.fromkeys(planner.plan(finding, evidence))
    return list(fixes)


@pytest.mark.parametrize(
    ("returned", "caller", "expected"),
    [
        ("return F.softmax(h, dim=1)", "F.cross_entropy(net(x), y)", ["safe: Return logits from Net"]),
        (
            "return F.softmax(h + 1, dim=1), h",
            "F.cross_entropy(net(x)[0], y)",
            ["safe: Drop the softmax in Net.forward"],
        ),
        (
            "p = F.softmax(h, dim=1)\n        h += 1\n        return p",
            "F.cross_entropy(net(x), y)",
            [
                "unsafe: Return logits from Net (h is changed in place)",
                "unsafe: Keep the probabilities: NLLLoss over their logarithm",
            ],
        ),
        # Around the activation itself it would be put back in the place that it left.
        (
            "return F.softmax(h, dim=1) + 1e-8",
            "F.cross_entropy(net(x), y)",
            ["unsafe: Keep the probabilities: NLLLoss over their logarithm"],
        ),
    ],
)
def test_what_is_offered(returned: str, caller: str, expected: list[str], tmp_path: Path) -> None:
    fixes = offered(tmp_path, HEAD + NET.format(returned, caller))
    assert [f"{one.applicability.value}: {one.title}" for one in fixes] == expected


def test_a_file_that_cannot_be_edited_may_hold_another_use(tmp_path: Path) -> None:
    text = HEAD + NET.format("return F.softmax(h, dim=1)", "F.cross_entropy(net(x), y)")
    user = "from net import Net, x\n\nscores = Net()(x)\nprint(scores.sum())\n"
    (tmp_path / "user.py").write_text(user)
    assert [one.name for one in offered(tmp_path, text)] == ["return-logits", "change-criterion"]
    # Python reads this; libcst does not, so that nobody sees what is printed.
    (tmp_path / "user.py").write_text("(scores): object = 1\n" + user)
    assert [one.name for one in offered(tmp_path, text)] == ["change-criterion"]
