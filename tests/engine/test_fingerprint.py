"""A flow is recognised wherever its lines have moved to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.fingerprint import fingerprint, normal_form
from ce_lint.engine.session import Session
from ce_lint.findings import Finding

MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
"""
TRAIN = """\
from torch import nn
from model import Net


def fit(loader):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        loss = criterion(net(x), y)
"""

Prints = Callable[..., list[str]]


@pytest.fixture
def prints(tmp_path: Path) -> Prints:
    """Write the files of a project, and give the fingerprints of what is found in it."""

    def found(train: str = TRAIN, model: str = MODEL, name: str = "train.py", select: str = "CEL0") -> list[str]:
        root = tmp_path / f"project{len(list(tmp_path.iterdir()))}"
        root.mkdir()
        (root / "pyproject.toml").touch()
        (root / "model.py").write_text(model)
        (root / name).write_text(train)
        report = Session().check([root], Settings(select=(select,), strict=True))
        assert report.findings
        assert all(len(one.fingerprint) == 32 for one in report.findings)
        return [one.fingerprint for one in report.findings]

    return found


def edited(text: str, *pairs: tuple[str, str]) -> str:
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return text


HELPERS = "def before(a):\n    return a\n\n\nclass Other:\n    def step(self):\n        return fit\n"

SAME_TRAINING = {
    "moved down": "\n\n# a comment\n" + TRAIN,
    "other functions": TRAIN.replace("\n\ndef fit", f"\n\n{HELPERS}\n\ndef fit"),
    "local names that the loss call does not hold": edited(TRAIN, ("loader", "batches"), ("loss =", "value =")),
    "a comment in the call": edited(TRAIN, ("criterion(net(x), y)", "criterion(  # the loss\n  net(x),\n  y)")),
    "one argument a line": edited(TRAIN, ("criterion(net(x), y)", "criterion(\n  net(\n    x,\n  ),\n  y,\n)")),
    "brackets": edited(TRAIN, ("criterion(net(x), y)", "(criterion((net)((x)), y))")),
    "deeper": edited(TRAIN, ("        loss", "        if x is not None:\n          loss")),
    "line ends": TRAIN.replace("\n", "\r\n"),
    "annotations": edited(TRAIN, ("def fit(loader)", "def fit(loader: list) -> None"), ("loss =", "loss: object =")),
    "another way to the same loss": edited(
        TRAIN, ("from torch import nn", "import torch"), ("nn.CrossEntropyLoss", "torch.nn.CrossEntropyLoss")
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", SAME_TRAINING.values(), ids=SAME_TRAINING)
def test_the_same_flow_with_another_script(prints: Prints, text: str) -> None:
    assert prints(train=text) == prints()


SAME_MODEL = {
    "moved down": "\n\n# a comment\n" + MODEL,
    "methods in another order": edited(
        MODEL,
        ("    def forward", "    def other(self):\n        pass\n\n    def forward"),
        ("        self.fc", "        self.more = 1\n        self.fc"),
    ),
    "formatted": edited(
        MODEL, ("F.softmax(self.fc(x), dim=1)", "F.softmax(\n            self.fc( x ),\n dim = 0x1,\n)")
    ),
    "another value before": edited(MODEL, ("        return", "        unused = x\n        return")),
}


@pytest.mark.parametrize("text", SAME_MODEL.values(), ids=SAME_MODEL)
def test_the_same_flow_with_another_model(prints: Prints, text: str) -> None:
    assert prints(model=text) == prints()


OTHER_TRAINING = {
    "another function": edited(TRAIN, ("def fit", "def train")),
    "another call": edited(TRAIN, ("net(x), y", "net(x), target")),
    "in a class": edited(TRAIN, ("def fit(loader):", "class Fit:\n  def fit(loader):")),
}


@pytest.mark.parametrize("text", OTHER_TRAINING.values(), ids=OTHER_TRAINING)
def test_another_flow(prints: Prints, text: str) -> None:
    assert prints(train=text) != prints()


def test_another_activation_another_class_or_another_file_is_another_flow(prints: Prints) -> None:
    others = [
        prints(model=edited(MODEL, ("F.softmax(self.fc(x), dim=1)", "self.fc(x).softmax(1)"))),
        prints(model=edited(MODEL, ("class Net", "class Other")) + "\nNet = Other\n"),
        prints(name="fit.py"),
    ]
    assert len({*map(tuple, others), tuple(prints())}) == 4


def test_equal_flows_of_one_function_have_one_fingerprint(prints: Prints) -> None:
    twice = prints(train=TRAIN + "        loss = criterion(net(x), y)\n")
    assert twice == prints() * 2


def test_undecided_calls_have_fingerprints_too(prints: Prints) -> None:
    undecided = (
        "from torch import nn\nfrom elsewhere import net\n\n\ndef f(x, y):\n    nn.CrossEntropyLoss()(net(x), y)\n"
    )
    before = prints(train=undecided, select="CEL901")
    assert prints(train=undecided.replace("\n\n\n", "\n\n\nother = 1\n\n\n"), select="CEL901") == before
    assert prints(train=undecided.replace("def f", "def g"), select="CEL901") != before


CALLERS = (
    "def mine(x, y):\n    step(nn.CrossEntropyLoss(), F.softmax(x, 1), y)\n",
    "def other(x, y):\n    step(nn.MultiMarginLoss(), F.softmax(x, 1), y)\n",
    "def third(x, y):\n    step(nn.NLLLoss(), F.softmax(x, 1), y)\n",
)
STEP = "import torch.nn.functional as F\nfrom torch import nn\n\n\ndef step(loss, p, y):\n    return loss(p, y)\n"


def test_the_order_of_the_callers_changes_nothing(prints: Prints) -> None:
    answers = [
        sorted(prints(train="\n\n".join([STEP, *order]), select="CEL"))
        for order in (CALLERS, CALLERS[::-1], (CALLERS[1], CALLERS[2], CALLERS[0]))
    ]
    assert answers[0] == answers[1] == answers[2]


SHARED = """\
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def forward(self, x):
        return F.softmax(x, dim=1)


class First(Base):
    pass


class Second(Base):
    pass


def step(net, loss, x, y):
    return loss(net(x), y)


{0}


{1}
"""
FIRST = "def first(x, y):\n    step(First(), nn.CrossEntropyLoss(), x, y)"
SECOND = "def second(x, y):\n    step(Second(), nn.NLLLoss(), x, y)"


def test_the_order_in_which_a_loss_is_reached_changes_nothing(prints: Prints) -> None:
    one = prints(train=SHARED.format(FIRST, SECOND), select="CEL")
    assert prints(train=SHARED.format(SECOND, FIRST), select="CEL") == one


def notebook(*cells: str) -> str:
    sources = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    return json.dumps({"cells": sources, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


IMPORTS, SETUP, STEP_CELL = (
    "from torch import nn\nfrom model import Net",
    "net = Net()\ncriterion = nn.CrossEntropyLoss()",
    "loss = criterion(net(x), y)",
)


def test_cells_move_in_a_notebook(prints: Prints) -> None:
    before = prints(train=notebook(IMPORTS, SETUP, STEP_CELL), name="a.ipynb")
    others = [
        notebook("%matplotlib inline", IMPORTS, "", SETUP, STEP_CELL),
        notebook(f"{IMPORTS}\n{SETUP}", f"# a comment\n%time x = 1\n{STEP_CELL};"),
        notebook(IMPORTS, SETUP, "def other():\n    pass", "loss = criterion(\n    net(x),\n    y,\n)"),
    ]
    assert [prints(train=text, name="a.ipynb") for text in others] == [before] * 3


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project inside another one, both of which a run may take for the root."""
    inner = tmp_path / "outer" / "inner"
    (inner / "scripts").mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "pyproject.toml").touch()
    (inner / "model.py").write_text(MODEL)
    (inner / "scripts" / "train.py").write_text(TRAIN)
    return inner


def only(findings: tuple[Finding, ...]) -> str:
    (finding,) = findings
    return finding.fingerprint


def test_the_current_folder_and_the_way_of_asking_change_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = project / "scripts" / "train.py"
    found = set()
    for folder in (project / "scripts", project.parent, Path(project.anchor)):
        monkeypatch.chdir(folder)
        for paths in ([train], [project], [project.parent], [project / "model.py"]):
            found.add(only(Session().check(paths, Settings()).findings))
        for root in (project.parent, project):
            found.add(only(Session().check([train], Settings(root=root)).findings))
        found.add(only(Session().check_text(train, train.read_text(), Settings()).findings))
        found.add(only(Session().check_text(train, "# unsaved\n" + train.read_text(), Settings()).findings))
    assert len(found) == 1


def test_another_copy_of_the_project_has_the_same(project: Path, tmp_path: Path) -> None:
    copy = project.rename(tmp_path / "elsewhere")
    before = only(Session().check([copy], Settings()).findings)
    assert only(Session().check([copy.rename(tmp_path / "again")], Settings()).findings) == before


SAME_FORM = [
    ("f(x, dim=1)", "f( x,dim = 1 )"),
    ("f(x, y)", "f(\n    x,  # the first\n    y,\n)"),
    ("f('a')", 'f("a")'),
    ("f('a' 'b')", 'f("ab")'),
    ("f(u'a')", "f('a')"),
    ("f(1_000)", "f(1000)"),
    ("f((x))", "f(x)"),
    ("f(x)[(1, 2)]", "f(x)[1, 2]"),
    ("f(f'{x}')", 'f(f"{x}")'),
    ("f(lambda a, *, b=1: a)", "f(lambda a,*,b=1:a)"),
    ("f(x\n  .g())", "f(x.g())"),
    ("f(*a, **b)", "f(* a, ** b)"),
    ("(yield)", "yield"),
]


@pytest.mark.parametrize(("one", "other"), SAME_FORM)
def test_the_same_form(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(x)", "f(y)"), ("f(x, 1)", "f(1, x)"), ("f(a=1)", "f(b=1)"), ("f(1)", "f(1.0)"), ("f(1)", "f(True)"),
        ("f('a  b')", "f('a b')"), ("f(b'a')", "f('a')"), ("f(None)", "f()"), ("f([])", "f(())"), ("x[1:]", "x[:1]"),
        ("f(a - b)", "f(b - a)"), ("f(lambda *, a, b=1: 1)", "f(lambda *, a=1, b: 1)"), ("f({**a})", "f({None: a})"),
    ],
)  # fmt: skip
def test_another_form(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    "text", ["", "def f(): pass", "x = (", "f('\\d')", "0x" + "f" * 9000, "(" * 500, "f(\0)", "x\ud800"]
)
def test_any_text_has_a_form(text: str) -> None:
    assert len(fingerprint([normal_form(text)])) == 32
    assert normal_form(text) != normal_form(f"{text} or x")


def test_the_parts_of_a_fingerprint_do_not_run_together() -> None:
    assert len({fingerprint(parts) for parts in (["ab", "c"], ["a", "bc"], ["abc"], ["a", "b", "c"])}) == 4


# Written down, so that every Python that the tests run with is held to the same.
FORMS = [
    ("f(x, a=1)", "Call(func=Name(id='f'),args=[Name(id='x')],keywords=[keyword(arg='a',value=Constant(value=1))])"),
    ("x[..., -1]", "Subscript(value=Name(id='x'),slice=Tuple(elts=[Constant(value=Ellipsis),"
     "UnaryOp(op=USub(),operand=Constant(value=1))]))"),
    ("lambda *, a=1: a", "Lambda(args=arguments(kwonlyargs=[arg(arg='a')],kw_defaults=[Constant(value=1)]),"
     "body=Name(id='a'))"),
    ("f'{x:>{n}}'", "JoinedStr(FormattedValue(value=Name(id='x'),conversion=-1,"
     "format_spec=JoinedStr(Constant(value='>'),FormattedValue(value=Name(id='n'),conversion=-1))))"),
    ("[a for a in b if a]", "ListComp(elt=Name(id='a'),generators=[comprehension(target=Name(id='a'),"
     "iter=Name(id='b'),ifs=[Name(id='a')],is_async=0)])"),
    ("{**a, 'b': None}", "Dict(keys=[None,Constant(value='b')],values=[Name(id='a'),Constant()])"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "form"), FORMS)
def test_the_form_is_that_of_every_python(text: str, form: str) -> None:
    assert normal_form(text) == form


def test_the_fingerprint_is_what_it_was(prints: Prints) -> None:
    # Whoever changes it makes every finding of every baseline new.
    assert prints() == ["86420643540bfae36c52e3486f81be8a"]
