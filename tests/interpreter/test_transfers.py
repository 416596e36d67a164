"""What operations do to score kinds: table B.2 of the contracts; where it says ⊤, nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.interpreter.sinks import Interpreter
from ce_lint.interpreter.values import Scores, Unknown, Value
from ce_lint.ir.kinds import ScoreKind
from ce_lint.knowledge.loader import load
from ce_lint.program.program import Program

Evaluate = Callable[[str], Value]

KINDS = {
    "P": ScoreKind.PROBABILITIES,
    "L": ScoreKind.LOG_PROBABILITIES,
    "S": ScoreKind.SIGMOID,
    "LS": ScoreKind.LOG_SIGMOID,
    "X": ScoreKind.LOGITS,
    "?": None,
}
MAKERS = ["F.softmax(x, dim=1)", "F.log_softmax(x, dim=1)", "torch.sigmoid(x)", "nn.Linear(2, 3)(x)"]

TABLE = """
v                       P   L   S   X
v.log()                 L   ?   LS  ?
torch.log(v)            L   ?   LS  ?
torch.log(v + 1e-8)     L   ?   LS  ?
v.clamp(1e-7).log()     L   ?   LS  ?
v.exp()                 ?   P   ?   ?
torch.exp(v)            ?   P   ?   ?
torch.log1p(v)          ?   ?   ?   ?
v + 1e-8                P   L   S   X
v.clamp(1e-7, 1 - 1e-7) P   L   S   X
v * 2                   ?   ?   ?   X
v + prior               ?   ?   ?   X
F.softmax(v, dim=1)     P   P   P   P
F.log_softmax(v, dim=1) L   L   L   L
torch.sigmoid(v)        S   S   S   S
torch.logit(v)          X   X   X   X
v.sqrt()                ?   ?   ?   ?
v.pow(2)                ?   ?   ?   ?
v ** 2                  ?   ?   ?   X
nn.Linear(3, 4)(v)      X   X   X   X
nn.Conv2d(3, 4, 1)(v)   X   X   X   X
nn.LayerNorm(3)(v)      X   X   X   X
torch.bmm(v, w)         ?   ?   ?   ?
v.argmax(1)             ?   ?   ?   ?
v.max(1)[0]             ?   ?   ?   ?
v.detach()              P   L   S   X
v.contiguous()          P   L   S   X
v.to(device)            P   L   S   X
v.float()               P   L   S   X
v.long()                ?   ?   ?   ?
nn.Identity()(v)        P   L   S   X
v.chunk(2)[0]           P   L   S   X
torch.cat([v, v], 0)    P   L   S   X
torch.stack([v, v])     P   L   S   X
v.permute(0, 2, 1)      P   L   S   X
v.view(-1, 3)           P   L   S   X
v.flatten(1)            P   L   S   X
v.squeeze()             P   L   S   X
v[0]                    P   L   S   X
v[:, 1]                 ?   ?   ?   X
v[:, 1:]                ?   ?   ?   X
torch.cat([v, v], 1)    ?   ?   ?   ?
v.frobnicate()          ?   ?   ?   ?
frobnicate(v)           ?   ?   ?   ?
nn.ReLU()(v)            ?   ?   ?   ?
""".strip().splitlines()

CASES = [
    (row[:24].strip(), maker, expected)
    for row in TABLE
    for maker, expected in zip(MAKERS, row[24:].split(), strict=True)
]


@pytest.mark.parametrize(("operation", "maker", "expected"), CASES)
def test_operation(evaluate: Evaluate, operation: str, maker: str, expected: str) -> None:
    value = evaluate(f"x = get()\nv = {maker}\nr = {operation}\n")
    assert (value.kind if isinstance(value, Scores) else None) == KINDS[expected]
    assert isinstance(value, Scores | Unknown)


def test_the_table_is_read_whole() -> None:
    assert (len(CASES), {case[2] for case in CASES}) == (4 * len(TABLE), set(KINDS))


@pytest.mark.parametrize(
    "text",
    [
        "r = F.softmax(x, dim=1) + F.softmax(z, dim=1)",
        "r = torch.cat([F.softmax(x, dim=1), nn.Linear(2, 3)(x)])",
        "r = 1 - F.softmax(x, dim=1)",
        "r = -F.softmax(x, dim=1)",
        "r = F.softmax(x, dim=1) / 2",
    ],
)
def test_probabilities_that_are_none_any_more(evaluate: Evaluate, text: str) -> None:
    assert isinstance(evaluate(text), Unknown)


def test_of_two_activations_the_last_one_counts(evaluate: Evaluate) -> None:
    value = evaluate("r = torch.sigmoid(F.softmax(x, dim=1))")
    assert isinstance(value, Scores)
    assert (value.kind, value.activation) == (ScoreKind.SIGMOID, "sigmoid")


@pytest.mark.parametrize(
    ("last", "is_needed"),
    [
        ("nn.Linear(8, 3)(inside)", False),
        ("F.linear(inside, w)", False),
        ("torch.bmm(inside, w)", False),
        ("nn.Identity()(inside)", True),
        ("torch.cat([inside, inside], 0)", True),
        ("inside.view(-1)", True),
    ],
)
def test_what_goes_into_a_layer_is_followed_only_where_it_tells_what_comes_out(
    tmp_path: Path, last: str, is_needed: bool
) -> None:
    body, head = tmp_path / "body.py", tmp_path / "head.py"
    body.write_text("from torch.nn import functional as F\n\ndef body(x):\n    return F.softmax(x, dim=1)\n")
    head.write_text(
        "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\nfrom body import body\n"
        f"inside = body(x)\nr = {last}\n"
    )
    program = Program(tmp_path, (body, head))
    machine = Interpreter(program, load()).machine
    machine.begin()
    machine.evaluate(machine.body(head), machine.module_ir(head).functions[0].exits["r"])
    assert program.files.is_lowered(body) == is_needed
