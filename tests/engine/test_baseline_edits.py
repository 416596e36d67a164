"""Random edits that touch no flow leave nothing new in a project with a baseline; a new flow always is."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ce_lint.engine.adoption.baseline import Baseline, rendered
from ce_lint.engine.adoption.known import updated
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Report

# In the texts below `<name>` is a name that may change, and `$0` an expression of SPELLINGS.
MODEL = """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self, width=10):
        super().__init__()
        <spare> = width + 1
        self.fc = nn.Linear(20, width)
        self.more = <spare>

    def forward(self, x):
        scores = self.fc(x)
        return $0

    def describe(self):
        <note> = "a net"
        return <note>

class Raw(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        return self.fc(x)

    def <unrelated_method>(self):
        return self.fc

def <helper>(values):
    <total> = sum(values)
    return <total>
"""
TRAIN = """\
import torch.nn.functional as F
from torch import nn
from model import Net, Raw, <helper>

def fit(loader):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    for <batch> in loader:
        x, y = <batch>
        <loss> = $1
        <loss> = $1
        <loss>.backward()

def evaluate(loader):
    net = Net()
    <sum> = 0
    for x, y in loader:
        <sum> += $2
    return <helper>([<sum>])

def right(x, y):
    return nn.CrossEntropyLoss()(Raw()(x), y)

class Trainer:
    def __init__(self):
        self.net = Net()
        self.criterion = nn.CrossEntropyLoss()

    def step(self, x, y):
        return $3

    def log(self, value):
        <line> = f"{value:.2f}"
        print(<line>)
"""
CELLS = (
    ("markdown", "# A study"),
    ("code", "%matplotlib inline\nfrom torch import nn\nfrom model import Net"),
    ("code", "net = Net()\ncriterion = nn.CrossEntropyLoss()\n<unused> = 1"),
    ("code", "$1"),
    ("code", "class Small(nn.Module):\n    def forward(self, x):\n        return $4"),
    ("code", "small = Small()\n<value> = $5\nprint(<value>)"),
)
SPELLINGS = (
    ("F.softmax(scores, dim=1)", "F.softmax( scores,dim = 1 )", "(F.softmax(scores, dim=1))",
     "F.softmax(\n{0}    scores,\n{0}    dim=1,\n{0})", "F.softmax(scores,  # over the classes\n{0}  dim=0x1)"),
    ("criterion(net(x), y)", "criterion(net(x),y)", "criterion(\n{0}    net(x),\n{0}    y,\n{0})",
     "(criterion)(net((x)), y)"),
    ("F.cross_entropy(net(x), y, reduction='sum')", 'F.cross_entropy(net(x), y, reduction="sum")',
     "F.cross_entropy(\n{0}    net(x),\n\n{0}    y,\n{0}    reduction='s' 'um',\n{0})"),
    ("self.criterion(self.net(x), y)", "self.criterion(\n{0}  # the input\n{0}  self.net(x), y)"),
    ("nn.Softmax(-1)(x)", "nn.Softmax(-1,)(x,)", "(\n{0}    nn\n{0}    .Softmax(-1)(x)\n{0})"),
    ("criterion(small(x), y)", "criterion(small(x,), y,)", "criterion(\n{0}    small(x), y\n{0})"),
)  # fmt: skip


@dataclass
class Block:
    """A function, or a class with its methods: lines that move together."""

    head: list[str]
    parts: list[list[str]]
    is_extra: bool = False

    def lines(self) -> list[str]:
        return [*self.head, *(line for part in self.parts for line in part)]


@dataclass
class State:
    """A project while it is edited."""

    modules: dict[str, tuple[list[str], list[Block]]]
    cells: list[tuple[str, list[str], bool]]
    """Kind, lines, and whether it was put in."""
    names: dict[str, str] = field(default_factory=dict)
    spelling: dict[int, int] = field(default_factory=dict)
    line_end: str = "\n"
    indent: int = 1
    outputs: int = 0
    count: int = 0

    def fresh(self) -> str:
        self.count += 1
        return f"extra_{self.count}"

    def blocks(self) -> list[Block]:
        return [block for _, blocks in self.modules.values() for block in blocks]

    def bodies(self) -> list[list[str]]:
        return [part for block in self.blocks() for part in block.parts]

    def render(self, lines: list[str]) -> str:
        return "\n".join(self._line(line) for line in lines)

    def _line(self, line: str) -> str:
        indent = line[: len(line) - len(line.lstrip())]
        line = re.sub(r"<(\w+)>", lambda found: self.names.get(found[1], found[1]), line)
        return re.sub(r"\$(\d)", lambda found: self._spelt(int(found[1]), indent), line)

    def _spelt(self, number: int, indent: str) -> str:
        return SPELLINGS[number][self.spelling.get(number, 0)].format(indent)

    def write(self, folder: Path) -> None:
        for name, (head, blocks) in self.modules.items():
            text = self.render([*head, *(line for block in blocks for line in ["", *block.lines()])]) + "\n"
            (folder / name).write_bytes(text.replace("\n", self.line_end).encode())
        cells = [
            {"cell_type": kind, "metadata": {}, "source": self.render(lines).splitlines(keepends=True)}
            | ({"outputs": [{"text": ["1\n"] * self.outputs}], "execution_count": number} if kind == "code" else {})
            for number, (kind, lines, _) in enumerate(self.cells)
        ]
        document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (folder / "study.ipynb").write_text(json.dumps(document, indent=self.indent))


def module(text: str) -> tuple[list[str], list[Block]]:
    """The imports of a text, and its definitions."""
    head, *definitions = re.split(r"\n\n(?=class|def)", text.rstrip())
    return head.splitlines(), [block(one) for one in definitions]


def block(text: str) -> Block:
    if text.startswith("def"):
        return Block([], [text.splitlines()])
    first, *methods = re.split(r"\n(?=    def)", text)
    return Block([first], [method.splitlines() for method in methods])


def start() -> State:
    cells = [(kind, text.splitlines(), False) for kind, text in CELLS]
    return State({"model.py": module(MODEL), "train.py": module(TRAIN)}, cells)


Edit = Callable[[State, random.Random], None]
COMMENTS = ("# softmax here, CrossEntropyLoss there", "# criterion(net(x), y)", "# größe 😀", "")


def put_in_a_comment_or_a_blank_line(state: State, chance: random.Random) -> None:
    codes = [lines for kind, lines, _ in state.cells if kind == "code"]
    lines = chance.choice([*state.bodies(), *codes])
    lines.insert(chance.randint(1, len(lines)), " " * chance.choice((0, 4, 8)) + chance.choice(COMMENTS))


def take_one_away(state: State, chance: random.Random) -> None:
    lines = chance.choice(state.bodies())
    idle = [number for number, line in enumerate(lines) if line.strip() in COMMENTS]
    if idle:
        del lines[chance.choice(idle)]


def put_in_a_definition(state: State, chance: random.Random) -> None:
    _, blocks = state.modules[chance.choice(sorted(state.modules))]
    name = state.fresh()
    text = chance.choice((
        f"def {name}(x, y):\n    return x, y",
        f"class {name}:\n    def step(self, x, y):\n        return x\n    def forward(self, x):\n        return x",
        f"def {name}(loader):\n    for batch in loader:\n        print(batch)",
    ))  # fmt: skip
    new = block(text)
    new.is_extra = True
    blocks.insert(chance.randint(0, len(blocks)), new)


def put_in_a_method(state: State, chance: random.Random) -> None:
    classes = [one for one in state.blocks() if one.head]
    parts = chance.choice(classes).parts
    parts.insert(chance.randint(0, len(parts)), [f"    def {state.fresh()}(self, x):", "        return x"])


def take_a_definition_away(state: State, chance: random.Random) -> None:
    for _, blocks in state.modules.values():
        extra = [one for one in blocks if one.is_extra]
        if extra:
            blocks.remove(chance.choice(extra))


def move_a_definition(state: State, chance: random.Random) -> None:
    _, blocks = state.modules[chance.choice(sorted(state.modules))]
    blocks.insert(chance.randint(0, len(blocks) - 1), blocks.pop(chance.randrange(len(blocks))))


def move_a_method(state: State, chance: random.Random) -> None:
    chance.shuffle(chance.choice([one for one in state.blocks() if one.head]).parts)


def rename(state: State, chance: random.Random) -> None:
    names = sorted(set(re.findall(r"<(\w+)>", MODEL + TRAIN + "".join(text for _, text in CELLS))))
    state.names[chance.choice(names)] = state.fresh()


def spell_otherwise(state: State, chance: random.Random) -> None:
    number = chance.randrange(len(SPELLINGS))
    state.spelling[number] = chance.randrange(len(SPELLINGS[number]))


def end_lines_otherwise(state: State, chance: random.Random) -> None:
    state.line_end = chance.choice(("\n", "\r\n"))


def put_in_a_cell(state: State, chance: random.Random) -> None:
    kind, text = chance.choice((("markdown", "text"), ("code", "print(1)"), ("code", "!ls"), ("code", "%%bash\nls")))
    state.cells.insert(chance.randint(0, len(state.cells)), (kind, text.splitlines(), True))


def take_a_cell_away(state: State, chance: random.Random) -> None:
    extra = [number for number, (_, _, is_extra) in enumerate(state.cells) if is_extra]
    if extra:
        del state.cells[chance.choice(extra)]


def join_two_cells(state: State, _chance: random.Random) -> None:
    for number, (one, other) in enumerate(zip(state.cells, state.cells[1:], strict=False)):
        if one[0] == other[0] == "code" and not any(line.startswith("%%") for line in one[1] + other[1]):
            state.cells[number : number + 2] = [("code", [*one[1], *other[1]], False)]
            return


def run_the_notebook(state: State, chance: random.Random) -> None:
    state.outputs, state.indent = chance.randrange(5), chance.choice((1, 2, 4))


EDITS: tuple[Edit, ...] = (
    put_in_a_comment_or_a_blank_line, take_one_away, put_in_a_definition, put_in_a_method, take_a_definition_away,
    move_a_definition, move_a_method, rename, spell_otherwise, end_lines_otherwise, put_in_a_cell, take_a_cell_away,
    join_two_cells, run_the_notebook,
)  # fmt: skip


def in_another_function(state: State) -> str:
    body = "    net = Net()\n    criterion = nn.CrossEntropyLoss()\n    return $1"
    state.modules["train.py"][1].append(block(f"def another(x, y):\n{body}"))
    return "train.py"


def twice_in_one_function(state: State) -> str:
    (fit,) = (one for one in state.blocks() if "def fit(loader):" in one.lines())
    fit.parts[0].append("        <loss> = $1")
    return "train.py"


def in_another_method(state: State) -> str:
    (trainer,) = (one for one in state.blocks() if one.head == ["class Trainer:"])
    trainer.parts.insert(1, ["    def another(self, x, y):", "        return $3"])
    return "train.py"


def in_another_file(state: State) -> str:
    head = ["from torch import nn", "from model import Net"]
    text = "def fit(x, y):\n    net = Net()\n    criterion = nn.CrossEntropyLoss()\n    return $1"
    state.modules["another.py"] = (head, [block(text)])
    return "another.py"


def in_another_cell(state: State) -> str:
    state.cells.append(("code", ["$1"], False))
    return "study.ipynb"


def with_another_activation(state: State) -> str:
    (raw,) = (one for one in state.blocks() if one.head == ["class Raw(nn.Module):"])
    for part in raw.parts:
        if "    def forward(self, x):" in part:
            part[part.index("        return self.fc(x)")] = "        return F.softmax(self.fc(x), dim=1)"
    return "train.py"


FLOWS = (
    in_another_function, twice_in_one_function, in_another_method, in_another_file, in_another_cell,
    with_another_activation,
)  # fmt: skip


def everything(folder: Path, baseline: Path | None = None) -> Report:
    report = Session().check([folder], Settings(baseline=baseline, strict=True))
    assert report.errors == ()
    return report


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project's folder, with a baseline of all its findings."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").touch()
    start().write(folder)
    report = everything(folder)
    assert [(Path(one.sink.path).name, one.code) for one in report.findings] == [
        *[("study.ipynb", "CEL001")] * 2,
        *[("train.py", "CEL001")] * 4,
    ]
    asked = {one.sink.path for one in report.findings}
    update = updated(Baseline(folder / "known.json", {}), report, asked, lambda code, path: True)
    (folder / "known.json").write_text(rendered(update.baseline))
    yield folder
    shutil.rmtree(folder)


def shows_new_flows_only(known: Path, state: State, add: Callable[[State], str]) -> None:
    (known / "another.py").unlink(missing_ok=True)
    state.write(known)
    before = everything(known, known / "known.json")
    assert before.findings == ()
    assert before.loss_calls.set_aside == 6
    assert before.notes == ("6 findings are in the baseline known.json",)
    name = add(state)
    state.write(known)
    assert [Path(one.sink.path).name for one in everything(known, known / "known.json").findings] == [name]


@pytest.mark.parametrize("add", FLOWS, ids=lambda add: add.__name__)
def test_after_a_hundred_edits(known: Path, add: Callable[[State], str]) -> None:
    chance = random.Random(add.__name__)  # noqa: S311
    state = start()
    for _ in range(100):
        chance.choice(EDITS)(state, chance)
    shows_new_flows_only(known, state, add)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    edits=st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 1 << 32)), min_size=1, max_size=100),
    add=st.sampled_from(FLOWS),
)
def test_after_any_edits(known: Path, edits: list[tuple[Edit, int]], add: Callable[[State], str]) -> None:
    state = start()
    for edit, seed in edits:
        edit(state, random.Random(seed))  # noqa: S311
    shows_new_flows_only(known, state, add)
