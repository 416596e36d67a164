"""The projects that are made up hold what they say."""

from __future__ import annotations

import ast
import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.made import copies, one_trainer
from benchmarks.made.copies import Copies
from benchmarks.made.one_trainer import OneTrainer

VARIANTS = [(True, False), (False, False), (True, True), (False, True)]


def findings(ce_lint: Path, root: Path) -> list[tuple[str, str]]:
    """The files of both ends of each finding."""
    result = subprocess.run(
        [ce_lint, "check", "--format", "json", "."], cwd=root, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1, result.stderr
    return [(one["source"]["path"], one["sink"]["path"]) for one in json.loads(result.stdout)["findings"]]


def defined(texts: dict[str, str]) -> Counter[str]:
    """How often each class and function is defined at the top of a file."""
    trees = [ast.parse(text) for text in texts.values()]
    return Counter(
        node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)
    )


@pytest.mark.parametrize("files", [7, 125, 128, 250, 1_000])
@pytest.mark.parametrize(("are_renamed", "own"), VARIANTS)
def test_there_are_as_many_files_as_asked_for(files: int, are_renamed: bool, own: bool) -> None:
    paths = [path for path, _ in copies.texts(Copies(files, are_renamed, own))]

    assert len(set(paths)) == len(paths) == files


@pytest.mark.parametrize(("are_renamed", "own"), VARIANTS)
def test_every_import_of_a_copy_is_there(are_renamed: bool, own: bool) -> None:
    texts = dict(copies.texts(Copies(287, are_renamed, own)))
    tops = {path.partition("/")[0] for path in texts}
    checked = 0
    for text in texts.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in tops:
                there = defined({"": texts[f"{node.module.replace('.', '/')}.py"]})
                assert {alias.name for alias in node.names} <= set(there)
                checked += 1
    assert checked == 57 * 6


def test_names_are_those_of_one_copy_or_the_same_in_all() -> None:
    project = Copies(125, are_renamed=True)
    of_copies = {name: times for name, times in defined(dict(copies.texts(project))).items() if name != "main"}
    assert set(of_copies.values()) == {1}

    equal = defined(dict(copies.texts(Copies(125, are_renamed=False))))
    assert equal["Net"] == equal["train"] == equal["make_objective"] == project.number == 24


def test_loss_and_model_are_in_other_folders() -> None:
    texts = dict(copies.texts(Copies(125, are_renamed=True)))
    activation = {path.partition("/")[0] for path, text in texts.items() if "softmax" in text}
    loss = {path.partition("/")[0] for path, text in texts.items() if "CrossEntropyLoss" in text}

    assert activation == {"area_0"}
    assert loss == {"objectives"}


def test_every_second_copy_is_wrong() -> None:
    for project in (Copies(125, are_renamed=True), Copies(132, are_renamed=False)):
        wrong = [path for path, text in copies.texts(project) if "softmax(" in text]
        assert len(wrong) == project.findings


@pytest.mark.slow
@pytest.mark.parametrize(("are_renamed", "own"), VARIANTS)
def test_what_is_wrong_in_copies_is_found(are_renamed: bool, own: bool, ce_lint: Path, tmp_path: Path) -> None:
    project = Copies(27, are_renamed, own)
    root = copies.write(tmp_path / "project", copies.texts(project))

    found = findings(ce_lint, root)

    assert len(found) == project.findings == 3
    assert {source for source, _ in found} == {f"area_0/heads/head_{copy}.py" for copy in (0, 2, 4)}
    sinks = "objectives/part_0/objective" if own else "jobs/part_0/run"
    assert {sink for _, sink in found} == {f"{sinks}_{copy}.py" for copy in (0, 2, 4)}


@pytest.mark.parametrize("keeps_them", [True, False])
def test_2_000_models_in_200_files_and_500_calls(keeps_them: bool) -> None:
    project = OneTrainer(500, keeps_them)
    texts = dict(one_trainer.texts(project))

    assert len([path for path in texts if path.startswith("zoo/family_")]) == 200
    assert sum(text.count("(nn.Module)") for text in texts.values()) == project.models == 2_000
    assert sum(text.count("F.softmax(") for text in texts.values()) == project.wrong == 1_000
    assert sum(text.count("trainer.fit(") for text in texts.values()) == 500
    assert sum("loss = " in text for text in texts.values()) == 1
    built = Counter(name for path, text in texts.items() if path.startswith("jobs/") for name in _built(text))
    assert set(built) == {f"Net{model}" for model in range(2_000)}
    assert set(built.values()) == {1}


def _built(text: str) -> list[str]:
    return [
        node.func.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("Net")
    ]


@pytest.mark.parametrize("keeps_them", [True, False])
def test_the_imports_of_every_job_are_there(keeps_them: bool) -> None:
    texts = dict(one_trainer.texts(OneTrainer(7, keeps_them)))
    for path, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("zoo."):
                there = defined({"": texts[f"{node.module.replace('.', '/')}.py"]})
                assert {alias.name for alias in node.names} <= set(there), path


@pytest.mark.slow
@pytest.mark.parametrize("keeps_them", [True, False])
def test_every_wrong_model_reaches_the_trainer(keeps_them: bool, ce_lint: Path, tmp_path: Path) -> None:
    project = OneTrainer(3, keeps_them)
    root = copies.write(tmp_path / "project", one_trainer.texts(project))

    found = findings(ce_lint, root)

    assert len(found) == project.wrong == 6
    assert {sink for _, sink in found} == {one_trainer.TRAINER}
    assert {source for source, _ in found} == {"zoo/family_0.py", "zoo/family_1.py"}
