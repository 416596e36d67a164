"""Warm equals cold, always: whatever happens to a project, an editor's report is that of a fresh check.

The slow tests try few examples; `WARM_COLD_TIMES=20 pytest -m slow` on this file tries twenty times as many.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ce_lint.engine import inquiry
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.engine.workspace import Cancelled, Workspace
from ce_lint.fixes.plan import Planner
from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.program import files as program_files
from ce_lint.source.file import SourceFile

TIMES = int(os.environ.get("WARM_COLD_TIMES", "1"))
PROGRAMS = Path(__file__).parents[2] / "fixtures" / "programs"

_Thing = TypeVar("_Thing")

Chance: TypeAlias = Callable[[int], int]
"""A number below another."""

CONFIGURATIONS = (
    '[tool.ce-lint]\nextend-select = ["CEL"]\n',
    "",
    '[tool.ce-lint]\nexclude = ["utils*"]\n',
    '[tool.ce-lint]\nextend-select = ["CEL9"]\n[tool.ce-lint.per-file-ignores]\n"train*" = ["CEL001"]\n',
)
LINES = (
    "x = F.softmax(x, dim=1)", "return F.softmax(x, dim=1)", "return x", "loss = criterion(net(x), y)",
    "loss = F.cross_entropy(x, y)", "criterion = nn.CrossEntropyLoss()", "self.criterion = nn.NLLLoss()",
    "net.fc = nn.Softmax(dim=1)", "model = Net()", "self.model = model", "def train(model, criterion):", "pass",
    "# ce-lint: ignore[CEL001] why", "x = 1  # noqa: CEL001", "from model import *", "global net", "for x in y:",
    "train(net, criterion)", "class Net(nn.Module):", "from .model import Net",
    "# Net net criterion model Trainer trainer train step", "# criterion self.criterion",
)  # fmt: skip
NAMES = "net model Net criterion out x y logits self.fc forward F nn softmax train self.model None True 1".split()
WORD = re.compile(r"[A-Za-z_][\w.]*")
SMALL = {
    "nets/model.py": "import torch.nn.functional as F\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
    "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(20, 10)\n\n"
    "    def forward(self, x):\n        x = self.fc(x)\n        return F.softmax(x, dim=1)\n",
    "trainer.py": "class Trainer:\n    def __init__(self, model, criterion):\n        self.model = model\n"
    "        self.criterion = criterion\n\n    def step(self, x, y):\n        out = self.model(x)\n"
    "        return self.criterion(out, y)\n",
    "train.py": "from torch import nn\nfrom nets.model import Net\nfrom trainer import Trainer\n\n"
    "trainer = Trainer(Net(), nn.CrossEntropyLoss())\ntrainer.step(x, y)\n",
    "other.py": "from torch import nn\nfrom nets.model import Net\n\n\ndef train(net, criterion):\n"
    "    for x, y in net.loader:\n        loss = criterion(net(x), y)\n\n\ntrain(Net(), nn.CrossEntropyLoss())\n",
}


class Editor:
    """Somebody who edits a project, at random."""

    def __init__(self, root: Path, chance: Chance) -> None:
        self.root = root
        self.laid: dict[Path, SourceFile] = {}
        self.workspace = Workspace(root, Settings(strict=True, show_unresolved=True))
        self._chance = chance
        self._before: list[tuple[Path, str]] = []

    def act(self) -> str:
        """Do one thing; say what it was."""
        files = sorted({*self.root.rglob("*.py"), *self.laid})
        path = self._one_of(tuple(files)) if files else self.root / "new.py"
        typing = (self.type, self.type, self.type, self.undo, self.close)
        on_disk = (self.save, self.delete, self.move, self.move_folder, self.configure, self.package, self.nest)
        act = self._one_of((*typing, *on_disk, self.copy, self.plan, self.give_up))
        act(path)
        return f"{act.__name__} {path.relative_to(self.root)}"

    def type(self, path: Path) -> None:
        text = self._text(path)
        typed = self._edited(text)
        if isinstance(lower_text(typed), SyntaxFailure):
            self.workspace.lay(path, typed)
            self.workspace.report()
            self.workspace.lay(path, self.laid[path].text if path in self.laid else None)
        else:
            if not isinstance(lower_text(text), SyntaxFailure):  # what was saved may be broken
                self._before.append((path, text))
            self._lay(path, typed)

    def undo(self, _: Path) -> None:
        if self._before:
            self._lay(*self._before.pop())

    def close(self, path: Path) -> None:
        self.laid.pop(path, None)
        self.workspace.lay(path, None)

    def save(self, path: Path) -> None:
        if path.exists():
            path.write_text(self._edited(self._text(path)))
            self.workspace.touch([path])

    def delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self.workspace.touch([path])

    def move(self, path: Path) -> None:
        to = path.with_name(self._one_of(("model.py", "train.py", "utils.py", "new.py")))
        if path.exists() and not to.exists():
            path.rename(to)
            self.workspace.touch([path, to])

    def move_folder(self, path: Path) -> None:
        folder = path.parent if path.parent != self.root else self.root / "away"
        start, end = (folder, self.root / "away") if folder.name != "away" else (folder, self.root / "back")
        if start.is_dir() and not end.exists():
            start.rename(end)
            self.workspace.touch([start, end])

    def copy(self, path: Path) -> None:
        text = self._text(path)
        if not isinstance(lower_text(text), SyntaxFailure):
            self._lay(path.with_name(self._one_of(("copy.py", "model.py"))), text)

    def configure(self, _: Path) -> None:
        (self.root / "pyproject.toml").write_text(self._one_of(CONFIGURATIONS))
        self.workspace.touch([self.root / "pyproject.toml"])

    def package(self, path: Path) -> None:
        self._put(path.parent / "__init__.py", ("", "from .model import *\n", "from .model import Net\n"))

    def nest(self, path: Path) -> None:
        if path.parent != self.root:
            self._put(path.parent / "pyproject.toml", CONFIGURATIONS)

    def plan(self, _: Path) -> None:
        planner = Planner()
        for finding in self.workspace.report().findings:
            evidence = self.workspace.evidence(finding)
            assert evidence is not None or finding.code.startswith("CEL9")
            if evidence is not None:
                planner.plan(finding, evidence)

    def give_up(self, path: Path) -> None:
        self.type(path)
        left = iter([False] * self._chance(4))
        with contextlib.suppress(Cancelled):
            self.workspace.report(lambda: next(left, True))

    def _put(self, path: Path, texts: tuple[str, ...]) -> None:
        """Make a file, or delete it where there is one."""
        if path.exists():
            path.unlink()
        elif path.parent.is_dir():
            path.write_text(self._one_of(texts))
        self.workspace.touch([path])

    def _lay(self, path: Path, text: str) -> None:
        self.laid[path] = SourceFile(path, text)
        self.workspace.lay(path, text)

    def _text(self, path: Path) -> str:
        return self.laid[path].text if path in self.laid else path.read_text() if path.exists() else ""

    def _edited(self, text: str) -> str:
        lines = text.split("\n")
        number = self._chance(len(lines))
        line = lines[number]
        blank = line[: len(line) - len(line.lstrip())]
        words = WORD.findall(line) or ["x"]
        changed = (
            [blank + self._one_of(LINES), line],
            [],
            [line, line],
            [re.sub(rf"\b{re.escape(self._one_of(tuple(words)))}\b", self._one_of(NAMES), line, count=1)],
            [line.replace("F.softmax(", "(").replace("return x", "return F.softmax(x, dim=1)")],
            [f"{line}  # net"],
            [blank + self._one_of(LINES)],
        )
        return "\n".join([*lines[:number], *self._one_of(changed), *lines[number + 1 :]])

    def _one_of(self, things: tuple[_Thing, ...]) -> _Thing:
        return things[self._chance(len(things))]


def assert_warm_is_cold(root: Path, chance: Chance, acts: int, patch: pytest.MonkeyPatch) -> None:
    if chance(2):  # as in a project of thousands of files
        max_files = 1 + chance(4)
        for module in (program_files, inquiry):
            patch.setattr(module, "MAX_FILES", max_files)
        patch.setattr(program_files, "MAX_MENTIONS", chance(5))
    editor = Editor(root, chance)
    editor.workspace.report()
    done = []
    for _ in range(acts):
        done.append(editor.act())
        warm = editor.workspace.report()
        cold = Session().check([root], Settings(strict=True, show_unresolved=True), editor.laid)
        assert warm == cold, done


def chance_of(data: st.DataObject) -> Chance:
    return lambda below: data.draw(st.integers(0, below - 1)) if below > 1 else 0


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_in_a_small_project(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    root = tmp_path_factory.mktemp("small")
    for name, text in SMALL.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    (root / "pyproject.toml").write_text(CONFIGURATIONS[0])
    with pytest.MonkeyPatch.context() as patch:
        assert_warm_is_cold(root, chance_of(data), 5, patch)


@pytest.mark.slow
@settings(max_examples=40 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_in_a_small_project_for_long(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    test_in_a_small_project.hypothesis.inner_test(tmp_path_factory, data)


@pytest.mark.slow
@settings(max_examples=10 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_in_the_programs_of_the_fixtures(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    root = tmp_path_factory.mktemp("programs")
    chance = chance_of(data)
    programs = sorted(path for path in PROGRAMS.iterdir() if path.is_dir())
    chosen = {programs[chance(len(programs))] for _ in range(6)}
    # All in one folder, names of different programs meet.
    is_flat = chance(2)
    for program in sorted(chosen):
        shutil.copytree(program, root if is_flat else root / program.name, dirs_exist_ok=True)
    (root / "pyproject.toml").write_text(CONFIGURATIONS[0])
    with pytest.MonkeyPatch.context() as patch:
        assert_warm_is_cold(root, chance, 15, patch)
