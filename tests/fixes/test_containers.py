"""A layer out of its container: never so that another one gets its key."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ce_lint.fixes.removal import removal
from ce_lint.fixes.syntax import ProjectSyntax
from ce_lint.fixes.text import RangeEdit
from ce_lint.interpreter.flow import Flow

Fixed = Callable[..., "str | None"]

LOSS = "nn.CrossEntropyLoss()(net(torch.randn(2, 8)), torch.tensor([0, 1]))\n"


def removed(project: ProjectSyntax, flow: Flow) -> Sequence[RangeEdit] | None:
    found = removal(project, flow)
    return None if found is None else found.edits


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("net = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1))\n", "net = nn.Sequential(nn.Linear(8, 3))\n"),
        (
            "net = nn.Sequential(\n    nn.Linear(8, 3),  # head\n    nn.Softmax(dim=1),  # probabilities\n)\n",
            "net = nn.Sequential(\n    nn.Linear(8, 3),  # head\n)\n",
        ),
        (
            "net = nn.Sequential(\n    nn.Linear(8, 3),  # head\n    nn.Softmax(dim=1)\n)\n",
            "net = nn.Sequential(\n    nn.Linear(8, 3)  # head\n)\n",
        ),
        (
            "net = nn.Sequential(nn.Linear(8, 3),\n                    nn.Softmax(dim=1))\n",
            "net = nn.Sequential(nn.Linear(8, 3))\n",
        ),
        (
            "net = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1), nn.Dropout())\n",
            "net = nn.Sequential(nn.Linear(8, 3), nn.Identity(), nn.Dropout())\n",
        ),
        ("net = nn.Sequential(nn.Softmax(dim=1))\n", "net = nn.Sequential(nn.Identity())\n"),
        (
            "net = nn.Sequential(*[nn.Linear(8, 3), nn.Softmax(dim=1)])\n",
            "net = nn.Sequential(*[nn.Linear(8, 3)])\n",
        ),
        (
            "net = nn.Sequential(nn.Linear(8, 8), nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1)))\n",
            "net = nn.Sequential(nn.Linear(8, 8), nn.Sequential(nn.Linear(8, 3)))\n",
        ),
        (
            "import collections as c\nnet = nn.Sequential(c.OrderedDict([('a', nn.ReLU()), ('p', nn.Softmax(1))]))\n",
            "import collections as c\nnet = nn.Sequential(c.OrderedDict([('a', nn.ReLU())]))\n",
        ),
        (
            "net = nn.Sequential()\nnet.add_module('fc', nn.Linear(8, 3))\nnet.add_module('p', nn.Softmax(1))\n",
            "net = nn.Sequential()\nnet.add_module('fc', nn.Linear(8, 3))\n",
        ),
        (
            "net = nn.Sequential()\nnet.add_module('0', nn.Linear(8, 3))\nnet.add_module('1', nn.Softmax(1))\n",
            "net = nn.Sequential()\nnet.add_module('0', nn.Linear(8, 3))\nnet.add_module('1', nn.Identity())\n",
        ),
        (
            "layers = [nn.Linear(8, 3)]\nlayers.append(nn.Softmax(dim=1))\nnet = nn.Sequential(*layers)\n",
            "layers = [nn.Linear(8, 3)]\nnet = nn.Sequential(*layers)\n",
        ),
        (
            "parts = [nn.Linear(8, 3), nn.Softmax(dim=1)]\nparts.append(nn.Dropout())\nnet = nn.Sequential(*parts)\n",
            "parts = [nn.Linear(8, 3), nn.Identity()]\nparts.append(nn.Dropout())\nnet = nn.Sequential(*parts)\n",
        ),
        (
            "layers = [nn.Linear(8, 3)]\nlayers += [nn.Softmax(dim=1)]\nnet = nn.Sequential(*layers)\n",
            "layers = [nn.Linear(8, 3)]\nnet = nn.Sequential(*layers)\n",
        ),
        (
            "layers = []\nlayers += [nn.Linear(8, 3), nn.Softmax(dim=1)]\nnet = nn.Sequential(*layers)\n",
            "layers = []\nlayers += [nn.Linear(8, 3)]\nnet = nn.Sequential(*layers)\n",
        ),
        (
            "parts = [nn.Linear(8, 3)]\nparts.append(nn.Softmax(1))\nprint(parts)\nnet = nn.Sequential(*parts)\n",
            "parts = [nn.Linear(8, 3)]\nparts.append(nn.Identity())\nprint(parts)\nnet = nn.Sequential(*parts)\n",
        ),
        (
            "net = torch.nn.Sequential(nn.Linear(8, 3), torch.nn.Softmax(1), nn.Dropout())\n",
            "net = torch.nn.Sequential(nn.Linear(8, 3), torch.nn.Identity(), nn.Dropout())\n",
        ),
        (
            "from torch.nn import Softmax\nnet = nn.Sequential(nn.Linear(8, 3), Softmax(1), nn.Dropout())\n",
            "from torch.nn import Softmax\nnet = nn.Sequential(nn.Linear(8, 3), nn.Identity(), nn.Dropout())\n",
        ),
        (
            "class H(nn.Sequential):\n  def __init__(s):\n    super().__init__(nn.ReLU(), nn.Softmax(1))\nnet = H()\n",
            "class H(nn.Sequential):\n  def __init__(s):\n    super().__init__(nn.ReLU(), nn.Identity())\nnet = H()\n",
        ),
    ],
)  # fmt: skip
def test_a_layer_goes_or_makes_room(before: str, after: str, fixed: Fixed) -> None:
    assert fixed(removed, before + LOSS) == after + LOSS


@pytest.mark.parametrize(
    "use",
    [
        "print(net[-1])\n",
        "print(net[0].weight)\n",
        "head = net[:-1]\n",
        "print(len(net))\n",
        "net.append(nn.Dropout())\n",
        "for i, layer in enumerate(net):\n    print(i)\n",
        "body = nn.Sequential(*net)\n",
        "body = list(net.children())[:-1]\n",
        "def last(model):\n    return model[-1]\nlast(net)\n",
        "class Wrapped(nn.Module):\n    def __init__(self, body):\n        super().__init__()\n"
        "        self.body = body\n"
        "    def forward(self, x):\n        return self.body[0](x)\nWrapped(net)\n",
    ],
)
def test_an_identity_where_layers_are_known_by_their_position(use: str, fixed: Fixed) -> None:
    built = "net = nn.Sequential(nn.Linear(8, 3), {})\n"
    before = built.format("nn.Softmax(dim=1)") + LOSS + use
    assert fixed(removed, before) == built.format("nn.Identity()") + LOSS + use


@pytest.mark.parametrize(
    "use",
    [
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n",
        "net.train()\nprint(net(torch.randn(2, 8))[0])\n",
        "def run(model, x):\n    return model(x)[:, 0]\nrun(net, torch.randn(2, 8))\n",
        "torch.save(net.state_dict(), 'net.pt')\nprint([1, 2][0])\n",
        "for layer in net:\n    print(layer)\n",
    ],
)
def test_other_uses_of_a_container_do_not_matter(use: str, fixed: Fixed) -> None:
    before = "net = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1))\n" + LOSS + use
    assert fixed(removed, before) == "net = nn.Sequential(nn.Linear(8, 3))\n" + LOSS + use


@pytest.mark.parametrize(
    "text",
    [
        "act = nn.Softmax(dim=1)\nnet = nn.Sequential(nn.Linear(8, 3), act)\n",
        "acts = {'p': nn.Softmax(dim=1)}\nnet = nn.Sequential(nn.Linear(8, 3), acts['p'])\n",
        "def act(a=nn.Softmax(dim=1)):\n    return a\nnet = nn.Sequential(nn.Linear(8, 3), act())\n",
    ],
)
def test_what_others_may_want_stays(text: str, fixed: Fixed) -> None:
    assert fixed(removed, text + LOSS) is None


def test_no_identity_without_a_name_for_it(fixed: Fixed) -> None:
    head = (
        "from torch import randn, tensor\nfrom torch.nn import CrossEntropyLoss, Dropout, Linear, Sequential, Softmax\n"
    )
    text = "net = Sequential(Linear(8, 3), Softmax(dim=1), Dropout())\n"
    text += "CrossEntropyLoss()(net(randn(2, 8)), tensor([0, 1]))\n"
    assert fixed(removed, text, head=head) is None
