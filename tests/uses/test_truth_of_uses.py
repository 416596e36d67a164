"""Programs run as they are, and with the activation moved from the model to whoever needs it: they print the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ce_lint.frontend.places import Range
from ce_lint.uses.records import UseKind, Uses
from tests.uses.conftest import HEAD, first_uses, interpret

FORWARD = {
    "return {p}": "net(x)",
    "return h, {p}": "net(x)[1]",
    "return {{'p': {p}, 'h': h}}": "net(x)['p']",
    "p = {p}\n        print(p.argmax(1), p.max())\n        return p": "net(x)",
    "return keep({p})": "net(x)",
}

STATEMENTS = [
    "print(out.argmax(1))",
    "print(out.argmax(0))",
    "print(torch.argmax(out, dim=-1) == y)",
    "best, pred = out.max(1); print(pred)",
    "best, pred = out.max(1); print(best)",
    "print(out.topk(2, 1)[1])",
    "print(out.sort(dim=1))",
    "print(out.mean())",
    "print((out > 0.3).sum())",
    "print(out.detach().cpu().numpy().argmax(axis=1))",
    "print(out.numpy().max())",
    "print(out[:2].argmax(1), out[0])",
    "print(out.t().argmax(0), out.view(-1).max())",
    "out = out.detach(); print(out.sum(1))",
    "rate(out, y)",
    "print(rate(keep(out), y))",
    "classes(out, y)",
    "print(keep(out).min())",
    "for row in out: print(row.max())",
    "for row, label in zip(out, y): print(row[label])",
    "kept.append(out)",
    "kept = kept + [out]",
    "kept.append(out.argmax(1))",
    "table = {'a': out, 'b': y}; print(table['a'] * 2, table['b'])",
    "print([row.argmax() for row in out])",
    "print(len(out), out.shape, out.size(0))",
    "if (q := net(x)) is not None: print(1)",
    "print((lambda t: t.argmax(1))(out))",
    "other = out if len(y) > 2 else None; print(other.min())",
    "print(torch.stack([out, out]).mean())",
    "print(torch.cat([out, out]).argmax(1))",
    "pair = (out, y); print(pair[0].max(1).indices)",
    "F.cross_entropy(out, y)",
    "alias = kept; kept.append(out); print(alias)",
    "table = {}; table['p'] = out; table['y'] = y; print(table['p'])",
    "table = {}; table['p'] = out; print({k: v.sum() for k, v in table.items()})",
    "table = dict(p=out, y=y); print(table.get('y'), list(table.values())[0].max())",
    "print([part.sum() for part in stream(out)])",
    "print(*out.max(1))",
    "print(*[out, y])",
    "print((lambda: out.max())())",
    "print(sorted([float(out.max()), 2.0]))",
    "print(show(scores=out, more=y))",
    "print(show(**{'scores': out, 'more': y}))",
    "both = keep(out), out.argmax(1); print(both[1]); print(both[0].sum())",
    "(a, b), c = (out, y), x; print(a.max(), b, c)",
    "box = Box(out, y); print(box.scores.max(), box.labels)",
    "box = Box(labels=y, scores=out); print(box.best())",
    "net.last = out; print(net.last.max())",
    "parts = out.chunk(2); print(parts[0].argmax(1), parts[1].max())",
    "i = 0\n    while i < 2: out = out.clone(); i += 1",
    "total = 0\n    for _ in range(2): total = total + out\n    print(total)",
    "last = None\n    for _ in range(2): last = out\n    print(last.argmax(1), last.min())",
    "out += 0.5; print(out.argmax(1), out.max())",
    "out[0] = 0; print(out.max())",
    "print(out.max() if len(out) else y)",
    "print(out.tolist()[0])",
    "print([out, out][1].min(), (out, y)[0].argmax(1))",
    "print(out.squeeze().argmax(1))",
    "swap, _ = y, out; print(swap)",
    "first, *rest = out, y, x; print(first.sum(), rest[0])",
    "print(max(out, key=lambda row: row.max()))",
    "print(list(map(lambda row: row.argmax(), out)))",
    "print('%.4f' % out.max(), f'{out.sum():.3f}', '{}'.format(out.min()))",
]

ENDS = [
    "pass",
    "print(len(kept))",
    "kept.append(out); print(torch.cat(kept).sum())",
    "kept.append(out); print(torch.cat(kept).argmax(1))",
    "print(kept)",
]

PROGRAM = """
from dataclasses import dataclass

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)

    def forward(self, x):
        h = self.fc(x)
        {forward}

def keep(t):
    return t.clone()

def rate(scores, labels):
    conf, pred = scores.max(1)
    print(conf)
    return (pred == labels).sum()

def classes(scores, labels):
    print(scores.argmax(1) == labels)

def stream(scores):
    for row in scores:
        yield row
    yield scores

def show(more, scores=None):
    if scores is None:
        return more
    return scores.max(), more

@dataclass
class Box:
    scores: object
    labels: object

    def best(self):
        return self.scores.max()

def train(net, x, y):
    kept = []
    out = {read}
    loss = F.cross_entropy(out, y)
    {first}
    return loss

@torch.no_grad()
def evaluate(net, x, y):
    kept = []
    out = {read}
    {second}
    {end}
    return out

torch.manual_seed(0)
net = Net()
x, y = torch.randn(4, 3), torch.tensor([0, 1, 2, 3])
with torch.no_grad():
    train(net, x, y)
    evaluate(net, x, y)
    print({used})
"""
USED = ["evaluate(net, x, y).argmax(1)", "evaluate(net, x, y)", "1"]
ACTIVATION = "F.softmax(h, dim=1)"


@st.composite
def programs(draw: st.DrawFn) -> str:
    forward, read = draw(st.sampled_from(sorted(FORWARD.items())))
    statements = st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=3)
    parts = ["\n    ".join(draw(statements)) for _ in range(2)]
    return HEAD + PROGRAM.format(
        forward=forward.format(p=ACTIVATION),
        read=read,
        first=parts[0],
        second=parts[1],
        end=draw(st.sampled_from(ENDS)),
        used=draw(st.sampled_from(USED)),
    )


def spans(uses: Uses) -> list[Range]:
    """The expressions around which the activation is put back."""
    found = []
    for entrance in uses.entrances:
        values = [use for use in entrance.uses if use.kind is UseKind.VALUES]
        if entrance.holds_activation:
            found += [entrance.span] if UseKind.VALUES in entrance.kinds else []
        else:
            assume(not any(use.is_mixed for use in values))
            found += [use.span for use in values]
    return found


def moved(text: str, uses: Uses) -> str:
    """The text without the activation in the model, and with it around some expressions."""
    lines = text.split("\n")
    origin = uses.entrances[0].span
    for span in sorted(spans(uses), reverse=True):
        assert span.line == span.end_line
        line = lines[span.line - 1]
        inside = line[span.column : span.end_column]
        lines[span.line - 1] = f"{line[: span.column]}F.softmax({inside}, dim=1){line[span.end_column :]}"
    line = lines[origin.line - 1]
    at = line.index(ACTIVATION, origin.column)
    lines[origin.line - 1] = line[:at] + "h" + line[at + len(ACTIVATION) :]
    return "\n".join(lines)


def printed(text: str) -> list[object]:
    found: list[object] = []
    code = compile(text, "main.py", "exec")
    try:
        exec(code, {"__name__": "__main__", "print": lambda *values: found.append(plain(values))})  # noqa: S102 — that is the test
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        found.append(type(error).__name__)
    return found


def plain(value: object) -> object:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return pytest.approx(value, abs=1e-6)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


@pytest.mark.torch
@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_what_a_program_prints_stays_the_same(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        uses = first_uses(interpret(Path(folder), {"main": text}))
    assume(UseKind.UNKNOWN not in uses.kinds)
    after = moved(text, uses)
    assert printed(text) == printed(after), after
