"""Programs that are right, and look wrong to whoever loses track of a value: no finding may come of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.findings import Report

Check = Callable[..., Report]

RIGHT = {
    "a loop in one line": "z = F.softmax(x, dim=1)\nfor i in s: z = nn.Linear(2, 3)(z)\nloss = F.cross_entropy(z, y)\n",
    "a branch in one line inside a loop": (
        "z = F.softmax(x, dim=1)\nfor i in s:\n    if i: z = nn.Linear(2, 3)(z)\n    else: z = nn.Linear(2, 3)(x)\n"
        "loss = F.cross_entropy(z, y)\n"
    ),
    "an item of an unknown number": (
        "outs = [F.softmax(x, dim=1)]\nouts[n] = nn.Linear(2, 3)(x)\nloss = F.cross_entropy(outs[0], y)\n"
    ),
    "an item under an unknown key": (
        "outs = {'a': F.softmax(x, dim=1)}\nfor k in s:\n    outs[k] = nn.Linear(2, 3)(x)\n"
        "loss = F.cross_entropy(outs['a'], y)\n"
    ),
    "a list that loses its last item": (
        "layers = [nn.Linear(2, 3), nn.Softmax(dim=1)]\nlayers.pop()\n"
        "loss = F.cross_entropy(nn.Sequential(*layers)(x), y)\n"
    ),
    "a list whose last item is deleted": (
        "layers = [nn.Linear(2, 3), nn.Softmax(dim=1)]\ndel layers[-1]\n"
        "loss = F.cross_entropy(nn.Sequential(*layers)(x), y)\n"
    ),
    "a list that is turned round": (
        "outs = [F.softmax(x, dim=1), nn.Linear(2, 3)(x)]\nouts.reverse()\nloss = F.cross_entropy(outs[0], y)\n"
    ),
    "a list that is emptied": (
        "outs = [F.softmax(x, dim=1)]\nouts.clear()\nouts.append(nn.Linear(2, 3)(x))\nloss = F.cross_entropy(outs[0], y)\n"  # noqa: E501
    ),
    "a Sequential whose last layer is deleted": (
        "net = nn.Sequential(nn.Linear(2, 3), nn.Softmax(dim=1))\ndel net[-1]\nloss = F.cross_entropy(net(x), y)\n"
    ),
    "a Sequential whose last layer is replaced": (
        "net = nn.Sequential(nn.Linear(2, 3), nn.Softmax(dim=1))\nnet[-1] = nn.Identity()\n"
        "loss = F.cross_entropy(net(x), y)\n"
    ),
    "an entry that a later ** may replace": (
        "cfg = {'act': True, **get()}\nz = nn.Linear(2, 3)(x)\nif cfg['act']: z = F.softmax(z, dim=1)\n"
        "loss = F.cross_entropy(z, y)\n"
    ),
    "a number that a loop counts": (
        "n = 0\nfor i in s:\n    n = n + 1\nz = nn.Linear(2, 3)(x)\nif n < 3:\n    z = F.softmax(z, dim=1)\n"
        "loss = F.cross_entropy(z, y)\n"
    ),
    "a tuple that is no list": (
        "out = (nn.Linear(2, 3)(x), 1)\nz = F.softmax(x, dim=1) if isinstance(out, list) else out[0]\n"
        "loss = F.cross_entropy(z, y)\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_gives_no_finding(check: Check, name: str) -> None:
    assert check(a=RIGHT[name]).findings == ()


WRONG = {
    "a branch in one line inside a loop": (
        "z = nn.Linear(2, 3)(x)\nfor i in s:\n    if i: z = F.softmax(x, dim=1)\n    else: z = F.softmax(x, dim=1)\n"
        "    loss = F.cross_entropy(z, y)\n"
    ),
    "a loss appended to a list": "losses = []\nlosses.append(nn.CrossEntropyLoss())\nloss = losses[0](F.softmax(x, 1), y)\n",  # noqa: E501
    "a loss out of a lambda": "make = lambda: nn.CrossEntropyLoss()\ncriterion = make()\nloss = criterion(F.softmax(x, 1), y)\n",  # noqa: E501
    "a starred comprehension's loss": "loss = [F.cross_entropy(F.softmax(a, 1), y) for a in s]\n",
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_program_is_found(check: Check, name: str) -> None:
    assert {one.code for one in check(a=WRONG[name]).findings} == {"CEL001"}
