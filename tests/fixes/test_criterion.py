"""The criterion is changed together with every call that it serves, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.fixes.criterion import change_criterion

Fixed = Callable[..., "str | None"]

NET = "net = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1))\nx, y = torch.randn(2, 8), torch.tensor([0, 1])\n"
LOG = ".clamp_min(1e-12).log()"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("F.cross_entropy(net(x), y)\n", f"F.nll_loss(net(x){LOG}, y)\n"),
        ("F.cross_entropy(target=y, input=net(x))\n", f"F.nll_loss(target=y, input=net(x){LOG})\n"),
        ("F.cross_entropy(net(x) if x is y else net(x), y)\n", f"F.nll_loss((net(x) if x is y else net(x)){LOG}, y)\n"),
        ("F.cross_entropy(net(x), y, ignore_index=-1)\n", f"F.nll_loss(net(x){LOG}, y, ignore_index=-1)\n"),
        ("c = nn.CrossEntropyLoss()\nc(net(x), y)\n", f"c = nn.NLLLoss()\nc(net(x){LOG}, y)\n"),
        ("c = nn.CrossEntropyLoss(reduction='sum')\nc(net(x), y)\nc(net(x), y)\n",
         f"c = nn.NLLLoss(reduction='sum')\nc(net(x){LOG}, y)\nc(net(x){LOG}, y)\n"),
        ("def f(c):\n    return c(net(x), y)\nf(nn.CrossEntropyLoss())\n",
         f"def f(c):\n    return c(net(x){LOG}, y)\nf(nn.NLLLoss())\n"),
        ("from torch.nn import CrossEntropyLoss\nCrossEntropyLoss()(net(x), y)\n",
         f"from torch.nn import CrossEntropyLoss\nnn.NLLLoss()(net(x){LOG}, y)\n"),
    ],
)  # fmt: skip
def test_loss_and_input_change_together(before: str, after: str, fixed: Fixed) -> None:
    assert fixed(change_criterion, NET + before) == NET + after


@pytest.mark.parametrize(
    "text",
    [
        "F.cross_entropy(net(x), y, label_smoothing=0.1)\n",
        "F.cross_entropy(net(x), F.one_hot(y, 3).float())\n",
        "F.cross_entropy(net(x), torch.randn(2, 3).softmax(1))\n",
        "c = nn.CrossEntropyLoss(label_smoothing=0.1)\nc(net(x), y)\n",
        "c = nn.CrossEntropyLoss()\nc(net(x), y)\nc(net[0](x), y)\n",
        "c = nn.CrossEntropyLoss()\nc(net(x), y)\nc(x, y)\n",
        "from lib import Trainer\nc = nn.CrossEntropyLoss()\nc(net(x), y)\nTrainer(net, c)\n",
        "F.cross_entropy(torch.sigmoid(x), y)\n",
        "F.cross_entropy(torch.log_softmax(x, 1), y)\n",
    ],
)
def test_what_serves_others_stays(text: str, fixed: Fixed) -> None:
    assert fixed(change_criterion, NET + text) is None
