"""`ce-lint demo`: what it measures, what it says of that, and what it draws."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from ce_lint.cli.main import main
from ce_lint.rules.bounds import softmax_window
from ce_lint.runtime.demo.records import Comparison, Experiment, Moment, Training
from ce_lint.runtime.demo.text import conclusion, to_text

FAR = 0.9
"""Above what any guess reaches."""


def comparison(
    right: float = FAR,
    wrong: float = FAR,
    nll: tuple[float, float] = (0.3, 0.3),
    experiment: Experiment = Experiment(),  # noqa: B008 - it never changes
) -> Comparison:
    """What would have been measured, had the accuracies and negative log-likelihoods been these."""
    trainings = [
        Training((Moment(experiment.steps, loss, accuracy),), likelihood, norm)
        for loss, accuracy, likelihood, norm in zip((0.33, 4.5), (right, wrong), nll, (0.5, 0.005), strict=True)
    ]
    return Comparison(experiment, "the setting", 4000, *trainings, softmax_window(experiment.classes), ())


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (0.9, 0.2, "With 100 classes and SGD the double softmax costs 70.0 points of accuracy here: 0.200 instead"),
        (0.9, 0.879, "costs 2.1 points"),
        (0.9, 0.881, "the accuracy is nearly the same here, 0.881 instead of 0.900"),
        (0.881, 0.9, "the accuracy is nearly the same here, 0.900 instead of 0.881"),
        (0.6, 0.7, "With 100 classes and SGD the double softmax has the better accuracy here, by 10.0 points"),
        (0.1, 0.02, "Neither has learned much in 1500 steps: accuracy 0.100 and 0.020, a guess has 0.010."),
    ],
)  # fmt: skip
def test_the_sentence_follows_from_the_accuracies(right: float, wrong: float, said: str) -> None:
    assert said in conclusion(comparison(right, wrong))


@pytest.mark.parametrize(
    ("nll", "said"),
    [
        ((0.3, 0.7), "Its probabilities are worse: a negative log-likelihood of 0.700 instead of 0.300."),
        ((0.7, 0.3), "Its probabilities are better: a negative log-likelihood of 0.300 instead of 0.700."),
        ((0.3, 0.31), ""),
        ((0.001, 0.004), ""),
    ],
)
def test_the_probabilities_are_named_where_they_differ(nll: tuple[float, float], said: str) -> None:
    text = conclusion(comparison(nll=nll))
    assert said in text
    assert ("probabilities" in text) == bool(said)


def test_the_sentence_names_the_optimizer_and_the_floor() -> None:
    said = conclusion(comparison(experiment=Experiment(10, "adam", 1)))
    assert said.startswith("With 10 classes and Adam")
    assert said.endswith(
        "Its reported loss, 4.500, says little: it can never go below 1.461, however good the model is."
    )


def test_the_table_has_every_figure() -> None:
    table = to_text(comparison(0.9, 0.2, (0.31, 4.6)))
    for words in (
        "on 4000 held-out samples            0.900             0.200",
        "as reported (nats)             0.330             4.500",
        "predicted probabilities           0.310             4.600",
        "at the first step             0.5000            0.0050  0.0100 of it",
        "the loss can be                        0 and above    3.622 to 4.622",
    ):
        assert words in table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--classes", "1"), "1 is not in the range"),
        (("--steps", "0"), "0 is not in the range"),
        (("--optimizer", "lbfgs"), "'lbfgs' is not one of"),
        (("--plot", "picture.gif"), "picture.gif: a picture is saved as .png or .svg"),
        (("--plot", "missing/a.png"), "a.png: cannot be written: there is no folder missing"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_trained(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = CliRunner().invoke(main, ["demo", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("library", "line"),
    [
        ("torch", 'ce-lint demo needs torch: python -m pip install "ce-lint[runtime]"\n'),
        ("matplotlib", 'a picture needs matplotlib: python -m pip install "ce-lint[runtime]"\n'),
    ],
)
def test_without_a_library_one_line_says_how_to_get_it(
    library: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both are asked for; the one that is not there is said, and here only one is taken away.
    if any(importlib.util.find_spec(other) is None for other in {"torch", "matplotlib"} - {library}):
        pytest.skip("the other library is not installed either")
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, "ce_lint.runtime.demo.training", raising=False)
    result = CliRunner().invoke(main, ["demo", "--plot", str(tmp_path / "a.png")])
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", line)


def demo(*arguments: str, cwd: Path) -> str:
    """What `ce-lint demo` prints, run as a user does."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    result = subprocess.run(
        [Path(sys.executable).with_name("ce-lint"), "demo", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.slow
@pytest.mark.torch
def test_the_command_trains_twice_and_draws(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("matplotlib")
    text = demo("--classes", "3", "--steps", "30", "--plot", "demo.svg", cwd=tmp_path)
    assert text.startswith("3 Gaussian blobs")
    assert "Trained twice for 30 steps" in text
    assert "0.551 to 1.551" in text
    assert "What watch() says of the second: CEL001 softmax output is the input of CrossEntropyLoss" in text
    ET.parse(tmp_path / "demo.svg")  # noqa: S314 - written by the command above
    assert [path.name for path in tmp_path.iterdir()] == ["demo.svg"]


@pytest.mark.slow
@pytest.mark.torch
def test_a_picture_that_cannot_be_written_does_not_cost_the_table(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("matplotlib")
    # What can be seen beforehand is refused beforehand; a name that is too long is not.
    picture = tmp_path / f"{'long' * 100}.png"
    result = CliRunner().invoke(main, ["demo", "--steps", "1", "--plot", str(picture)])
    assert result.exit_code == 2
    assert "Trained twice for 1 step " in result.stdout
    assert result.stderr.startswith(f"{picture}: cannot be written: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.torch
def test_one_seed_gives_one_result() -> None:
    pytest.importorskip("torch")
    from ce_lint.runtime.demo.training import compare

    first, again, other = (compare(Experiment(3, "adam", 5, seed)) for seed in (7, 7, 8))
    assert again == first
    assert other.right != first.right


@pytest.mark.slow
@pytest.mark.torch
def test_many_classes_and_sgd_lose_accuracy_and_few_do_not() -> None:
    torch = pytest.importorskip("torch")
    from ce_lint.runtime.demo.training import compare

    state = torch.get_rng_state()
    many, few = compare(Experiment()), compare(Experiment(classes=3))

    assert many.right.accuracy - many.wrong.accuracy > 0.5
    assert abs(few.right.accuracy - few.wrong.accuracy) < 0.01
    for done in (many, few):
        classes = done.experiment.classes
        assert done.wrong.gradient_norm / done.right.gradient_norm == pytest.approx(1 / classes, rel=0.25)
        assert min(moment.loss for moment in done.wrong.moments) >= done.window.low
        assert done.right.loss < done.window.low
        assert [finding.code for finding in done.findings] == ["CEL001"]
    assert torch.equal(torch.get_rng_state(), state), "a demonstration must not change what comes after it"
