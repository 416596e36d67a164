"""An activation is taken out, and everything else stays as it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ce_lint.fixes.removal import removal
from ce_lint.fixes.syntax import ProjectSyntax
from ce_lint.fixes.text import RangeEdit
from ce_lint.interpreter.flow import Flow

Fixed = Callable[..., "str | None"]

STEP = "def step(out, y, flag=True):\n{}    return F.cross_entropy({}, y)\n"
NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
{}
    def forward(self, x):
{}
nn.CrossEntropyLoss()(Net()(torch.randn(2, 8)), torch.tensor([0, 1]))
"""


def doubted(project: ProjectSyntax, flow: Flow) -> Sequence[RangeEdit] | None:
    """The edits of a removal that may make the result another one."""
    found = removal(project, flow)
    return found.edits if found is not None and found.doubts else None


def removed(project: ProjectSyntax, flow: Flow) -> Sequence[RangeEdit] | None:
    found = removal(project, flow)
    return None if found is None else found.edits


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("F.softmax(out, dim=1)", "out"),
        ("torch.softmax(out, -1)", "out"),
        ("F.softmax(input=out, dim=1)", "out"),
        ("F.softmax(dim=1, input=out)", "out"),
        ("F.softmax(out, dim=1, _stacklevel=3, dtype=None)", "out"),
        ("out.softmax(1)", "out"),
        ("(out.softmax(1))", "(out)"),
        ("nn.Softmax(dim=1)(out)", "out"),
        ("nn.Softmax(dim=1).forward(out)", "out"),
        ("F.softmax(out, dim=1).view(-1, 3)", "out.view(-1, 3)"),
        ("F.softmax(-out, dim=1)", "-out"),
        ("F.softmax(-out, dim=1).view(-1, 3)", "(-out).view(-1, 3)"),
        ("F.softmax((out), 1)", "(out)"),
        ("F.softmax(out + out, 1)[:2]", "(out + out)[:2]"),
        ("F.softmax(p := out + 1, 1)", "p := out + 1"),
        ("F.softmax(p := out + 1, 1)[:2]", "(p := out + 1)[:2]"),
        ("F.softmax(out if flag else -out, 1)", "out if flag else -out"),
        ("F.softmax(out, 1) if flag else out", "out"),
        ("out if not flag else out.softmax(1)", "out"),
        ("(out := F.softmax(out, 1))", "(out)"),
        ("F.softmax(\n        out,\n        dim=1,\n    )", "out"),
        ("F.softmax(\n        out  # scores\n        , dim=1)", "(\n        out  # scores\n        )"),
        (
            "F.softmax(  # why\n        out,  # scores\n        dim=1,  # classes\n    )",
            "(  # why\n        out  # scores  # classes\n    )",
        ),
        ("F.softmax(\n        out\n        + out,\n        dim=1,\n    )", "out\n        + out"),
        ("out\\\n        .softmax(1)", "out"),
    ],
)
def test_an_expression_stays_in_place_of_the_call(before: str, after: str, fixed: Fixed) -> None:
    assert fixed(removed, STEP.format("", before)) == STEP.format("", after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    out = F.softmax(out, dim=1)\n", ""),
        ("    # the classes\n    out = F.softmax(out, dim=1)  # probabilities\n\n", "    # the classes\n\n"),
        ("    out = out.softmax(dim=1); y = y + 0\n", "    y = y + 0\n"),
        ("    y = y + 0; out = out.softmax(dim=1)\n", "    y = y + 0\n"),
        ("    y = y + 0; out = out.softmax(dim=1);\n", "    y = y + 0;\n"),
        ("    out: torch.Tensor = F.softmax(out, dim=1)\n", ""),
        ("    kept = out = F.softmax(out, dim=1)\n", "    kept = out\n"),
        ("    out = kept = F.softmax(out, dim=1)\n", "    kept = out\n"),
        ("    out = F.softmax(out + out, dim=1)\n", "    out = out + out\n"),
        (
            "    out = F.softmax(\n        out\n        + out,\n        1)\n",
            "    out = (\n        out\n        + out)\n",
        ),
        (
            "    with torch.no_grad():\n        out = out.softmax(1)  # why\n",
            "    with torch.no_grad():\n        pass  # why\n",
        ),
        ("    with torch.no_grad(): out = out.softmax(1)\n", "    with torch.no_grad(): pass\n"),
        ("    out = F.softmax(out, 1) if flag else out\n", ""),
    ],
)
def test_a_statement_that_does_nothing_goes(before: str, after: str, fixed: Fixed) -> None:
    assert fixed(removed, STEP.format(before, "out")) == STEP.format(after, "out")


def test_the_last_line_of_a_file_without_a_line_end(fixed: Fixed) -> None:
    text = "class Net(nn.Module):\n    def forward(self, x):\n        return x.softmax(1)\n"
    text += "F.cross_entropy(Net()(torch.randn(2, 3)), torch.tensor([0, 1]))"
    assert fixed(removed, text) == text.replace(".softmax(1)", "")


def test_line_ends_of_another_system_stay(fixed: Fixed) -> None:
    text = STEP.format("    out = F.softmax(out, dim=1)\n", "out").replace("\n", "\r\n")
    assert fixed(removed, text) == STEP.format("", "out").replace("\n", "\r\n")


@pytest.mark.parametrize(
    "given",
    [
        "F.softmax(*[out])",
        "F.softmax(out, **{'dim': 1})",
        "F.softmax(out, dim=1, dtype=torch.float64)",
        "out.softmax(1, torch.float64)",
        "torch.exp(F.log_softmax(out, dim=1))",
        "F.softmax(out, 1).clamp(1e-7, 1)",
    ],
)
def test_what_is_not_certain_stays(given: str, fixed: Fixed) -> None:
    assert fixed(removed, STEP.format("", given)) is None


@pytest.mark.parametrize(
    ("built", "applied", "expected_built", "expected_applied"),
    [
        ("        self.act = nn.Softmax(dim=1)\n", "self.act(x)", "", "x"),
        ("        self.act = nn.Softmax(dim=1)  # over classes\n", "self.act.forward(x)", "", "x"),
        ("        self.fc, self.act = nn.Linear(8, 3), nn.Softmax(dim=1)\n", "self.act(self.fc(x))",
         "        self.fc, self.act = nn.Linear(8, 3), nn.Softmax(dim=1)\n", "self.fc(x)"),
        ("        self.act = nn.Softmax(dim=1)\n        self.other = self.act\n", "self.act(x)",
         "        self.act = nn.Softmax(dim=1)\n        self.other = self.act\n", "x"),
    ],
)  # fmt: skip
def test_an_assignment_that_only_the_call_read_goes(
    built: str, applied: str, expected_built: str, expected_applied: str, fixed: Fixed
) -> None:
    text = NET.format(built, f"        return {applied}\n")
    assert fixed(removed, text) == NET.format(expected_built, f"        return {expected_applied}\n")


@pytest.mark.parametrize(
    "reader",
    [
        "print(Net().act)\n",
        "getattr(Net(), 'act')\n",
        "nn.Sequential(*list(Net().children())[:-1])\n",
        "class Other(Net):\n    def forward(self, x):\n        return self.act(x)\n",
    ],
)
def test_an_assignment_that_anything_else_may_read_stays(reader: str, fixed: Fixed) -> None:
    text = NET.format("        self.act = nn.Softmax(dim=1)\n", "        return self.act(x)\n")
    assert fixed(removed, text + reader) == text.replace("return self.act(x)", "return x") + reader


def test_another_class_may_have_an_attribute_of_the_same_name(fixed: Fixed) -> None:
    other = "class Other(nn.Module):\n    def forward(self, x):\n        return self.act(x)\n"
    text = NET.format("        self.act = nn.Softmax(dim=1)\n", "        return self.act(x)\n")
    assert fixed(removed, other + text) == other + NET.format("", "        return x\n")


def test_methods_of_tensors_are_no_readers(fixed: Fixed) -> None:
    text = NET.format("        self.softmax = nn.Softmax(dim=1)\n", "        return self.softmax(x)\n")
    readers = "print(torch.ones(2).softmax(-1), F.softmax(torch.ones(2), dim=0))\n"
    assert fixed(removed, text + readers) == NET.format("", "        return x\n") + readers


def test_a_layer_of_a_base_class_in_another_file(fixed: Fixed) -> None:
    base = "class Base(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    base += "        self.act = nn.Softmax(dim=1)\n"
    net = "from base import Base\nclass Net(Base):\n    def forward(self, x):\n        return {}\n"
    loss = "F.cross_entropy(Net()(torch.randn(2, 3)), torch.tensor([0, 1]))\n"
    expected = net.format("x") + loss + base.replace("        self.act = nn.Softmax(dim=1)\n", "")
    assert fixed(removed, net.format("self.act(x)") + loss, base=base) == expected


@pytest.mark.parametrize(
    "others",
    [
        "def other(nets):\n    nets[0].act = nn.ReLU()\n",
        "class Other(Net):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.Tanh()\n",
    ],
)
def test_a_call_that_may_call_anything_else_stays(others: str, fixed: Fixed) -> None:
    text = NET.format("        self.act = nn.Softmax(dim=1)\n", "        return self.act(x)\n")
    assert fixed(removed, text + others) is None


@pytest.mark.parametrize(
    ("built", "is_doubted"),
    [
        ("        self.act.register_forward_hook(keep)\n", True),
        ("        watch(self.act)\n", True),
        ("        print(self.act(torch.ones(1, 3)))\n", False),
        ("", False),
    ],
)
def test_a_layer_that_somebody_watches(built: str, is_doubted: bool, fixed: Fixed) -> None:
    text = NET.format("        self.act = nn.Softmax(dim=1)\n" + built, "        return self.act(x)\n")
    assert (fixed(doubted, text) is not None) is is_doubted


@pytest.mark.parametrize(
    ("body", "is_doubted"),
    [
        ("p = F.softmax(x, dim=1)\n        x += 1\n        return p", True),
        ("p = F.softmax(x, dim=1)\n        x[0] = 0\n        return p", True),
        ("p = F.softmax(x, dim=1)\n        x.data.zero_()\n        return p", True),
        ("p = F.softmax(x, dim=1)\n        F.relu(x, inplace=True)\n        return p", True),
        ("p = F.softmax(x, dim=1)\n        torch.add(x, 1, out=x)\n        return p", True),
        ("for _ in x:\n            x -= 1\n            p = F.softmax(x, dim=1)\n        return p", True),
        ("x += 1\n        p = F.softmax(x, dim=1)\n        return p", False),
        ("p = F.softmax(x, dim=1)\n        x = x + 1\n        return p", False),
        ("p = F.softmax(x + 0, dim=1)\n        x += 1\n        return p", False),
        ("x = F.softmax(x, dim=1)\n        y = x\n        y[0]\n        return x", False),
    ],
)
def test_what_it_is_applied_to_is_changed_in_place(body: str, is_doubted: bool, fixed: Fixed) -> None:
    assert (fixed(doubted, NET.format("", f"        {body}\n")) is not None) is is_doubted
