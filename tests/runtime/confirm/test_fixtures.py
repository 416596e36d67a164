"""Every finding of the fixtures is confirmed by computing both losses; the exceptions are here, with their reasons."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Finding, RuntimeCheck, Verdict
from ce_lint.runtime.confirm.wire import Request

torch = pytest.importorskip("torch")

from ce_lint.runtime.confirm.replay import replay  # noqa: E402
from ce_lint.runtime.confirm.run import run  # noqa: E402

pytestmark = pytest.mark.torch

Found = dict[Path, list[tuple[str, Finding]]]

FIXTURES = Path(__file__).parents[3] / "fixtures"


def at(path: str, *lines: int | str) -> list[str]:
    return [f"{path}:{line}" for line in lines]


NOT_REPLAYED: dict[str, list[str]] = {
    # Only the library's own code says what such a loss computes.
    "the loss of a library is not repeated": at("single/fastai_learner.py", 9),
    # A reshape to a number of classes that a configuration holds.
    "an argument of view is not known": at("single/forward_with_labels.py", 20),
    # A mask of the positions that count.
    "an index is not known": at("single/shape_operations.py", 25),
}
"""The beginnings of reasons, and where they are given."""

NOT_EXECUTED: dict[str, list[str]] = {
    "the loss of a library is not repeated": at("single/fastai_learner.py", 9),
    "an index is not known": at("single/shape_operations.py", 25),
    # The activation is not in a module's forward, or another method than forward is called.
    "no model is on the way": [
        *at("notebooks/cross_entropy_and_softmax.ipynb", "8:1"),
        *at("single/bce_with_logits_of_sigmoid.py", 20),
        *at("single/criterion_keywords.py", 10),
        *at("single/criterion_partial.py", 12, 15, 16, 17),
        *at("single/deliberate_double_softmax.py", 14),
        *at("single/exp_of_log_softmax.py", 16),
        *at("single/flag_in_constructor.py", 24),
        *at("single/forward_with_labels.py", 20),
        *at("single/functional_imported_as_nn.py", 9),
        *at("single/in_place.py", 10),
        *at("single/log_softmax_redundant.py", 11, 12, 13, 14),
        *at("single/loss_class_by_function.py", 23, 24),
        *at("single/loss_in_arithmetic.py", 12, 13, 14, 18),
        *at("single/module_list.py", 23),
        *at("single/nested_call.py", 10, 11),
        *at("single/nll_of_probabilities.py", 9, 10, 13),
        *at("single/own_loss_class.py", 14, 25),
        *at("single/returns_namedtuple.py", 21, 22),
        *at("single/softmax_in_the_loop.py", 12),
        *at("single/unannotated_entry_points.py", 17, 21),
    ],
    # A notebook is no module that could be imported.
    "Net is defined in": [
        *at("notebooks/magics.ipynb", "8:3", "9:5", "12:3"),
        *at("notebooks/model_and_loss_in_cells.ipynb", "4:4"),
    ],
    # What the command line, or another caller, gives to a constructor.
    "constructor argument": [
        *at("programs/factory/local.py", 16),
        *at("single/criterion_on_self.py", 14),
        *at("single/lightning_shared_step.py", 20),
    ],
    # The program calls its model with a flag.
    "the model returned logits, but its forward takes apply_softmax as well": at("single/flag_in_call.py", 21),
    # A decoder takes a token and the hidden state.
    "forward of Decoder takes token, hidden": at("single/sequence_steps.py", 25, 26),
}

MISSING_LIBRARY = "ModuleNotFoundError: No module named"
"""Some programs use libraries that need not be installed for the tests."""


def programs() -> list[Path]:
    """The single files, the folders of programs and the notebooks that are wrong."""
    found = [*FIXTURES.glob("single/*.py"), *FIXTURES.glob("programs/*/"), *FIXTURES.glob("notebooks/*.ipynb")]
    return sorted(one for one in found if not one.name.startswith(("clean_", "limit_")) and one.stem[-6:] != "_clean")


def label(program: Path) -> str:
    return program.relative_to(FIXTURES).as_posix()


def root_of(program: Path) -> Path:
    return program if program.is_dir() else program.parent


@pytest.fixture(scope="module")
def found() -> Found:
    """The findings of every program, each with its place; one session, because the single files share their root."""
    session = Session()

    def findings(program: Path) -> list[tuple[str, Finding]]:
        settings = Settings(select=("CEL",), ignore=("CEL901",), root=root_of(program), strict=True)
        return [(where(finding), finding) for finding in session.check([program], settings).findings]

    return {program: findings(program) for program in programs()}


def where(finding: Finding) -> str:
    place = finding.argument
    path = (Path.cwd() / place.path).resolve().relative_to(FIXTURES).as_posix()
    return f"{path}:{f'{place.cell}:' if place.cell else ''}{place.line}"


def expected(finding: Finding) -> Verdict:
    return Verdict.REFUTED if finding.code == "CEL002" else Verdict.CONFIRMED


def compare(checked: list[tuple[str, Finding, RuntimeCheck]], exceptions: dict[str, list[str]]) -> None:
    """Is all confirmed, or refuted where the losses agree by right, but for the exceptions, which are inconclusive?"""
    assert checked
    excepted = {place: reason for reason, places in exceptions.items() for place in places}
    for place, finding, check in checked:
        if MISSING_LIBRARY in check.reason:
            continue
        if place in excepted:
            assert check.verdict is Verdict.INCONCLUSIVE, f"{place} is no exception any more"
            assert check.reason.startswith(excepted[place])
        else:
            assert check.verdict is expected(finding), f"{place}: {check.reason}"


@pytest.mark.parametrize("program", programs(), ids=label)
def test_replay_confirms_every_finding(found: Found, program: Path) -> None:
    checked = []
    for place, finding in found[program]:
        assert finding.recipe is not None
        checked.append((place, finding, replay(finding.recipe, finding.code)))

    compare(checked, NOT_REPLAYED)


@pytest.fixture
def imports_are_forgotten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Programs have modules of the same names, and write into the current folder."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    known = set(sys.modules)
    state = torch.random.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    torch.random.set_rng_state(state)
    for module in set(sys.modules) - known:
        if Path(getattr(sys.modules[module], "__file__", None) or "/").is_relative_to(FIXTURES):
            del sys.modules[module]


@pytest.mark.slow
@pytest.mark.usefixtures("imports_are_forgotten")
@pytest.mark.parametrize("program", programs(), ids=label)
def test_execution_confirms_every_finding_whose_model_can_be_built(found: Found, program: Path) -> None:
    """As the subprocess does it, but here: a hundred processes would take minutes to import torch."""
    checked = []
    for place, finding in found[program]:
        assert finding.recipe is not None
        checked.append((place, finding, run(Request(finding.code, finding.recipe, str(root_of(program))))))

    compare(checked, NOT_EXECUTED)


def test_every_exception_is_still_there(found: Found) -> None:
    places = {place for findings in found.values() for place, _ in findings}

    excepted = {place for table in (NOT_REPLAYED, NOT_EXECUTED) for some in table.values() for place in some}
    assert excepted <= places
