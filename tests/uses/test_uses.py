"""Who uses the scores of a model, over small projects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ce_lint.uses.records import UseKind
from tests.uses.conftest import HEAD, NET, TRAIN, Ask, Asked, first_uses, interpret

EVALUATE = """
from model import Net

def evaluate(model, loader, y, n):
    for x in loader:
        out = model(x)
        {statement}

evaluate(Net(), L, Y, 3)
"""


def test_a_loss_wants_logits(ask: Ask) -> None:
    found = ask()
    assert found.told() == [("loss", "12:out")]
    origin, call = found.uses.entrances
    assert (origin.span.text, origin.is_passed_on, origin.uses) == ("F.softmax(self.fc(x), dim=1)", True, ())
    assert (call.path.stem, call.span.text, call.is_direct, call.holds_activation) == ("train", "net(x)", True, False)


CLASSES = [
    "pred = out.argmax(1)",
    "pred = out.argmax(dim=-1)",
    "pred = torch.argmax(out, dim=1)",
    "pred = torch.argmax(input=out, dim=1)",
    "_, pred = out.max(1)",
    "best, pred = out.max(1)",
    "best = out.max(1)[0]",
    "pred = out.max(dim=1)[1]",
    "pred = out.max(1).indices",
    "pred = torch.max(out, 1)[1].eq(y)",
    "_, pred = torch.max(out.data, 1)",
    "_, pred = out.topk(5, 1, True, True)",
    "right = out.detach().cpu().argmax(1) == y",
    "order = out.argsort(dim=1)",
    "pred = out.cpu().numpy().argmax(axis=1)",
    "import numpy as np; pred = np.argmax(out.cpu().numpy(), axis=1)",
    "pred = (lambda t: t.argmax(1))(out)",
]


@pytest.mark.parametrize("statement", CLASSES)
def test_the_order_of_the_scores_is_the_same_for_logits(ask: Ask, statement: str) -> None:
    found = ask(evaluate=EVALUATE.format(statement=statement))
    assert [kind for kind, _ in found.told("evaluate")] == ["classes"]


VALUES = [
    ("pred = out.argmax()", "out"),
    ("pred = out.argmax(0)", "out"),
    ("pred = out.argmax(n)", "out"),
    ("pred = out.t().argmax(0)", "out"),
    ("best = out.max()", "out"),
    ("best, pred = out.max(1); print(best)", "out"),
    ("best = out.max(1)[0]; best.sum()", "out"),
    ("print(out.max(1).values)", "out"),
    ("both = out.max(1); both[0].mean()", "out"),
    ("return out.max(1)", "out"),
    ("big = (out > 0.5)", "out"),
    ("big = out.detach() > 0.5", "out"),
    ("m = out.mean()", "out"),
    ("m = out[:4].mean()", "out"),
    ("m = 1 - out", "out"),
    ("print(out)", "out"),
    ("print(f'{out}')", "out"),
    ("print('%s' % out)", "out"),
    ("torch.save(out, 'p.pt')", "out"),
    ("p = F.softmax(out, dim=1)", "out"),
    ("p = torch.log(out)", "out"),
    ("p = out.cpu().numpy().tolist()", "out"),
    ("import numpy as np; p = np.round(out.numpy(), 2)", "out"),
    ("import matplotlib.pyplot as plt; plt.bar(x, out.cpu())", "out"),
    ("p = out if n else out.cpu(); p.sum()", "p"),
    ("loss = F.cross_entropy(y, out)", "out"),
    ("loss = F.nll_loss(out, y)", "out"),
    ("ps = []; ps.append(out); torch.cat(ps).mean()", "out"),
    ("ps = [out]; print(ps)", "out"),
    ("d = {'a': out}; print(d['a'])", "out"),
    ("p = max((q := model(x)).tolist())", "(q := model(x))"),
    ("if out: pass", "out"),
    ("while out.sum() > 1: pass", "out"),
    ("assert out.sum() > 1", "out"),
    ("y[out]", "out"),
]


@pytest.mark.parametrize(("statement", "operand"), VALUES)
def test_the_values_are_read(ask: Ask, statement: str, operand: str) -> None:
    told = ask(evaluate=EVALUATE.format(statement=statement)).told("evaluate")
    assert ("values", operand) in {(kind, text.partition(":")[2]) for kind, text in told}


QUIET = [
    "n = out.shape[0]",
    "n = out.size(0) + len(out)",
    "z = torch.zeros_like(out)",
    "ok = out is not None and isinstance(out, torch.Tensor)",
    "del out",
    "same = out; same",
    "same = out",
    "ps = []; ps.append(out); k = len(ps)",
    "out",
]


@pytest.mark.parametrize("statement", QUIET)
def test_nothing_of_the_numbers_is_read(ask: Ask, statement: str) -> None:
    assert ask(evaluate=EVALUATE.format(statement=statement)).told("evaluate") == []


UNKNOWN = [
    "self.scores = out; use(self.scores)",
    "cache[n] = out",
    "history.append(out)",
    "n.update(out, y)",
    "import mystery; mystery.feed(out)",
    "from mystery import feed; feed(out)",
    "undefined_function(out)",
    "model.scores = out",
    "with out as o: pass",
    "yield_from = map(lambda r: r, out)",
    "assert y, out",
    "d = {}; e = d; d['a'] = out; print(e)",
    "n(*[out])",
    "out.grad.zero_()",
]


@pytest.mark.parametrize("statement", UNKNOWN)
def test_what_is_not_understood_is_unknown(ask: Ask, statement: str) -> None:
    told = ask(evaluate=EVALUATE.format(statement=statement)).told("evaluate")
    assert "unknown" in [kind for kind, _ in told]


def test_a_helper_that_takes_the_best_five(ask: Ask) -> None:
    helper = """
def accuracy(output, target, topk=(1,)):
    maxk = max(topk)
    _, pred = output.topk(maxk, 1, True, True)
    return pred.t().eq(target)

def confidence(output):
    return output.max()
"""
    found = ask(
        helpers=helper,
        evaluate="from model import Net\nimport helpers\nout = Net()(x)\nhelpers.accuracy(out, y)\n"
        "k = helpers.confidence(output=out.cpu())\n",
    )
    assert found.told("evaluate") == [("classes", "7:out"), ("values", "8:out")]
    assert found.told("helpers") == []


def test_a_helper_that_has_the_loss_and_reads_values(ask: Ask) -> None:
    """It cannot be given probabilities for its values: they have to be made inside it."""
    train = """
from model import Net

class Trainer:
    def __init__(self):
        self.net = Net()
        self.criterion = nn.CrossEntropyLoss()

    def step(self, out, y):
        print(out)
        return self.criterion(out, y)

    def run(self, x, y):
        out = self.net(x)
        self.step(out, y)
        self.step(self.net(x), y)
"""
    found = ask(train=train)
    assert found.told() == [("values", "13:out"), ("loss", "14:out")]
    assert [entrance.holds_activation for entrance in found.uses.entrances] == [False, False, False]
    assert {kind for entrance in found.uses.entrances[1:] for kind in entrance.kinds} == {
        UseKind.LOSS, UseKind.VALUES,
    }  # fmt: skip
    assert not any(use.is_mixed for use in found.uses.all)


def test_a_use_of_two_entrances_is_served_at_the_use(ask: Ask) -> None:
    """One of them leads to a loss, so the activation can be put around neither."""
    helper = "def keep(t):\n    print(t)\n    return t\n"
    text = "from model import Net\nfrom helpers import keep\nnet = Net()\nF.cross_entropy(keep(net(x)), y)\n"
    found = ask(helpers=helper, evaluate=text + "keep(net(x)).sum()\n")
    entrances = [one for one in found.uses.entrances if one.path.stem == "evaluate"]
    assert [one.holds_activation for one in entrances] == [False, False]
    assert found.told() == [
        ("loss", "7:keep(net(x))"),
        ("values", "5:t"),
        ("values", "8:keep(net(x))"),
        ("loss", "12:out"),
    ]
    assert not any(use.is_mixed for use in found.uses.all)


def test_a_helper_whose_other_caller_passes_something_else(ask: Ask) -> None:
    helper = "def step(out, y):\n    print(out)\n    return F.cross_entropy(out, y)\n"
    text = "from model import Net\nfrom helpers import step\nstep(Net()(x), y)\nstep(y, y)\n"
    found = ask(helpers=helper, evaluate=text)
    assert [(use.kind, use.is_mixed) for use in found.uses.all if use.path.stem == "helpers"] == [
        (UseKind.VALUES, True),
        (UseKind.LOSS, True),
    ]


TUPLE = NET.replace("return F.softmax(self.fc(x), dim=1)", "h = self.fc(x)\n        return h, F.softmax(h, dim=1)")
DICT = NET.replace("return F.softmax(self.fc(x), dim=1)", 'return {"p": F.softmax(self.fc(x), dim=1), "n": x.mean()}')


def test_an_item_of_a_tuple(ask: Ask) -> None:
    train = TRAIN.replace("out = net(x)", "logits, out = net(x)\n        print(logits.mean(), out.mean())")
    found = ask(model=TUPLE, train=train + "        both = net(x)\n        both[0].mean(), both[1].sum()\n")
    assert found.told() == [("values", "12:out"), ("loss", "13:out"), ("values", "16:both[1]")]
    assert [entrance.is_direct for entrance in found.uses.entrances] == [True, False, False]


def test_an_entry_of_a_dict(ask: Ask) -> None:
    train = TRAIN.replace("criterion(out, y)", 'criterion(out["p"], y)')
    found = ask(model=DICT, train=train + '        out["n"].item()\n        print(out["p"], out.get("n"))\n')
    assert found.told() == [("loss", '12:out["p"]'), ("values", '15:out["p"]')]


def test_a_method_that_calls_forward_of_its_own_object_and_a_class_below(ask: Ask) -> None:
    model = NET + "\n    def predict(self, x):\n        return self.forward(x).argmax(1)\n"
    below = (
        "from model import Net\nclass Below(Net):\n    def rate(self, x):\n        return super().forward(x).max()\n"
    )
    found = ask(model=model, below=below)
    assert found.told("model") == [("classes", "14:self.forward(x)")]
    assert found.told("below") == [("values", "7:super().forward(x)")]


def test_a_base_class_that_calls_what_a_class_below_defines(ask: Ask) -> None:
    base = "class Base(nn.Module):\n    def rate(self, x):\n        return self.forward(x).max()\n"
    model = HEAD + "from base import Base\n" + NET.removeprefix(HEAD).replace("nn.Module", "Base")
    found = ask(base=base, model=model)
    assert [(use.kind, use.is_mixed) for use in found.uses.all if use.path.stem == "base"] == [(UseKind.VALUES, True)]


OTHER = """
class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        return self.fc(x)
"""


def test_two_models_through_one_function(ask: Ask) -> None:
    text = "from model import Net\ndef show(model):\n    out = model(x)\n    print(out)\n" + OTHER
    found = ask(evaluate=text + "show(Net())\nshow(Other())\n")
    (entrance,) = [one for one in found.uses.entrances if one.path.stem == "evaluate"]
    assert (entrance.is_mixed, entrance.holds_activation) == (True, False)
    assert [(use.kind, use.is_mixed) for use in entrance.uses] == [(UseKind.VALUES, True)]


def test_another_model_of_the_same_name_is_not_asked_for(ask: Ask) -> None:
    assert ask(evaluate=OTHER + "net = Other()\nprint(net(x))\n").told("evaluate") == []


def test_a_call_that_may_be_of_the_model_or_not(ask: Ask) -> None:
    found = ask(evaluate="def rate(net):\n    return net(x).mean()\nrate(torch.load('a.pt'))\n")
    assert found.told("evaluate") == [("unknown", "5:net(x)")]


@pytest.mark.parametrize(
    "text",
    [
        "import shap\nshap.Explainer(net)\n",
        "pool.map(net, xs)\n",
        "list(map(net, xs))\n",
        "from skorch import NeuralNetClassifier\nNeuralNetClassifier(Net)\n",
        "torch.onnx.export(net, x, 'a.onnx')\n",
        "net.register_forward_hook(keep)\n",
        "def best(model):\n    return list(map(model, xs))\nbest(net)\n",
        "nn.Sequential(net, nn.ReLU())\n",
        "nn.Sequential(*[net, nn.ReLU()])\n",
        "class All(nn.Module):\n    def __init__(self, *nets):\n        self.nets = nets\nAll(net)\n",
    ],
)
def test_a_model_that_is_handed_to_what_is_not_seen(ask: Ask, text: str) -> None:
    found = ask(evaluate="from model import Net\nnet = Net()\n" + text)
    assert [kind for kind, _ in found.told("evaluate")] == ["unknown"]


def test_what_is_handed_to_what_is_not_seen_is_returned_to_it(ask: Ask) -> None:
    text = "from model import Net\nnet = Net()\ndef predict(x):\n    return net(x)\npool.map(predict, xs)\n"
    assert [kind for kind, _ in ask(evaluate=text).told("evaluate")] == ["values", "unknown"]


@pytest.mark.parametrize(
    "text",
    [
        "torch.save(net, 'a.pt')\n",
        "net = nn.DataParallel(net).cuda()\n",
        "torch.optim.Adam(net.parameters())\n",
        "nn.Sequential(nn.ReLU(), net)\n",
        "class One(nn.Module):\n    def __init__(self, net):\n        self.net = net\nOne(net)\n",
    ],
)
def test_a_model_that_is_only_kept(ask: Ask, text: str) -> None:
    assert ask(evaluate="from model import Net\nnet = Net()\n" + text).told("evaluate") == []


def test_a_wrapper_under_another_name(ask: Ask) -> None:
    text = "from model import Net\nfrom torch.nn.parallel import DistributedDataParallel as DDP\ndef main(rank):\n"
    text += "    model = DDP(Net().cuda(rank), device_ids=[rank])\n    print(model(x))\n"
    assert ask(evaluate=text).told("evaluate") == [("values", "8:model(x)")]


def test_what_is_returned_is_used_by_the_callers(ask: Ask) -> None:
    text = """
from model import Net

def predict(model, x):
    out = model(x)
    return out.squeeze()

def main():
    p = predict(Net(), x)
    print(p)

def best():
    return predict(Net(), x)

best().argmax(1)
rate = lambda x: predict(Net(), x)
print(rate(x))
"""
    found = ask(evaluate=text)
    assert found.told("evaluate") == [("values", "13:p"), ("values", "18:best()"), ("values", "20:rate(x)")]
    entered = {one.span.text: one.is_passed_on for one in found.uses.entrances if one.path.stem == "evaluate"}
    assert entered["model(x)"] and not entered["rate(x)"]


def test_a_variable_of_a_module_is_used_elsewhere(ask: Ask) -> None:
    text = "from model import Net\nPROBS = Net()(x)\ndef show():\n    print(PROBS)\n"
    other = "import evaluate\nfrom evaluate import PROBS as P\ndef f():\n    return P.mean()\nevaluate.PROBS.sum()\n"
    found = ask(evaluate=text, other=other)
    assert found.told() == [
        ("values", "7:PROBS"), ("values", "7:P"), ("values", "8:evaluate.PROBS"), ("loss", "12:out"),
    ]  # fmt: skip


def test_a_comprehension_and_a_loop_over_pairs(ask: Ask) -> None:
    text = """
from model import Net
net = Net()
outs = [net(x) for x in xs]
torch.cat(outs).argmax(1)
for out, y in zip(outs, ys):
    {}(out, y)
"""
    assert ask(evaluate=text.format("print")).told("evaluate") == [("values", "7:net(x)")]
    assert ask(evaluate=text.format("F.cross_entropy")).told("evaluate") == [
        ("classes", "8:torch.cat(outs)"), ("loss", "10:out"),
    ]  # fmt: skip


def test_arguments_behind_a_star(ask: Ask) -> None:
    text = "from model import Net\ndef show(*args, **more):\n    print(args[1], more['z'])\nout = Net()(x)\n"
    assert ask(evaluate=text + "show(y, out)\n").told("evaluate") == [("values", "8:out")]
    assert ask(evaluate=text + "show(out, y)\n").told("evaluate") == []
    assert ask(evaluate=text + "show(y, y, z=out)\n").told("evaluate") == [("values", "8:out")]


def test_a_list_of_one_variable_is_not_that_of_another(ask: Ask) -> None:
    text = """
from model import Net
net = Net()
preds, targets = [], []
for x, y in loader:
    preds.append(net(x))
    targets.append(y)
print(torch.cat(targets))
torch.cat(preds).argmax(1)
"""
    assert ask(evaluate=text).told("evaluate") == [("classes", "9:net(x)")]


SIGMOID = NET.replace("F.softmax(self.fc(x), dim=1)", "torch.sigmoid(self.fc(x))")


def test_a_sigmoid_keeps_the_order_of_all_scores(ask: Ask) -> None:
    train = TRAIN.replace("CrossEntropyLoss", "BCEWithLogitsLoss")
    text = "from model import Net\nout = Net()(x)\nout.argmax()\nout.t().argmax(0)\nout > 0.5\n"
    assert ask(model=SIGMOID, train=train, evaluate=text).told("evaluate") == [
        ("classes", "6:out"), ("classes", "7:out"), ("values", "8:out"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "dim", "expected"),
    [("", 1, "classes"), ("", 0, "values"), (", dim=None", 1, "classes"), (", dim=WHICH", 1, "values")],
)
def test_a_softmax_without_a_dimension_is_over_the_classes(ask: Ask, given: str, dim: int, expected: str) -> None:
    model = NET.replace(", dim=1)", f"{given})").replace("class Net", "from elsewhere import WHICH\nclass Net")
    found = ask(model=model, evaluate=f"from model import Net\nNet()(x).argmax({dim})\n")
    assert [kind for kind, _ in found.told("evaluate")] == [expected]


def test_what_is_returned_to_nobody_keeps_its_values(ask: Ask) -> None:
    text = "from model import Net\nnet = Net()\ndef predict(x):\n    p = net(x)\n    return p, p.argmax(1)\n"
    found = ask(evaluate=text)
    assert found.told("evaluate") == [("values", "8:p"), ("classes", "8:p")]


@pytest.mark.parametrize(
    "model",
    [
        "net = nn.Sequential(nn.Linear(3, 4), nn.Softmax(dim=1))\n",
        NET.removeprefix(HEAD)
        .replace("nn.Linear(20, 10)", "nn.Sequential(nn.Linear(3, 4), nn.Softmax(dim=1))")
        .replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)")
        + "net = Net()\n",
    ],
)
def test_a_layer_in_a_sequential(ask: Ask, model: str) -> None:
    train = "from model import net\nout = net(x)\nnn.CrossEntropyLoss()(out, y)\nprint(net(x))\nnet(x).argmax(1)\n"
    found = ask(model=HEAD + model, train=HEAD + train)
    assert found.told() == [("loss", "6:out"), ("values", "7:net(x)"), ("classes", "8:net(x)")]


def test_a_framework_that_predicts(ask: Ask) -> None:
    model = NET.replace("class Net(nn.Module)", "import lightning as L\nclass Net(L.LightningModule)")
    assert "unknown" not in {kind for kind, _ in ask(model=model).told()}
    found = ask(model=model, predict="import lightning as L\nL.Trainer().predict(m, d)\n")
    assert [kind for kind, _ in found.told("model")] == ["unknown"]


def test_a_notebook(tmp_path: Path) -> None:
    cells = ["from model import Net\nnet = Net()", "%time out = net(x)\nout.argmax(1)", "print(net(x))"]
    notebook = {
        "cells": [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    files = {"model": NET, "train": TRAIN, "show.ipynb": json.dumps(notebook)}
    found = Asked(first_uses(interpret(tmp_path, files)))
    assert [(kind, text.partition(":")[2]) for kind, text in found.told("show")] == [
        ("classes", "out"), ("values", "net(x)"),
    ]  # fmt: skip


def test_a_model_whose_answer_hangs_on_the_mode(ask: Ask) -> None:
    model = NET.replace(
        "return F.softmax(self.fc(x), dim=1)",
        "x = self.fc(x)\n        return x if self.training else F.softmax(x, dim=1)",
    )
    train = TRAIN.replace("net = Net()", "net = Net().eval()")
    found = ask(model=model, train=train, predict="from model import Net\ndef p(net=Net()):\n    print(net(x))\n")
    assert [(use.kind, use.is_mixed) for use in found.uses.all if use.path.stem == "predict"] == [
        (UseKind.VALUES, True)
    ]


def test_an_operand_knows_whether_a_method_may_follow_it(ask: Ask) -> None:
    text = "from model import Net\nout = Net()(x)\nprint(out if out is not None else (p := Net()(x)))\n"
    found = ask(evaluate=text + "print((out))\n")
    primary = {use.span.text: use.is_primary for use in found.uses.all if use.path.stem == "evaluate"}
    assert primary == {"out": True, "(p := Net()(x))": True, "(out)": True}


def test_models_of_a_list_that_is_passed_on(ask: Ask) -> None:
    text = """
from model import Net

class Both(nn.Module):
    def __init__(self, nets):
        super().__init__()
        self.nets = nn.ModuleList(nets)

    def forward(self, x):
        return torch.stack([net(x) for net in self.nets]).mean(0)

Both([Net(), Net()])(x)
"""
    assert [kind for kind, _ in ask(evaluate=text).told("evaluate")] == ["unknown"]


LOGGED = """
import functools

def logged(function):
    @functools.wraps(function)
    def inner(*arguments):
        result = function(*arguments)
        print(result.mean())
        return result
    return inner

"""


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [("@logged", ["unknown"]), ("@elsewhere", ["unknown"]), ("@torch.no_grad()", []), ("@torch.jit.export", [])],
)
def test_a_decorator_may_look_at_what_is_returned(ask: Ask, decorator: str, expected: list[str]) -> None:
    net = NET.removeprefix(HEAD).replace("    def forward", f"    {decorator}\n    def forward")
    head = HEAD + "from elsewhere import elsewhere\n" + LOGGED
    assert [kind for kind, _ in ask(model=head + net).told("model")] == expected
    caller = (
        f"from model import Net\nnet = Net()\n{decorator}\ndef predict(x):\n    return net(x)\npredict(x).argmax(1)\n"
    )
    told = ask(evaluate=head.removeprefix(HEAD) + caller).told("evaluate")
    assert {kind for kind, _ in told} == {"classes", *expected}


def test_a_decorator_may_look_at_what_is_given(ask: Ask) -> None:
    text = LOGGED + "@logged\ndef right(out):\n    return out.argmax(1)\nfrom model import Net\nright(Net()(x))\n"
    assert [kind for kind, _ in ask(evaluate=text).told("evaluate")] == ["unknown"]


@pytest.mark.parametrize(
    "text",
    [
        "last = None\ndef step(x):\n    global last\n    last = net(x)\ndef show():\n    print(last)\n",
        "def step(x):\n    best = None\n    def inner():\n        nonlocal best\n        best = net(x)\n    inner()\n"
        "    return best.max()\n",
        "def step(x):\n    last = net(x)\n    return eval('last + 1')\n",
        "class Keep:\n    def step(self, x):\n        self.last = net(x)\nprint(getattr(keep, 'last'))\n",
    ],
)
def test_a_variable_that_others_read(ask: Ask, text: str) -> None:
    found = ask(evaluate="from model import Net\nnet = Net()\n" + text)
    assert [kind for kind, _ in found.told("evaluate")] == ["unknown"]


def test_what_a_class_below_calculates_is_not_the_scores(ask: Ask) -> None:
    text = """
from model import Net

class Log(Net):
    def forward(self, x):
        return super().forward(x).log()

F.nll_loss(Log()(x), y)
"""
    assert ask(evaluate=text).told("evaluate") == [("values", "9:super().forward(x)")]


@pytest.mark.parametrize(("dim", "expected"), [(-1, "classes"), (1, "values")])
def test_the_classes_of_a_sequence_are_its_last_dimension(ask: Ask, dim: int, expected: str) -> None:
    model = NET.replace("dim=1", "dim=-1")
    train = TRAIN.replace("criterion(out, y)", "criterion(out.view(-1, 10), y)")
    found = ask(model=model, train=train, evaluate=f"from model import Net\nNet()(x).argmax({dim})\n")
    assert [kind for kind, _ in found.told("evaluate")] == [expected]
