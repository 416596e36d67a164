from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ce_lint.cli.main import main

Run = Callable[..., Result]

WRONG = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


def step(x, y):
    return nn.CrossEntropyLoss()(Net()(x), y)
"""
REDUNDANT = WRONG.replace("softmax", "log_softmax")
UNSURE = WRONG.replace("Net()(x)", "Net()(x)[unknown(y)]")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `ce-lint confirm` in a project of the files that are given."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")

    def invoke(*arguments: str, stdin: str = "", **files: str) -> Result:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return CliRunner().invoke(
            main, ["confirm", *arguments], input=stdin, prog_name="ce-lint", catch_exceptions=False
        )

    return invoke


@pytest.mark.torch
class TestWithTorch:
    @pytest.fixture(autouse=True)
    def torch(self) -> None:
        pytest.importorskip("torch")

    def test_a_configuration_that_cannot_be_meant(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
        result = run()
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"Error: {tmp_path / 'pyproject.toml'}: ")
        assert result.stderr.count("\n") == 1

    def test_the_verdict_follows_the_finding(self, run: Run) -> None:
        result = run(train=WRONG)

        first, second, counted = result.stdout.splitlines()
        assert first.startswith("train.py:15:34: CEL001 softmax output of Net")
        assert second.startswith("    confirmed by replay: ")
        assert counted == "1 loss call: 0 right, 1 reported, 0 unresolved"
        assert (result.exit_code, result.stderr) == (1, "")

    def test_the_full_format_ends_each_finding_with_it(self, run: Run) -> None:
        assert "\n  confirmed by replay: " in run("--format", "full", train=WRONG).stdout

    def test_json(self, run: Run) -> None:
        (finding,) = json.loads(run("--format", "json", train=WRONG).stdout)["findings"]

        assert finding["runtime"]["verdict"] == "confirmed"
        assert finding["runtime"]["method"] == "replay"
        assert finding["runtime"]["classes"] == 3
        low, high = finding["runtime"]["window"]
        assert high - low == pytest.approx(1)
        assert low <= finding["runtime"]["loss"] <= high

    def test_sarif(self, run: Run) -> None:
        (only,) = json.loads(run("--format", "sarif", train=WRONG).stdout)["runs"]

        (result,) = only["results"]
        assert result["properties"]["runtime"]["verdict"] == "confirmed"

    def test_a_refuted_finding_is_printed_and_does_not_count(self, run: Run) -> None:
        result = run("--select", "CEL", train=REDUNDANT)

        assert "    refuted by replay: the losses agree; " in result.stdout
        assert result.exit_code == 0

    def test_an_inconclusive_finding_counts(self, run: Run) -> None:
        result = run(train=UNSURE)

        assert "    inconclusive: an index is not known" in result.stdout
        assert result.exit_code == 1

    def test_only_what_was_proved(self, run: Run) -> None:
        result = run("--only-confirmed", "--select", "CEL", wrong=WRONG, redundant=REDUNDANT, unsure=UNSURE)

        assert [line.split(":")[0] for line in result.stdout.splitlines() if "CEL" in line] == ["wrong.py"]
        assert result.exit_code == 1
        assert run("--only-confirmed", "--select", "CEL", "unsure.py").exit_code == 0

    def test_no_finding(self, run: Run) -> None:
        result = run(train="print()\n")

        assert (result.exit_code, result.stdout) == (0, "no loss call in these files\n")

    def test_an_unresolved_call_has_no_way(self, run: Run) -> None:
        result = run("--extend-select", "CEL901", train=WRONG.replace("Net()(x)", "unknown(x)"))

        assert "    inconclusive: the way to the loss is not known" in result.stdout

    @pytest.mark.parametrize("text", [WRONG, WRONG.replace("\n", "\r\n"), "\ufeff" + WRONG])
    def test_standard_input(self, run: Run, text: str) -> None:
        result = run("-", stdin=text)

        assert result.stdout.startswith("stdin:15:34: CEL001 softmax output of Net")
        assert "    confirmed by replay: " in result.stdout
        assert result.exit_code == 1

    def test_a_place_behind_a_character_that_is_two_elsewhere(self, run: Run) -> None:
        text = WRONG.replace("    return nn.", "    s = '\U0001d11e'; return nn.")

        (finding,) = json.loads(run("--format", "json", **{"träin 1": text}).stdout)["findings"]
        (only,) = json.loads(run("--format", "sarif", "träin 1.py").stdout)["runs"]

        assert (finding["path"], finding["line"], finding["column"]) == ("träin 1.py", 15, 43)
        location = only["results"][0]["locations"][0]["physicalLocation"]
        assert (only["columnKind"], location["region"]["startColumn"]) == ("unicodeCodePoints", 43)
        assert location["artifactLocation"]["uri"] == "tr%C3%A4in%201.py"

    def test_files_that_cannot_be_analysed_win(self, run: Run) -> None:
        result = run(train=WRONG, bad="softmax = (\n")

        assert result.exit_code == 3
        assert result.stderr.startswith("bad.py:")
        assert "confirmed by replay" in result.stdout

    @pytest.mark.slow
    def test_execute_says_that_it_runs_the_code(self, run: Run) -> None:
        result = run("--execute", "--timeout", "90", train=WRONG)

        assert "    confirmed by execution: " in result.stdout
        assert result.stderr.startswith("ce-lint confirm --execute runs the project's code: ")
        assert "for at most 90 s" in result.stderr

    @pytest.mark.slow
    def test_execute_takes_a_batch_and_a_shape(self, run: Run) -> None:
        batch = "import torch\n\n\ndef make():\n    return torch.ones(4, 8), torch.tensor([0, 1, 2, 0])\n"

        by_batch = run("--execute", "--batch", "data:make", train=WRONG, data=batch)
        by_shape = run("--execute", "--input-shape", "5, 8", "--format", "json", "train.py")

        assert "    confirmed by execution: " in by_batch.stdout
        (finding,) = json.loads(by_shape.stdout)["findings"]
        assert (finding["runtime"]["method"], finding["runtime"]["classes"]) == ("execution", 5)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--batch", "data:make"], "--timeout, --input-shape and --batch go with --execute"),
            (["--timeout", "5"], "--timeout, --input-shape and --batch go with --execute"),
            (["--execute", "--batch", "data.make"], "'data.make' is no function: give it like package.module:function"),
            (["--execute", "--input-shape", "3x32"], "'3x32' is no shape: give the sizes of one sample, like 3,32,32"),
            (["--execute", "--input-shape", "3,0"], "'3,0' is no shape"),
            (["--execute", "--timeout", "0"], "0 is not in the range"),
            (["--execute", "--timeout", "nan"], "nan is no time limit"),
            (["--execute", "--timeout", "inf"], "inf is no time limit"),
            (["-", "train.py"], "standard input (-) cannot be checked together with other paths"),
            (["--select", "F401"], "no rule's code starts with 'F401'"),
            (["nowhere.py"], "nowhere.py: no such file or folder"),
        ],
    )
    def test_wrong_usage(self, run: Run, arguments: list[str], message: str) -> None:
        result = run(*arguments)

        assert (result.exit_code, result.stdout) == (2, "")
        assert message in " ".join(result.stderr.split()).replace("│ ", "")


def test_without_torch_one_line_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRONG)
    code = (
        "import sys\nsys.modules['torch'] = None\n"
        "from ce_lint.cli.main import main\nmain(['confirm', 'train.py'], prog_name='ce-lint')\n"
    )

    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == 'ce-lint confirm needs torch: python -m pip install "ce-lint[runtime]"\n'


def test_the_command_line_does_not_import_torch() -> None:
    code = "import sys, ce_lint.cli.main, ce_lint.runtime.confirm.execute\nprint('torch' in sys.modules)"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout == "False\n"
