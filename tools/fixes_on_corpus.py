"""Make a fix for each labelled place of a corpus, in memory, and prove it.

    python tools/fixes_on_corpus.py CASES.tsv --mirrors DIR [--work DIR] [--verdict BUG] [--list]

CASES.tsv stands beside the `evaluate.py` that writes the repositories out and matches findings with rows. For each row
that is found: which fixes there are, whether every file that the best of them changes can be parsed afterwards, whether
the finding is gone, and whether another one is new.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import click

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Applicability, Finding, Fix, Place
from ce_lint.fixes.plan import plan
from ce_lint.fixes.proof import is_proved
from ce_lint.fixes.rounds import files_of, path_of, text_edit
from ce_lint.source.edits import EditError, apply_edits
from ce_lint.source.file import source_from_bytes

ALL = Settings(select=("CEL",), ignore=("CEL901",))


class Row(NamedTuple):
    """What became of one labelled place."""

    label: str
    fixes: tuple[tuple[Fix, str], ...]
    """Each with what is wrong with it, or with nothing."""
    is_found: bool = True


def _evaluator(cases: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("evaluate", cases.with_name("evaluate.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _end(place: Place) -> dict[str, object]:
    return {"path": place.path, "line": place.line, "cell": place.cell}


def _problem(session: Session, finding: Finding, fix: Fix) -> str:
    """Make one fix in memory, and say what is wrong with it."""
    paths = files_of(fix)
    try:
        texts = {
            path: source_from_bytes(
                path,
                apply_edits(path, path.read_bytes(), [text_edit(edit) for edit in fix.edits if path_of(edit) == path]),
            )
            for path in paths
        }
    except EditError as error:
        return str(error)
    before = session.check([Path()], ALL)
    after = session.check([Path()], ALL, texts)
    if len(after.errors) > len(before.errors):
        return f"cannot be parsed: {sorted(set(after.errors) - set(before.errors))[0]}"
    return "" if is_proved(before, after, [finding]) else "the finding is still there, or another one is new"


def _rows(evaluate: ModuleType, tree: Path, labelled: Iterable[dict[str, str]]) -> Iterable[Row]:
    os.chdir(tree)
    session = Session()
    findings = session.check([Path()], ALL).findings
    for row in labelled:
        label = f"{row['repo']} {row['source_file']}:{row['source_line']} -> {row['sink_file']}:{row['sink_line']}"
        source = evaluate.place(tree, row["source_file"], row["source_line"])
        sink = evaluate.place(tree, row["sink_file"], row["sink_line"])
        answers = [
            one
            for one in findings
            if (evaluate.near(source, _end(one.source)) or evaluate.near(sink, _end(one.sink)))
            and evaluate.ANSWERS[row["verdict"]].match(one.code)
        ]
        answers.sort(
            key=lambda one: evaluate.near(source, _end(one.source)) + evaluate.near(sink, _end(one.sink)), reverse=True
        )
        if not answers:
            yield Row(label, (), is_found=False)
            continue
        evidence = session.evidence(answers[0])
        assert evidence is not None
        fixes = plan(answers[0], evidence)
        yield Row(label, tuple((fix, _problem(session, answers[0], fix)) for fix in fixes))
        session.check([Path()], ALL)


def main() -> int:
    """Score every row of a verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "ce-lint-corpus")
    parser.add_argument("--verdict", default="BUG")
    parser.add_argument("--list", action="store_true", help="print every row and every fix")
    options = parser.parse_args()
    work, mirrors = options.work.resolve(), options.mirrors.resolve()
    evaluate = _evaluator(options.cases.resolve())
    trees: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in evaluate.read_cases(options.cases):
        if row["verdict"] == options.verdict:
            trees.setdefault((row["repo"], row["commit"]), []).append(row)
    total: Counter[str] = Counter()
    for (repo, commit), labelled in sorted(trees.items()):
        tree = work / f"{repo.replace('/', '+')}@{commit[:10]}"
        evaluate.write_tree(mirrors / repo.replace("/", "+") / "repo", commit, tree)
        for found in _rows(evaluate, tree, labelled):
            total["rows"] += 1
            total["found"] += found.is_found
            proved = [fix for fix, problem in found.fixes if not problem]
            total["with a fix"] += bool(proved)
            total["with a safe fix"] += any(fix.applicability is Applicability.SAFE for fix in proved)
            total["fixes that are proved wrong"] += len(found.fixes) - len(proved)
            if options.list:
                click.echo(found.label if found.is_found else f"{found.label}: not found")
                for fix, problem in found.fixes:
                    click.echo(
                        f"    {fix.applicability.value} {fix.name}: {fix.title}{' !! ' + problem if problem else ''}"
                    )
    click.echo(", ".join(f"{name}: {number}" for name, number in total.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
