"""Every fixture is run under watch: what the analyser says and what the losses really receive agree."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("torch")

pytestmark = [pytest.mark.torch, pytest.mark.slow]

FIXTURES = Path(__file__).parents[2] / "fixtures"
EXPECT = re.compile(r"# expect: (CEL\d{3}(?:, CEL\d{3})*)\s*$")

NOT_RUN = {
    "single/distributed.py": "its processes are started by a launcher",
    "single/forward_with_labels.py": "nobody calls its model",
    "single/lightning_shared_step.py": "nobody trains it",
    "single/lightning_training_step.py": "nobody trains it",
    "single/lightning_validation_step.py": "nobody trains it",
    "single/switched_off.py": "its training is switched off",
    "single/unannotated_entry_points.py": "nobody calls it",
    "programs/limit_torch_hub": "its model is not there",
    "programs/relative_import": "its modules are run with -m",
    "programs/factory": "its command line is not given",
    "programs/lightning_system": "nobody trains it",
    "programs/namespace_package": "nobody calls it",
}
"""Programs whose loss is not reached when their files are run as they are."""

KNOWN: dict[str, dict[str, str]] = {
    # At run time nobody knows that training is right: the code is that of any softmax before cross-entropy.
    "single/evaluation_mode.py": {"CEL004": "CEL001"},
}
"""Where the running program gives another code than the analyser: docs/runtime.md says so."""

SUPPRESSED = {"single/clean_suppressed.py": ["single/clean_suppressed.py CEL001"]}
"""A comment takes back a static finding; the running program has none."""

RIGHT_ENOUGH = {"single/limit_arithmetic_on_probabilities.py"}
"""Ten times a softmax output is a temperature, and can be any loss but a few hundredths: nothing to say."""

RUN = """
import json, os, runpy, sys, warnings
import torch
from ce_lint.runtime import watch

warnings.simplefilter("ignore")
found, unseen, missing = [], [], []
for program in json.loads(sys.argv[1]):
    for file in program["files"]:
        sys.argv = [file]
        sys.path.insert(0, program["folder"])
        modules = set(sys.modules)
        torch.manual_seed(0)  # a few random scores without a graph can all lie between 0 and 1
        with watch(looks=None, warn=False) as seen:
            try:
                runpy.run_path(file, run_name="__main__")
            except ModuleNotFoundError as error:
                missing.append((program["name"], str(error)))
            except SystemExit:
                pass
            except Exception as error:
                if "relative import" in str(error):
                    continue  # part of a package, and no program
                unseen.append((program["name"], f"{type(error).__name__}: {error}"))
        sys.path.remove(program["folder"])
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(program["folder"]):
                del sys.modules[name]
        unseen += [(program["name"], line) for line in seen.report().unseen]
        for site in seen.sites:
            diagnosis = site.diagnosis
            if diagnosis is not None and site.site.path.startswith(program["folder"]):
                verdict = diagnosis.verdict.value
                found.append((program["name"], os.path.realpath(site.site.path), verdict, diagnosis.code))
with open("found.json", "w") as file:
    json.dump({"found": found, "unseen": unseen, "missing": missing}, file)
"""


class Watched(NamedTuple):
    """What was seen when all programs were run."""

    codes: dict[str, set[str]]
    """By program: `path CODE` for each call site that broke a rule."""
    inconclusive: dict[str, set[str]]
    unseen: dict[str, str]
    missing: dict[str, str]
    """The library that a program needs and that is not installed."""


def programs() -> Iterator[tuple[str, list[Path]]]:
    for path in sorted(FIXTURES.glob("single/*.py")):
        yield path.relative_to(FIXTURES).as_posix(), [path]
    for folder in sorted(FIXTURES.glob("programs/*/")):
        yield folder.relative_to(FIXTURES).as_posix(), sorted(folder.rglob("*.py"))


def expected(name: str, files: list[Path]) -> set[str]:
    renamed = KNOWN.get(name, {})
    return {
        f"{file.relative_to(FIXTURES).as_posix()} {renamed.get(code, code)}"
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        if (match := EXPECT.search(line))
        for code in match[1].split(", ")
    }


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    asked = [
        {
            "name": name,
            "folder": str(files[0].parent if len(files) == 1 else FIXTURES / name),
            "files": list(map(str, files)),
        }
        for name, files in programs()
        if name not in NOT_RUN
    ]
    folder = tmp_path_factory.mktemp("watched")
    run = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(asked)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    answer = json.loads((folder / "found.json").read_text())
    codes: dict[str, set[str]] = {}
    inconclusive: dict[str, set[str]] = {}
    for name, path, verdict, code in answer["found"]:
        if code is not None:
            codes.setdefault(name, set()).add(f"{Path(path).relative_to(FIXTURES).as_posix()} {code}")
        if verdict == "inconclusive":
            inconclusive.setdefault(name, set()).add(path)
    return Watched(codes, inconclusive, dict(answer["unseen"]), dict(answer["missing"]))


@pytest.mark.parametrize(("name", "files"), list(programs()), ids=[name for name, _ in programs()])
def test_static_and_runtime_agree(name: str, files: list[Path], watched: Watched) -> None:
    if name in NOT_RUN:
        pytest.skip(NOT_RUN[name])
    if name in watched.missing:
        pytest.skip(watched.missing[name])
    seen = watched.codes.get(name, set())
    if "limit_" in name and name not in RIGHT_ENOUGH:
        # Wrong, and not found by the analyser: the running program shows it.
        assert seen
    else:
        assert seen == (expected(name, files) or set(SUPPRESSED.get(name, [])))
    assert name not in watched.inconclusive
    assert name not in watched.unseen
