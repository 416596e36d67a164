"""The loss is given what is there already: only where it is certain to be the same value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.fixes.existing import pass_existing

Fixed = Callable[..., "str | None"]

STEP = "def step(x, y, net=nn.Linear(8, 3)):\n    out = net(x)\n{}    return F.cross_entropy({}, y)\n"


@pytest.mark.parametrize(
    ("between", "given", "expected"),
    [
        ("    probs = F.softmax(out, dim=1)\n", "probs", "out"),
        ("    probs = F.softmax(out, dim=1)\n    print(probs)\n", "probs.view(-1, 3)", "out.view(-1, 3)"),
        ("    probs = out.softmax(1)\n", "probs.view(-1, 3)[:2].float()", "out.view(-1, 3)[:2].float()"),
        ("    probs = F.softmax(out, dim=1)\n", "input=probs, target", "input=out, target"),
        ("    probs = F.softmax(x, dim=1)\n", "probs", "x"),
        ("", "F.softmax(out, 1)", "out"),
        ("", "F.softmax(out + 1, 1).view(-1, 3)", "(out + 1).view(-1, 3)"),
        ("    logits = out\n    out = F.softmax(out, 1)\n", "out", "logits"),
        ("    d = {'s': out}\n    p = F.softmax(d['s'], 1)\n", "p", "out"),
        ("    probs = F.softmax(out, 1)\n    if y is None:\n        out = x\n        return out\n", "probs", "out"),
    ],
)
def test_a_variable_that_holds_it(between: str, given: str, expected: str, fixed: Fixed) -> None:
    target = "=y)\n" if given.startswith("input") else ", y)\n"
    text = STEP.replace(", y)\n", target).format(between, given)
    assert fixed(pass_existing, text) == STEP.replace(", y)\n", target).format(between, expected)


@pytest.mark.parametrize(
    ("between", "given"),
    [
        ("    out = F.softmax(out, dim=1)\n", "out"),
        ("    probs = F.softmax(out, dim=1)\n    out = out + 1\n", "probs"),
        ("    probs = F.softmax(out, dim=1)\n    if y is None:\n        out = x\n", "probs"),
        ("    probs = F.softmax(out, dim=1)\n    out.clamp_(0)\n", "probs"),
        ("    probs = F.softmax(out, dim=1)\n    for _ in range(2):\n        out = out + 1\n", "probs"),
        ("    probs = F.softmax(out * 2, dim=1)\n", "probs"),
        ("    probs = F.softmax(out, dim=1).view(-1, 3)\n", "probs"),
        ("    probs = F.softmax(out, dim=1)\n", "probs.clamp(1e-7, 1)"),
        ("    p = []\n    for out in x:\n        p.append(F.softmax(out, dim=1))\n", "p[0]"),
    ],
)
def test_a_variable_that_may_hold_something_else(between: str, given: str, fixed: Fixed) -> None:
    assert fixed(pass_existing, STEP.format(between, given)) is None


NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        scores = self.fc(x)
        probs = F.softmax(scores, dim=1)
        return {}


net, x, y = Net(), torch.randn(2, 8), torch.tensor([0, 1])
"""


@pytest.mark.parametrize(
    ("returned", "before", "after"),
    [
        ("scores, probs", "s, p = net(x)\nF.cross_entropy(p, y)\n", "s, p = net(x)\nF.cross_entropy(s, y)\n"),
        ("probs, scores", "p, s = net(x)\nF.cross_entropy(p, y)\n", "p, s = net(x)\nF.cross_entropy(s, y)\n"),
        ("scores, probs", "out = net(x)\nF.cross_entropy(out[1], y)\n", "out = net(x)\nF.cross_entropy(out[0], y)\n"),
        ("scores, probs", "out = net(x)\n_, p = out\nF.cross_entropy(p, y)\n",
         "out = net(x)\n_, p = out\nF.cross_entropy(out[0], y)\n"),
        ("scores, probs", "F.cross_entropy(net(x)[-1], y)\n", "F.cross_entropy(net(x)[0], y)\n"),
        ("scores, probs", "_, p = net(x)\nF.cross_entropy(p, y)\n", "logits, p = net(x)\nF.cross_entropy(logits, y)\n"),
        ("{'s': scores, 'p': probs}", "out = net(x)\nF.cross_entropy(out['p'].view(-1, 3), y)\n",
         "out = net(x)\nF.cross_entropy(out['s'].view(-1, 3), y)\n"),
        ("{'s': scores, 'p': probs}", "out = net(x)\np = out['p']\nF.cross_entropy(p, y)\n",
         "out = net(x)\np = out['p']\nF.cross_entropy(out[\"s\"], y)\n"),
        ("[scores, probs]", "def loss_of(m):\n    s, p = m(x)\n    return F.cross_entropy(p, y)\nloss_of(net)\n",
         "def loss_of(m):\n    s, p = m(x)\n    return F.cross_entropy(s, y)\nloss_of(net)\n"),
        ("scores, probs",
         "def loss_of(m):\n    s, p = m(x)\n    return F.cross_entropy(p, y)\ndef main():\n    loss_of(Net())\n",
         "def loss_of(m):\n    s, p = m(x)\n    return F.cross_entropy(s, y)\ndef main():\n    loss_of(Net())\n"),
    ],
)  # fmt: skip
def test_what_a_model_returns_beside_it(returned: str, before: str, after: str, fixed: Fixed) -> None:
    net = NET.replace("{}", returned)
    assert fixed(pass_existing, net + before) == net + after


@pytest.mark.parametrize(
    ("returned", "caller"),
    [
        ("self.fc(x), probs", "s, p = net(x)\nF.cross_entropy(p, y)\n"),
        ("scores.view(-1), probs", "s, p = net(x)\nF.cross_entropy(p, y)\n"),
        ("(scores, probs) if y is None else (probs, probs)", "s, p = net(x)\nF.cross_entropy(p, y)\n"),
        ("scores, probs", "s, p = net(x)\ns = s + 1\nF.cross_entropy(p, y)\n"),
    ],
)
def test_something_else_beside_it(returned: str, caller: str, fixed: Fixed) -> None:
    assert fixed(pass_existing, NET.replace("{}", returned) + caller) is None


def test_two_models_that_return_it_in_different_places(fixed: Fixed) -> None:
    other = NET[: NET.index("\n\nnet")].replace("class Net", "class Other").replace("{}", "probs, probs")
    text = other + "\n\n" + NET.replace("{}", "scores, probs")
    text += (
        "def loss_of(model):\n    s, p = model(x)\n    return F.cross_entropy(p, y)\nloss_of(net)\nloss_of(Other())\n"
    )
    assert fixed(pass_existing, text) is None


def test_a_loss_that_wants_no_logits(fixed: Fixed) -> None:
    assert fixed(pass_existing, "def f(out, y):\n    p = out.softmax(1)\n    return F.nll_loss(p, y)\n") is None
