"""After *return logits*, what every caller computes is what it was before; only the loss is another, the right one.

Programs are made out of parts: how the model applies its activation, how it hands the scores out, and who calls it to
do what with them. Each is run with torch before and after, on the same weights and inputs.
"""

from __future__ import annotations

import importlib
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Finding
from ce_lint.fixes.plan import plan
from ce_lint.fixes.rounds import Outcome, Rounds
from ce_lint.fixes.writing import write

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.torch, pytest.mark.slow]

ALL = Settings(select=("CEL",), ignore=("CEL9",))


class Activation(NamedTuple):
    """How a model makes probabilities of `x`."""

    built: str
    """In `__init__`, where that is needed."""
    applied: str
    """As an expression of `{x}`."""


ACTIVATIONS = (
    Activation("", "F.softmax({x}, dim=1)"),
    Activation("", "torch.softmax({x}, -1)"),
    Activation("", "({x}).softmax(dim=1)"),
    Activation("", "nn.Softmax(dim=1)({x})"),
    Activation("", "nn.functional.softmax(\n            {x},  # scores\n            dim=1,\n        )"),
    Activation("self.act = nn.Softmax(dim=1)", "self.act({x})"),
    Activation("", "torch.sigmoid({x})"),
    Activation("", "({x}).sigmoid()"),
)
INPUTS = ("self.fc(h)", "self.fc(h) + self.bias", "-self.fc(h)", "self.fc(h if h is not None else x)")


class Handing(NamedTuple):
    """How `forward` hands out the scores of `s`, and how a caller takes them out of `out`."""

    returned: str
    taken: str


HANDINGS = (
    Handing("s", "out"),
    Handing("s, h", "out[0]"),
    Handing("(h, s)", "out[1]"),
    Handing('{"p": s, "h": h}', 'out["p"]'),
)
USES = (
    "p",
    "(p, p.argmax(1))",
    "p.argmax(dim=1)",
    "torch.argmax(p, 1)",
    "p.max(1)[1]",
    "p.max(1)[0]",
    "torch.max(p, 1).values.mean()",
    "(p > 0.3).sum()",
    "p.mean(0)",
    "p[:, 0] * 2",
    "1 - p",
    "p.topk(2, dim=1)[1]",
    "p.topk(2, dim=1)[0]",
    "torch.log(p + 1e-9)",
    "F.nll_loss(torch.log(p + 1e-9), y)",
    "(p.argmax(1) == y).float().mean()",
    "accuracy(p, y)",
    "confidence(p)",
    "torch.tensor([q.max().item() for q in p])",
    "p.detach().numpy().sum()",
    "torch.cat([p, p])",
    "f'{p[0, 0].item():.4f}'",
)


class Program(NamedTuple):
    """The files of a generated project, and the functions of `callers.py` that are run."""

    files: dict[str, str]
    functions: tuple[str, ...]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    activation = draw(st.sampled_from(ACTIVATIONS))
    scores = activation.applied.format(x=draw(st.sampled_from(INPUTS)))
    handing = draw(st.sampled_from(HANDINGS))
    is_named = draw(st.booleans())
    body = [f"s = {scores}", f"return {handing.returned}"]
    if not is_named:
        body = [f"return {_inlined(handing.returned, scores)}"]
    model = MODEL.format(built=activation.built or "pass", body="\n        ".join(body))
    uses = draw(st.lists(st.sampled_from(USES), min_size=1, max_size=4))
    through = draw(
        st.lists(st.sampled_from(("variable", "inline", "loss too")), min_size=len(uses), max_size=len(uses))
    )
    callers = [CALLERS]
    for number, (use, way) in enumerate(zip(uses, through, strict=True)):
        callers.append(_caller(number, use, way, handing.taken))
    names = tuple(f"use_{number}" for number in range(len(uses)))
    calls = ", ".join(f"{name}(net, x, y)" for name in names)
    callers.append(f"def main(x, y):\n    net = Net()\n    return [{calls}]\n")
    train = TRAIN.format(taken=handing.taken)
    return Program({"model.py": model, "train.py": train, "callers.py": "\n".join(callers)}, names)


def _inlined(returned: str, scores: str) -> str:
    return {"s": scores, "s, h": f"{scores}, h", "(h, s)": f"(h, {scores})"}.get(returned, f'{{"p": {scores}, "h": h}}')


def _caller(number: int, use: str, way: str, taken: str) -> str:
    lines = [f"def use_{number}(net, x, y):"]
    if way == "inline":
        expression = use
        inline = taken.replace("out", "net(x)")
        lines += [f"    return {_with(expression, inline)}"]
    else:
        lines += ["    out = net(x)", f"    p = {taken}"]
        if way == "loss too":
            lines += ["    loss = F.cross_entropy(p, y)", "    loss.backward()"]
        lines += [f"    return {use}"]
    return "\n".join(lines) + "\n"


def _with(use: str, expression: str) -> str:
    return re.sub(r"\bp\b", expression, use)


MODEL = """import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.fc = nn.Linear(8, 3)
        self.bias = nn.Parameter(torch.zeros(3))
        {built}

    def forward(self, x):
        h = F.relu(self.body(x))
        {body}
"""
TRAIN = """import torch
from torch import nn

from model import Net


def train(net, x, y):
    criterion = nn.CrossEntropyLoss()
    out = net(x)
    return criterion({taken}, y)


def main():
    return train(Net(), torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2]))
"""
CALLERS = """import torch
import torch.nn.functional as F

from model import Net


def accuracy(output, target):
    _, pred = output.topk(1, 1, True, True)
    return (pred.squeeze(1) == target).float().mean()


def confidence(output):
    return output.max(dim=1)[0].mean()

"""


@contextmanager
def imported(folder: Path) -> Iterator[dict[str, object]]:
    """The modules of a folder, and no trace of them afterwards."""
    names = [path.stem for path in folder.glob("*.py")]
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(folder))
        for name in names:
            sys.modules.pop(name, None)


def computed(folder: Path) -> tuple[float, list[object]]:
    """The loss on the training call, and what every caller computes."""
    with imported(folder) as modules:
        torch.manual_seed(0)
        net = modules["model"].Net()  # type: ignore[attr-defined]
        x, y = torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])
        loss = modules["train"].train(net, x, y)  # type: ignore[attr-defined]
        torch.manual_seed(1)
        return loss.item(), modules["callers"].main(x, y)  # type: ignore[attr-defined]


def fixed(folder: Path) -> tuple[Outcome, tuple[Finding, ...]]:
    session = Session()
    outcome = Rounds(session, ALL, plan, unsafe=True).converge([folder])
    for group in outcome.groups:
        write(group)
    return outcome, Session().check([folder], ALL).findings


def same(one: object, other: object) -> bool:
    if isinstance(one, str):
        return one == other
    if isinstance(one, tuple):
        return all(map(same, one, other))  # type: ignore[arg-type]
    left, right = torch.as_tensor(one).double(), torch.as_tensor(other).double()
    return left.shape == right.shape and torch.allclose(left, right, atol=1e-6, equal_nan=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_what_callers_compute_stays(program: Program) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").write_text("")
        for file, text in program.files.items():
            (folder / file).write_text(text)
        loss, before = computed(folder)
        outcome, left = fixed(folder)
        after_loss, after = computed(folder)
        for function, one, other in zip(program.functions, before, after, strict=True):
            assert same(one, other), f"{function}: {one} became {other}\n{(folder / 'callers.py').read_text()}"
        # Softmax always finds a fix, so that nothing is compared with itself; there is no other criterion for sigmoid.
        assert outcome.groups or "sigmoid" in program.files["model.py"]
        if outcome.groups and not left:
            assert after_loss != loss
