"""Log-softmax where softmax stands, by every spelling."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.fixes.rename import take_log

Fixed = Callable[..., "str | None"]

LOSS = "nn.NLLLoss()(net(torch.randn(2, 8)), torch.tensor([0, 1]))\n"
CALL = "def step(out, y):\n    return F.nll_loss({}, y)\n"
NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.{0} = nn.{1}(dim=1)

    def forward(self, x):
        return self.{0}(x)


net = Net()
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("F.softmax(out, dim=1)", "F.log_softmax(out, dim=1)"),
        ("F.softmax(out)", "F.log_softmax(out)"),
        ("torch.softmax(out, 1)", "torch.log_softmax(out, 1)"),
        ("torch.special.softmax(out, 1)", "torch.special.log_softmax(out, 1)"),
        ("torch.nn.functional.softmax(out, 1)", "torch.nn.functional.log_softmax(out, 1)"),
        ("out.softmax(-1)", "out.log_softmax(-1)"),
        ("nn.Softmax(dim=1)(out)", "nn.LogSoftmax(dim=1)(out)"),
    ],
)
def test_a_call(before: str, after: str, fixed: Fixed) -> None:
    assert fixed(take_log, CALL.format(before)) == CALL.format(after)


@pytest.mark.parametrize(
    ("head", "before", "after"),
    [
        ("from torch.nn.functional import nll_loss, softmax\n", "softmax(out, dim=1)", "out.log_softmax(dim=1)"),
        ("from torch.nn.functional import nll_loss, softmax\n", "softmax(-out, dim=1)", "(-out).log_softmax(dim=1)"),
        ("from torch.nn.functional import nll_loss, softmax\n", "softmax(out)", "out.log_softmax(dim=1)"),
        ("import torch\nfrom torch.nn.functional import nll_loss, softmax\n", "softmax(out)",
         "torch.nn.functional.log_softmax(out)"),
        ("from torch.nn.functional import *\n", "softmax(out)", "log_softmax(out)"),
    ],
)  # fmt: skip
def test_a_name_that_was_imported(head: str, before: str, after: str | None, fixed: Fixed) -> None:
    call = "def step(out, y):\n    return nll_loss({}, y)\n"
    assert fixed(take_log, call.format(before), head=head) == (None if after is None else call.format(after))


def test_the_construction_of_an_attribute(fixed: Fixed) -> None:
    assert fixed(take_log, NET.format("act", "Softmax") + LOSS) == NET.format("act", "LogSoftmax") + LOSS


def test_an_attribute_that_others_read_stays(fixed: Fixed) -> None:
    assert fixed(take_log, NET.format("act", "Softmax") + LOSS + "print(net.act)\n") is None


def test_a_layer_in_a_container(fixed: Fixed) -> None:
    built = "net = nn.Sequential(nn.Linear(8, 3), nn.{}(dim=1))\n"
    assert fixed(take_log, built.format("Softmax") + LOSS) == built.format("LogSoftmax") + LOSS


@pytest.mark.parametrize("given", ["F.softmin(out, 1)", "F.softmax(out, 1).clamp(1e-7)", "nn.Softmax2d()(out)"])
def test_what_has_no_logarithm_of_its_own(given: str, fixed: Fixed) -> None:
    assert fixed(take_log, CALL.format(given)) is None
