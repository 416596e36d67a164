"""Warm equals cold, always: what is kept between two runs never changes a report, whatever happens to a project.

The slow test tries few examples; `WARM_COLD_TIMES=20 pytest -m slow` on this file tries twenty times as many.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ce_lint.engine import keeping, memory
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.engine.keeping import Keeping
from ce_lint.engine.session import Session
from ce_lint.findings import Finding, Report
from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.sinks import Interpreter, SinkReport
from ce_lint.program import carriers
from ce_lint.program import files as program_files
from ce_lint.program.loading import Here, Lowered, Problem, Supply, Wanted
from ce_lint.store.folder import DATABASE
from ce_lint.store.opening import open_store
from ce_lint.supply import stored
from ce_lint.supply.keys import content_key

TIMES = int(os.environ.get("WARM_COLD_TIMES", "1"))
EVERYTHING = Settings(strict=True, show_unresolved=True)

_Thing = TypeVar("_Thing")
Chance: TypeAlias = Callable[[int], int]
"""A number below another."""

MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        x = self.fc(x)
        return F.softmax(x, dim=1)
"""
TRAINER = """\
class Trainer:
    def __init__(self, model, criterion):
        self.model = model
        self.criterion = criterion

    def step(self, x, y):
        out = self.model(x)
        return self.criterion(out, y)
"""
TRAIN = """\
from torch import nn
from nets.model import Net
from trainer import Trainer

trainer = Trainer(Net(), nn.CrossEntropyLoss())
trainer.step(x, y)
"""
OTHER = """\
from torch import nn
from nets.model import Net
from vendored.helper import scores


def train(net, criterion):
    for x, y in net.loader:
        loss = criterion(net(x), y)
        loss = criterion(scores(x), y)


train(Net(), nn.CrossEntropyLoss())
"""
HELPER = "import torch.nn.functional as F\n\n\ndef scores(x):\n    return F.softmax(x, dim=1)\n"
RIGHT = "from torch import nn\n\nnet = nn.Linear(20, 10)\nloss = nn.CrossEntropyLoss()(net(x), y)\n"
NESTED = MODEL.replace("Net", "Inner") + "\n\nloss = nn.CrossEntropyLoss()(Inner()(x), y)\n"
PLAIN = "def words(text):\n    return text.split()\n"
HEAD = "import torch.nn as nn\n\n\nclass Head(nn.Module):\n    pass\n\n\nhead = Head()\nhead.act = nn.Softmax(dim=1)\n"


def notebook(*cells: str) -> str:
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.splitlines(keepends=True)} for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


FILES = {
    "nets/model.py": MODEL,
    "nets/__init__.py": "",
    "trainer.py": TRAINER,
    "train.py": TRAIN,
    "other.py": OTHER,
    "right.py": RIGHT,
    "vendored/helper.py": HELPER,
    "deep/down/inner/run.py": NESTED,
    "deep/down/inner/pyproject.toml": "",
    "text/words.py": PLAIN,
    "text/head.py": HEAD,
    "notes/run.ipynb": notebook(
        "import torch\nfrom nets.model import Net\n",
        "%matplotlib inline\nnet = Net()\n",
        "loss = torch.nn.functional.cross_entropy(net(x), y)\n",
    ),
}
EXCLUDED = '[tool.ce-lint]\nexclude = ["vendored"]\nextend-select = ["CEL"]\n'
CONFIGURATIONS = (
    EXCLUDED,
    "",
    '[tool.ce-lint]\nexclude = ["nets", "text"]\nextend-select = ["CEL9"]\n',
    '[tool.ce-lint]\nselect = ["CEL9"]\n[tool.ce-lint.per-file-ignores]\n"train*" = ["CEL001"]\n',
    '[tool.ce-lint]\nsrc = ["deep/down", "copies"]\nselect = ["CEL"]\n',
    EXCLUDED + '[[tool.ce-lint.knowledge]]\nlibrary = "mine"\n'
    'losses = [{ name = "trainer.Trainer", form = "class", family = "cross-entropy" }]\n',
)  # fmt: skip
LINES = (
    "x = F.softmax(x, dim=1)", "return x", "loss = criterion(net(x), y)", "loss = F.cross_entropy(x, y)",
    "self.criterion = nn.NLLLoss()", "net.fc = nn.Softmax(dim=1)", "self.model = model", "pass", "raise SystemExit",
    "x = 1  # noqa: CEL001",
    "# ce-lint: ignore[CEL001] why", "# ce-lint: ignore-file", "# noqa", "# flake8: noqa", "from nets.model import *",
    "# Net net criterion model Trainer trainer head softmax", "# net.fc = 3", "# '''", "train(net, criterion)",
    "class Net(nn.Module):", "from .model import Net", "from vendored.helper import scores", "import text.head", "(",
    "# ce-lint: ignore[CEL901] it is known", "global net", "head = Net()",
)  # fmt: skip
ENDS = (
    "\n# seen\n", "\n\ndef added(x):\n    return x\n", "\nx = 1  # ce-lint: ignore[CEL001] for nothing\n",
    "\n# a comment on Net, net, criterion, loss and Trainer\n", "\nname = (\n", "\n\n\n", "\nx = 1.0\n", "\nx = True\n",
    "\n\ndef put(x):\n    global net\n    net = x\n", "\n\ndef more(x):\n    return Net()(x)\n",
    "\n\ndef scores(x):\n    return x\n", "\n\nclass Trainer:\n    pass\n",
    "\n\ndef run(trainer):\n    trainer.step(x, y)\n",
    "\n\n@added\ndef other(criterion=None):\n    criterion(1, 2)\n", "\n\ndef fill(net):\n    net.fc = None\n",
)  # fmt: skip
SWAPS = (
    (b"F.softmax(x, dim=1)", b"x"),
    (b"return x", b"return F.softmax(x, dim=1)"),
    (b"softmax", b"log_softmax"),
    (b"  # noqa: CEL001", b""),
    (b"criterion(net(x), y)", b"criterion(net(x), y)  # noqa"),
    (b"  # noqa", b""),
    (b"(net(x), y)", b"(\n    net(x), y)"),
    (b"Net", b"Network"),
    (b"Network", b"Net"),
    (b"CrossEntropyLoss", b"NLLLoss"),
    (b"= (\n", b"= 0\n"),
    (b"\n(\n", b"\n"),
    (b"class ", b"\nclass "),
    (b"dim=1", b"dim = 1"),
    (b'"import torch', b'"\\u0069mport torch'),
)
NAMES = ("model.py", "train.py", "helper.py", "trainer.py", "new.py", "__init__.py", "head.py", "run.ipynb")
FOLDERS = (".", "nets", "vendored", "deep", "deep/down", "deep/down/inner", "text", "notes", "copies")
BAD = (
    b"\xff\xfe\x00softmax loss",
    b"# coding: no-such\nloss = softmax\n",
    b"",
    b"\x00",
    b"# coding: latin-1\nx = '\xe9'\n",
)
WORD = re.compile(rb"[A-Za-z_]\w*")


class Person:
    """Somebody who works on a project, at random."""

    def __init__(self, root: Path, chance: Chance) -> None:
        self.root = root
        self.folder = Path()
        """The current one, from the root."""
        self._chance = chance
        self._before: list[tuple[Path, bytes]] = []

    def act(self) -> str:
        """Do one thing; say what it was."""
        paths = (*self.root.rglob("*.py"), *self.root.rglob("*.ipynb"))
        files = sorted(path for path in paths if path.is_file() and not path.is_symlink())
        path = self._one_of(tuple(files)) if files else self.root / "new.py"
        changes = (self.append, self.append, self.insert, self.swap, self.swap, self.mention, self.undo, self.spoil)
        moves = (self.move, self.delete, self.move_folder, self.delete_folder, self.copy, self.link, self.loop)
        act = self._one_of((*changes, *changes, *moves, self.configure, self.nest, self.package, self.go))
        return f"{act.__name__} {path.relative_to(self.root)} {act(path) or ''}"

    def append(self, path: Path) -> str:
        end = self._one_of(ENDS)
        self._write(path, path.read_bytes() + end.encode() if path.exists() else b"")
        return repr(end)

    def insert(self, path: Path) -> str:
        lines = (path.read_bytes() if path.exists() else b"").split(b"\n")
        number, new = self._chance(len(lines)), self._one_of(LINES).encode()
        blank = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        if path.suffix == ".ipynb" and number and b'"source": [' in lines[number - 1]:
            new = json.dumps(new.decode() + "\n").encode() + b","
        self._write(path, b"\n".join([*lines[:number], blank + new, *lines[number:]]))
        return f"{number} {new!r}"

    def swap(self, path: Path) -> str:
        data = path.read_bytes() if path.exists() else b""
        possible = tuple((old, new) for old, new in SWAPS if old in data)
        if not possible:
            return ""
        old, new = self._one_of(possible)
        self._write(path, data.replace(old, new, 1))
        return f"{old!r} {new!r}"

    def mention(self, path: Path) -> str:
        """Take a word out of a file, or write one into a comment of another."""
        data = path.read_bytes() if path.exists() else b""
        words = sorted(set(WORD.findall(data))) or [b"x"]
        word = self._one_of(tuple(words))
        if self._chance(2):
            self._write(path, re.sub(rb"\b%b\b" % word, b"renamed", data))
            return f"without {word!r}"
        others = sorted(self.root.rglob("*.py"))
        other = self._one_of(tuple(one for one in others if one.is_file()) or (path,))
        self._write(other, (other.read_bytes() if other.exists() else b"") + b"\n# %b\n" % word)
        return f"{word!r} in {other.relative_to(self.root)}"

    def undo(self, _: Path) -> None:
        if self._before:
            path, data = self._before.pop()
            if path.parent.is_dir():
                path.unlink(missing_ok=True)
                path.write_bytes(data)

    def spoil(self, path: Path) -> str:
        data = self._one_of(BAD)
        self._write(path, data)
        return repr(data)

    def move(self, path: Path) -> str:
        to = self.root / self._one_of(FOLDERS) / self._one_of(NAMES)
        if path.exists() and not os.path.lexists(to):
            to.parent.mkdir(parents=True, exist_ok=True)
            path.rename(to)
        return str(to)

    def copy(self, path: Path) -> str:
        """Put a file where it may be imported in place of another."""
        to = self.root / self._one_of(FOLDERS) / path.parent.name / self._one_of(NAMES)
        if path.exists() and not os.path.lexists(to):
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
        return str(to)

    def delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def move_folder(self, path: Path) -> None:
        to = self.root / self._one_of(("away", "copies", "nets", "vendored"))
        if path.parent != self.root and not os.path.lexists(to) and path.parent.is_dir():
            path.parent.rename(to)

    def delete_folder(self, path: Path) -> None:
        if path.parent != self.root:
            shutil.rmtree(path.parent, ignore_errors=True)

    def link(self, path: Path) -> str:
        """Put a link to a file, or to its folder, where it may be imported."""
        to = self.root / self._one_of(FOLDERS) / self._one_of((*NAMES, "nets", "vendored", "linked"))
        target = path if to.suffix else path.parent
        if to.is_symlink():
            to.unlink()
        if to.parent.is_dir() and not os.path.lexists(to) and target.exists():
            to.symlink_to(target)
        return f"{to} {target}"

    def loop(self, path: Path) -> None:
        """Make a file one that cannot be read: a link that leads nowhere, or to itself."""
        if path.exists():
            path.unlink()
            path.symlink_to(path if self._chance(2) else "nowhere.py")

    def configure(self, _: Path) -> str:
        text = self._one_of(CONFIGURATIONS)
        (self.root / "pyproject.toml").write_text(text)
        return repr(text)

    def nest(self, path: Path) -> None:
        folder = self._one_of((path.parent, path.parent.parent))
        if folder != self.root and folder.is_relative_to(self.root):
            self._put(folder / "pyproject.toml", CONFIGURATIONS)

    def package(self, path: Path) -> None:
        self._put(path.parent / "__init__.py", ("", "from .model import *\n", "from .model import Net\n"))

    def go(self, path: Path) -> str:
        """Go to another folder."""
        folders = tuple(one for one in (Path(), path.parent.relative_to(self.root)) if (self.root / one).is_dir())
        self.folder = self._one_of(folders)
        return str(self.folder)

    def asked(self) -> tuple[list[Path], Settings]:
        """What is asked for: most often, all of it."""
        paths = sorted(path for path in self.root.rglob("*") if path.suffix in ("", ".py", ".ipynb") and path.exists())
        chosen = [self.root] if self._chance(4) or not paths else [self._one_of(tuple(paths))]
        return chosen, self._one_of((
            EVERYTHING,
            Settings(strict=True, select=("CEL",)),
            Settings(strict=True, select=("CEL902",), respect_noqa=False),
            Settings(strict=True, root=self.root, exclude=("text",)),
        ))  # fmt: skip

    def _put(self, path: Path, texts: tuple[str, ...]) -> None:
        """Make a file, or delete it where there is one."""
        if os.path.lexists(path):
            path.unlink()
        elif path.parent.is_dir():
            path.write_text(self._one_of(texts))

    def _write(self, path: Path, data: bytes) -> None:
        if path.is_file():
            self._before.append((path, path.read_bytes()))
            path.write_bytes(data)

    def _one_of(self, things: tuple[_Thing, ...]) -> _Thing:
        return things[self._chance(len(things))]


def checked(paths: list[Path], asked: Settings = EVERYTHING, folder: Path | None = None) -> Report | str:
    """What a new process tells: with a folder, from what is kept there."""
    kept = Keeping() if folder is None else Keeping(lambda _: folder)
    with closing(Session(kept)) as session:
        try:
            report = session.check(paths, asked)
        except UsageError as error:
            return str(error)
    return told(report)


def told(report: Report) -> Report:
    """A report without what is not told, and not kept: how a finding is repeated in torch."""
    findings = tuple([msgspec.structs.replace(finding, recipe=None) for finding in report.findings])
    return msgspec.structs.replace(report, findings=findings)


def make_project(root: Path) -> Path:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "pyproject.toml").write_text(EXCLUDED)
    return root


def assert_warm_is_cold(top: Path, chance: Chance, acts: int, patch: pytest.MonkeyPatch) -> None:
    root, folder = make_project(top / "project"), top / "kept"
    patch.setattr(keeping, "KEEP_FROM", 0)
    if chance(3):
        patch.setattr(stored, "TOO_SMALL", 0)
    if chance(2):  # as in a project of thousands of files
        patch.setattr(program_files, "MAX_FILES", 2)
        patch.setattr(program_files, "MAX_MENTIONS", chance(4))
    person, done = Person(root, chance), list[str]()
    patch.chdir(root)
    whole = Settings(strict=True, select=("CEL",))
    assert checked([root], whole, folder) == checked([root], whole)
    for _ in range(acts):
        done += [person.act() for _ in range(1 + chance(2))]
        patch.chdir(root / person.folder if (root / person.folder).is_dir() else root)
        for paths, asked in (([root], whole), person.asked()):
            assert checked(paths, asked, folder) == checked(paths, asked), "\n".join([*done, str((paths, asked))])


def chance_of(data: st.DataObject) -> Chance:
    return lambda below: data.draw(st.integers(0, below - 1)) if below > 1 else 0


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_in_a_small_project(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert_warm_is_cold(tmp_path_factory.mktemp("small"), chance_of(data), 3, patch)


@pytest.mark.slow
@settings(max_examples=25 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_in_a_small_project_for_long(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert_warm_is_cold(tmp_path_factory.mktemp("long"), chance_of(data), 12, patch)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is kept, however small it is; the current folder."""
    monkeypatch.setattr(keeping, "KEEP_FROM", 0)
    monkeypatch.setattr(stored, "TOO_SMALL", 0)
    monkeypatch.chdir(make_project(tmp_path / "project"))
    return tmp_path / "project"


class Work:
    """What a run had to do: the files that were lowered, and those whose loss calls were followed."""

    def __init__(self) -> None:
        self._here = Here()
        self.lowered_files: list[str] = []
        self.followed: set[str] = set()

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        for one in wanted:
            self.lowered_files.append(one[0].name)
            yield from self._here.lowered((one,))


Again = Callable[[], tuple[list[str], set[str]]]


@pytest.fixture
def again(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Again:
    """Check the project as a new process does; return what was lowered, and in which files loss calls were followed."""
    real = Interpreter.report

    def check() -> tuple[list[str], set[str]]:
        work = Work()

        def report(interpreter: Interpreter, candidate: Candidate) -> SinkReport:
            found = real(interpreter, candidate)
            work.followed |= {candidate.function.path.name} if found.is_loss else set()
            return found

        monkeypatch.setattr(Interpreter, "report", report)
        with closing(Session(Keeping(lambda _: tmp_path / "kept", lowering=work))) as session:
            warm = session.check([project], EVERYTHING)
        monkeypatch.setattr(Interpreter, "report", real)
        assert told(warm) == checked([project])
        return sorted(work.lowered_files), work.followed

    return check


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


NOTHING: tuple[list[str], set[str]] = ([], set())
SINKS = {"trainer.py", "other.py", "right.py", "run.py", "run.ipynb"}


def test_without_a_change_nothing_is_done_again(again: Again) -> None:
    lowered, followed = again()
    assert (followed, set(lowered) > SINKS) == (SINKS, True)
    assert again() == NOTHING


def test_an_unrelated_file_changes_nothing(again: Again, project: Path) -> None:
    again()
    append(project / "text" / "words.py", "\n\ndef lines(text):\n    return text.splitlines()\n")
    assert [again(), again()] == [NOTHING, NOTHING]


@pytest.mark.parametrize("text", [None, b"of another program", zlib.compress(b"x = 1\n")])
def test_where_the_text_of_before_is_lost_all_is_followed_again(
    again: Again, project: Path, tmp_path: Path, text: bytes | None
) -> None:
    again()
    right = project / "right.py"
    key = content_key(right, right.read_bytes())
    with closing(sqlite3.connect(tmp_path / "kept" / DATABASE)) as database, database:
        assert database.execute("DELETE FROM entry WHERE kind = 'text'").rowcount > len(SINKS)
    if text is not None:
        with closing(open_store(tmp_path / "kept", keeping.version())) as store:
            store.put_many("text", {key: text})

    append(right, "\n# A comment.\n")
    assert again()[1] == SINKS
    append(right, "\n# Another one.\n")
    assert again() == (["right.py"], set())


def test_where_many_names_are_followed_it_counts_how_often_they_are_mentioned(
    again: Again, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carriers, "MAX_NAMES", 1)
    again()
    append(project / "right.py", "\n# A comment.\n")
    assert again()[1] == set()
    append(project / "right.py", "\n# Another one on criterion.\n")
    assert again()[1] == SINKS


def test_in_a_large_project_it_counts_which_far_words_are_mentioned(
    again: Again, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_files, "MAX_FILES", 2)
    again()
    for folder in (project, project / "nets", project / "text"):
        for path in folder.glob("*.py"):
            append(path, "\n# A comment.\n")
            assert again()[1] == set(), path
    append(project / "text" / "words.py", "\n# A comment on Trainer.\n")
    assert again()[1] == SINKS


def test_a_file_whose_name_is_no_text(project: Path, tmp_path: Path) -> None:
    name = os.fsencode(project / "text") + b"/\xff.py"
    try:
        Path(os.fsdecode(name)).write_text("from right import loss\n")
    except OSError:
        pytest.skip("there can be no such file")
    assert checked([project], EVERYTHING, tmp_path / "kept") == checked([project])


def test_of_a_comment_its_file_is_read_again(again: Again, project: Path) -> None:
    again()
    for _ in range(2):
        append(project / "right.py", "\n# A comment on Net and criterion.\n")
        assert [again(), again()] == [(["right.py"], set()), NOTHING]


def test_a_comment_moves_the_findings_below_it(again: Again, project: Path) -> None:
    again()
    other = project / "other.py"
    before = {one.argument.line for one in findings_in(other)}
    other.write_text("# one line more\n" + other.read_text())
    assert [again(), again()] == [(["other.py"], set()), NOTHING]
    assert {one.argument.line for one in findings_in(other)} == {line + 1 for line in before}


HARMLESS = "\n\ndef added(x):\n    return x + 1\n"


@pytest.mark.parametrize("name", ["nets/model.py", "trainer.py", "other.py", "train.py", "right.py"])
def test_a_function_that_nobody_knows_changes_nothing(again: Again, project: Path, name: str) -> None:
    again()
    append(project / name, HARMLESS)
    assert [again(), again()] == [([Path(name).name], set()), NOTHING]


@pytest.mark.parametrize(
    "added",
    [
        "\n\ndef Net():\n    return 1\n",
        "\n\ndef added(trainer):\n    trainer.step(1, 2)\n",
        "\n\ndef added(criterion):\n    return criterion(1)\n",
        "\n\ndef added():\n    global Net\n",
        "\n\ndef added(x):\n    x.fc = 1\n",
        "\n\ndef added(x):\n    Net['a'] = x\n",
        "\n\ndef added(x):\n    return words(x)\n\n\nadded(1)\n",
        "\n\nclass Added(nn.CrossEntropyLoss):\n    pass\n",
        "\n\ndef mentioned():\n    return 1\n",
        "\n\nadded = 1\n",
    ],
)
def test_one_that_may_be_looked_for_has_all_followed_again(again: Again, project: Path, added: str) -> None:
    append(project / "text" / "words.py", "\n# mentioned\n")
    again()
    append(project / "nets" / "model.py", added)
    assert again()[1] == SINKS


SUPPRESSIONS = ("# noqa: CEL001", "# noqa", "# noqa: C", "# ce-lint: ignore[CEL001] why")


@pytest.mark.parametrize("comment", SUPPRESSIONS)
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("other.py", "loss = criterion(net(x), y)"),
        ("nets/model.py", "return F.softmax(x, dim=1)"),
        ("trainer.py", "return self.criterion(out, y)"),
    ],
)
def test_comments_that_come_and_go(again: Again, project: Path, name: str, line: str, comment: str) -> None:
    path = project / name
    before = path.read_text()
    assert line in before
    again()
    for text in (before.replace(line, f"{line}  {comment}"), before, f"# flake8: noqa\n{before}", before):
        path.write_text(text)
        again()


def test_a_comment_above_a_list(again: Again, project: Path) -> None:
    text = "import torch.nn.functional as F\n\n[F.cross_entropy(F.softmax(x[0], dim=1), y[0]) for x, y in data]\n"
    (project / "one.py").write_text(text.replace("\n[", "\n# ce-lint: ignore\n["))
    again()
    (project / "one.py").write_text(text)
    assert len(again()[1]) == len(SINKS) + 1


def test_a_label_of_two_ends_on_one_line(again: Again, project: Path) -> None:
    one = "import torch.nn.functional as F\n\nloss = F.cross_entropy(F.softmax(x, dim=1), y)\n"
    (project / "one.py").write_text(one)
    again()
    (project / "one.py").write_text(one.replace("(F.softmax(x, dim=1), y)", "(\n    F.softmax(x, dim=1), y\n)"))
    again()


def test_other_encodings_than_that_of_python(again: Again, project: Path) -> None:
    path = project / "other.py"
    path.write_bytes(b"# coding: latin-1\n" + path.read_bytes())
    again()
    path.write_bytes(path.read_bytes() + "\n\ndef more():\n    'Größe'\n".encode("latin-1"))
    again()


def test_a_star_import_in_a_file_that_was_only_looked_at(again: Again, project: Path) -> None:
    for name, text in (
        ("helping.py", "from first import *\nfrom second import *\n"),
        ("first.py", "x = 1\n"),
        ("second.py", "y = 1\n"),
        ("third.py", "import torch\n\n\ndef act(x):\n    return torch.softmax(x, dim=1)\n"),
        ("fourth.py", "from torch import nn\nfrom helping import act\n\nnn.CrossEntropyLoss()(act(x), y)\n"),
    ):
        (project / name).write_text(text)
    again()
    append(project / "second.py", "from third import *\n")
    again()
    assert findings_in(project / "fourth.py")


def test_a_broken_file_is_mended_where_nobody_looked(
    again: Again, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_files, "MAX_FILES", 1)
    text = "from handed import given\n\nkept = given\n\n\ndef idle():\n    return 1 {}\n"
    (project / "handed.py").write_text("from torch import nn\n\ngiven = nn.CrossEntropyLoss()\n")
    (project / "between.py").write_text(text.format("1"))
    (project / "use.py").write_text("import torch\nfrom between import kept\n\nkept(torch.softmax(x, dim=1), y)\n")
    again()
    (project / "between.py").write_text(text.format(""))
    again()
    assert findings_in(project / "use.py")


@pytest.mark.parametrize(
    "end",
    ["raise NotImplementedError", "with x:\n    return", "if x:\n    import sys\n    sys.exit()\nelse:\n    quit()"],
)
def test_what_stands_behind_the_end_of_a_module(again: Again, project: Path, end: str) -> None:
    text = "from handed import given\n\n\ndef one(): pass\n\n\n{}\n\n\ndef two(): pass\n\n\ndef made(): return given\n"
    (project / "handed.py").write_text("from torch import nn\n\ngiven = nn.CrossEntropyLoss()\n")
    (project / "between.py").write_text(text.format(end))
    (project / "use.py").write_text("import torch\nfrom between import made\n\nmade()(torch.softmax(x, dim=1), y)\n")
    again()
    (project / "between.py").write_text(text.format("pass"))
    again()
    assert findings_in(project / "use.py")
    (project / "between.py").write_text(text.format(end))
    again()


def test_what_a_module_calls_its_bases(again: Again, project: Path) -> None:
    text = "import base\n\nX = {}\n\n\ndef one(): pass\n\n\nY = X\n\n\ndef two(): pass\n\n\nclass Net(Y): pass\n"
    (project / "base.py").write_text(
        "class Base:\n    def __init__(self, loss_fn):\n        self.loss_fn = loss_fn\n\n"
        "    def step(self, x, y):\n        return self.loss_fn(x.softmax(-1), y)\n"
    )
    (project / "between.py").write_text(text.format("made()"))
    (project / "use.py").write_text(
        "from torch import nn\nfrom between import Net\n\nNet(nn.CrossEntropyLoss()).step(x, y)\n"
    )
    again()
    (project / "between.py").write_text(text.format("base.Base"))
    again()
    assert findings_in(project / "base.py")


def test_names_outside_ascii(again: Again, project: Path) -> None:
    (project / "helping.py").write_text("from use import run\n\n\ndef show(x, y):\n    assert критерий\n")
    (project / "use.py").write_text(
        "import torch\nfrom torch import nn\nimport helping\n\nкритерий = nn.CrossEntropyLoss()\n"
        "helping.критерий = критерий\n\n\ndef run(c, x, y):\n    return c(torch.softmax(x, dim=1), y)\n"
    )
    again()
    (project / "helping.py").write_text(
        "from use import run\nfrom use import критерий\n\n\ndef show(x, y):\n    return run(критерий, x, y)\n"
    )
    again()


def test_a_name_that_only_a_file_outside_the_project_mentions(again: Again, project: Path) -> None:
    (project / "vendored" / "out.py").write_text("from acts import sharpened as shown\n")
    (project / "acts.py").write_text("import torch\n\n\ndef other(x):\n    return x\n")
    (project / "use.py").write_text(
        "from torch import nn\nimport acts\nfrom vendored.out import shown\n\n"
        "nn.CrossEntropyLoss()(acts.other(shown(x)), y)\n"
    )
    again()
    append(project / "acts.py", "\n\ndef sharpened(x):\n    return torch.softmax(x, dim=1)\n")
    again()
    assert findings_in(project / "use.py")


@pytest.mark.parametrize(("before", "after"), [('f"a{x}"', 'f"b{x}"'), ("b'a'", "b'c'"), ('f"a  {x}"', 'f"a {x}"')])
def test_what_a_finding_is_recognised_by(again: Again, project: Path, before: str, after: str) -> None:
    text = f"import torch\nfrom torch import nn\n\nnn.CrossEntropyLoss()(torch.softmax(x, dim={before}), y)\n"
    (project / "one.py").write_text(text)
    again()
    (project / "one.py").write_text(text.replace(before, after))
    again()


def test_blank_lines_in_a_string(again: Again, project: Path) -> None:
    text = 'import torch\nfrom torch import nn\n\nD = {"a\\nb": torch.softmax}\n' + (
        'nn.CrossEntropyLoss()(D["""a\n\nb"""](x, dim=1), y)\n'
    )
    (project / "one.py").write_text(text)
    again()
    (project / "one.py").write_text(text.replace("a\n\nb", "a\nb"))
    again()
    assert findings_in(project / "one.py")


def test_a_function_above_a_finding_has_all_followed_again(again: Again, project: Path) -> None:
    """The nodes behind it have other numbers."""
    again()
    other = project / "other.py"
    other.write_text(other.read_text().replace("def train", HARMLESS.lstrip() + "\n\ndef train"))
    assert again()[1] == SINKS


def test_a_changed_model_is_followed_to_its_losses(again: Again, project: Path) -> None:
    again()
    model = project / "nets" / "model.py"
    model.write_text(model.read_text().replace("F.softmax(x, dim=1)", "x"))
    assert [again(), again()] == [(["model.py"], SINKS), NOTHING]
    assert not findings_in(project / "trainer.py")


def test_what_is_undone_is_known_still(again: Again, project: Path) -> None:
    again()
    model = project / "nets" / "model.py"
    before = model.read_text()
    model.write_text(before.replace("F.softmax(x, dim=1)", "x"))
    again()
    model.write_text(before)
    assert again() == ([], SINKS)


def test_of_an_imported_file_outside_the_project_a_change_is_seen(again: Again, project: Path) -> None:
    again()
    helper = project / "vendored" / "helper.py"
    helper.write_text(helper.read_text().replace("F.softmax(x, dim=1)", "x"))
    assert [again(), again()] == [(["helper.py"], SINKS), NOTHING]


def findings_in(path: Path) -> list[Finding]:
    report = checked([path])
    assert isinstance(report, Report)
    return list(report.findings)


@pytest.fixture
def warm_is_cold(project: Path, tmp_path: Path) -> Callable[..., Report]:
    """Check the project twice, with what is kept, and without; return what both tell."""

    def check(asked: Settings = Settings(strict=True, select=("CEL",))) -> Report:  # noqa: B008
        warm, cold = checked([project], asked, tmp_path / "kept"), checked([project], asked)
        assert isinstance(warm, Report)
        assert warm == cold
        return warm

    return check


Check = Callable[..., Report]


@pytest.mark.parametrize("comment", ["# noqa: CEL901", "# noqa"])
@pytest.mark.parametrize("name", ["open.py", "open.ipynb"])
def test_a_comment_that_took_an_undecided_call_back_is_gone(
    project: Path, warm_is_cold: Check, name: str, comment: str
) -> None:
    def write(end: str) -> None:
        text = f"import torch.nn.functional as F\n\n\ndef step(x, y):\n    return F.cross_entropy(x, y){end}\n"
        (project / "text" / name).write_text(notebook(text) if name.endswith(".ipynb") else text)

    def undecided() -> int:
        return sum(one.code == "CEL901" and one.sink.path.endswith(name) for one in warm_is_cold().findings)

    write(f"  {comment}")
    assert undecided() == 0
    write("")
    assert undecided() == 1


def test_an_empty_file_that_cannot_be_read_any_more(project: Path, warm_is_cold: Check) -> None:
    empty = project / "nets" / "__init__.py"
    assert not warm_is_cold().errors
    empty.unlink()
    empty.symlink_to("nowhere.py")
    link = project / "text" / "empty.py"
    link.touch()
    warm_is_cold()
    link.unlink()
    link.mkdir()
    warm_is_cold()


def test_a_file_that_vanishes_is_not_taken_for_an_empty_one(
    project: Path, warm_is_cold: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = project / "text" / "empty.py"
    empty.touch()
    assert not warm_is_cold().errors
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path == empty:
            raise FileNotFoundError(errno.ENOENT, "gone")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert [one.message for one in warm_is_cold().errors] == ["cannot be read: no such file or directory"]


def test_a_new_project_around_a_folder_changes_its_fingerprints(project: Path, warm_is_cold: Check) -> None:
    (project / "deep" / "down" / "inner" / "pyproject.toml").unlink()
    before = {one.fingerprint for one in warm_is_cold().findings}
    (project / "deep" / "down" / "setup.cfg").touch()
    assert {one.fingerprint for one in warm_is_cold().findings} != before


def test_a_word_that_stood_in_too_many_files_makes_them_near(
    project: Path, warm_is_cold: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in project.glob("*/"):
        shutil.rmtree(folder)
    for name, text in {
        "train.py": "",
        "other.py": "",
        "right.py": "",
        "trainer.py": "",
        "low/step.py": "def step(model, criterion, x, y):\n    return criterion(model(x), y)\n",
        "high/run.py": "from torch import nn\nfrom low.step import step\n\n"
        "step(nn.Sequential(nn.Linear(2, 3), nn.Softmax(1)), nn.CrossEntropyLoss(), a, b)\n",
        "notes/one.py": "step = 1\n",
        "notes/two.py": "step = 2\n",
    }.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    monkeypatch.setattr(program_files, "MAX_FILES", 1)
    monkeypatch.setattr(program_files, "MAX_MENTIONS", 2)
    found = []
    for name in ("one.py", "two.py"):
        found.append(len([one for one in warm_is_cold().findings if one.code == "CEL001"]))
        (project / "notes" / name).write_text("size = 1\n")
    found.append(len([one for one in warm_is_cold().findings if one.code == "CEL001"]))
    assert found == [0, 0, 1]


def test_a_comment_that_the_json_spells_in_other_bytes(project: Path, warm_is_cold: Check) -> None:
    path = project / "notes" / "words.ipynb"
    cells = notebook("from torch import nn\n", "net = nn.Linear(2, 3)\n", "nn.CrossEntropyLoss()(net(x), y)  # why\n")
    path.write_text(cells)
    before = len(warm_is_cold().findings)
    path.write_text(cells.replace("# why", "# \\u0063e-lint: ignore[CEL001] why"))
    assert len(warm_is_cold().findings) == before + 1


def test_settings_and_folders_do_not_mix(project: Path, warm_is_cold: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many, strict = Settings(select=("CEL9",)), Settings(select=("CEL",)), Settings(select=("CEL",), strict=True)
    reports = []
    for folder in (project, project / "nets", project):
        monkeypatch.chdir(folder)
        reports.append([warm_is_cold(asked) for asked in (few, many, strict)])
    assert reports[0] == reports[2] != reports[1]
    assert reports[0][0] != reports[0][1] == reports[0][2]


def test_versions_do_not_mix(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version kept is not looked at, whatever it holds."""

    def found(version: bytes, lowering: Supply | None) -> int:
        monkeypatch.setattr(keeping, "version", lambda: version)
        with closing(Session(Keeping(lambda _: tmp_path / "kept", lowering=lowering))) as session:
            return len(session.check([project], Settings()).findings)

    class Nothing:
        def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
            for path, _, _ in wanted:
                yield from Here().lowered([(path, b"", None)])

    right = found(b"one", None)
    assert right
    assert [found(b"two", Nothing()), found(b"one", Nothing()), found(b"two", None)] == [0, right, 0]


def test_the_version_is_that_of_every_file_that_has_a_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = Path(keeping.__file__).parents[1]
    shutil.copytree(package, tmp_path / "ce_lint", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(keeping, "_PACKAGE", tmp_path / "ce_lint")
    version = keeping.version.__wrapped__
    known = [version()]
    assert known == [keeping.version()]
    for name in ("findings.py", "engine/kept.py", "frontend/lowering.py", "interpreter/machine.py", "rules/base.py"):
        append(tmp_path / "ce_lint" / name, "#")
        known.append(version())
    assert len(set(known)) == 6


class Late:
    """A machine on which one file takes too long, at times."""

    def __init__(self, name: str) -> None:
        self.name = name

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        for one in wanted:
            if one[0].name == self.name:
                yield Lowered(None, (Problem(None, "cannot be analysed: takes too long"),), may_pass=True)
            else:
                yield from Here().lowered((one,))


def test_what_took_too_long_is_tried_again(project: Path, tmp_path: Path) -> None:
    def check(lowering: Supply | None) -> Report:
        with closing(Session(Keeping(lambda _: tmp_path / "kept", lowering=lowering))) as session:
            return session.check([project], EVERYTHING)

    late = check(Late("model.py"))
    assert [error.message for error in late.errors] == ["cannot be analysed: takes too long"]
    assert check(Late("")) == Session().check([project], EVERYTHING)


@pytest.mark.parametrize("kind", [memory.KIND, stored.KIND])
@pytest.mark.parametrize("value", [b"", b"\x00", b"\x93\xc0\xc0", b"\xff" * 50])
def test_what_cannot_be_read_is_found_anew(
    project: Path, tmp_path: Path, warm_is_cold: Check, monkeypatch: pytest.MonkeyPatch, kind: str, value: bytes
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(memory, "_encode", lambda _: value) if kind == memory.KIND else None
        patch.setattr(stored, "encoded", lambda _: value) if kind == stored.KIND else None
        warm_is_cold()
    append(project / "right.py", "# more\n")
    warm_is_cold()


def test_a_failure_at_a_loss_call_is_told_each_time(
    project: Path, warm_is_cold: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Interpreter.report

    def report(interpreter: Interpreter, candidate: Candidate) -> SinkReport:
        if candidate.function.path.name == "right.py":
            raise KeyError("why")
        return real(interpreter, candidate)

    monkeypatch.setattr(Interpreter, "report", report)
    asked = Settings(select=("CEL",))
    first, second = warm_is_cold(asked), warm_is_cold(asked)
    assert (first == second, len(first.errors) > 0) == (True, True)
    append(project / "right.py", "# more\n")
    warm_is_cold(asked)
