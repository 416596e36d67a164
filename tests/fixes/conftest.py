"""Small programs, and what the parts of a fix make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ce_lint.concrete.reading import Reader
from ce_lint.engine.analysis import analyse
from ce_lint.engine.limits import deeply
from ce_lint.engine.results import Analysis, Judged
from ce_lint.fixes.syntax import ProjectSyntax
from ce_lint.fixes.text import RangeEdit, Splice, spliced
from ce_lint.interpreter.flow import Flow
from ce_lint.knowledge.loader import Knowledge, load
from ce_lint.program.program import Program
from ce_lint.source.file import SourceFile, read_source

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

FixPart = Callable[[ProjectSyntax, Flow], Sequence[RangeEdit] | None]
Fixed = Callable[..., "str | None"]
Attempts = Callable[[Path, FixPart, "frozenset[str]"], "list[Attempt]"]


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load()


@dataclass(frozen=True)
class Project:
    """An analysed project."""

    root: Path
    files: tuple[Path, ...]
    knowledge: Knowledge
    overlay: Mapping[Path, SourceFile]
    analysis: Analysis

    @classmethod
    def of(
        cls, root: Path, files: Iterable[Path], knowledge: Knowledge, overlay: Mapping[Path, SourceFile] | None = None
    ) -> Project:
        found = tuple(files)
        analysis = deeply(lambda: analyse(Program(root, found, overlay), knowledge, strict=True))
        return cls(root, found, knowledge, overlay or {}, analysis)

    def edits(self, part: FixPart, judged: Judged) -> Sequence[RangeEdit] | None:
        return deeply(lambda: part(ProjectSyntax(judged.evidence.interpreter, Reader()), judged.evidence.flow))

    def with_edits(self, edits: Iterable[RangeEdit]) -> Project:
        """The project after some edits; they have to leave Python behind."""
        by_path: dict[Path, list[RangeEdit]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(edit)
        overlay = dict(self.overlay)
        for path, found in by_path.items():
            text = edited(read_source(path).text, found)
            compile(text, str(path), "exec")
            overlay[path] = SourceFile(path, text)
        return Project.of(self.root, self.files, self.knowledge, overlay)

    def counts(self) -> Counter[tuple[str, str]]:
        """How many findings there are of each code in each file."""
        return Counter((one.finding.code, one.finding.sink.path) for one in self.analysis.findings)

    def text(self, name: str) -> str:
        path = self.root / name
        return self.overlay[path].text if path in self.overlay else path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Attempt:
    """A fix of one finding: where it was, and how many findings there were before and after."""

    source: str
    sink: str
    before: Counter[tuple[str, str]]
    after: Counter[tuple[str, str]] | None
    """None where there is no such fix."""


def edited(text: str, edits: Iterable[RangeEdit]) -> str:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column

    return spliced(
        text,
        [
            Splice(offset(one.span.line, one.span.column), offset(one.span.end_line, one.span.end_column), one.new_text)
            for one in edits
        ],
    )


@pytest.fixture
def fixed(tmp_path: Path, knowledge: Knowledge) -> Fixed:
    """The text of `m.py`, and of other files, after one part of a fix of its first finding; None without one.

    What was reported must be gone, and nothing new be there.
    """

    def text_after(part: FixPart, text: str, *, head: str = HEAD, **others: str) -> str | None:
        for name, other in {"m": text, **others}.items():
            (tmp_path / f"{name}.py").write_text(head + other, encoding="utf-8", newline="")
        project = Project.of(tmp_path, sorted(tmp_path.glob("*.py")), knowledge)
        assert project.analysis.findings, "nothing to fix"
        edits = project.edits(part, project.analysis.findings[0])
        if edits is None:
            return None
        after = project.with_edits(edits)
        assert project.counts() - after.counts(), "the finding is still there"
        assert not after.counts() - project.counts(), "another finding is new"
        return "".join(after.text(f"{name}.py").removeprefix(head) for name in ("m", *others))

    return text_after


@pytest.fixture
def attempts(knowledge: Knowledge) -> Attempts:
    """What one part of a fix comes to for the findings of some codes in a program."""

    def tried(path: Path, part: FixPart, codes: frozenset[str]) -> list[Attempt]:
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.suffix in (".py", ".ipynb"))
        project = Project.of(path if path.is_dir() else path.parent, files, knowledge)
        found = []
        for judged in project.analysis.findings:
            if judged.finding.code not in codes:
                continue
            edits = project.edits(part, judged)
            after = project.with_edits(edits).counts() if edits is not None else None
            found.append(Attempt(judged.finding.source.text, judged.finding.sink.text, project.counts(), after))
        return found

    return tried
