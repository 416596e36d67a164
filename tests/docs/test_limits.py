"""docs/limits.md names every program that shows a limit, and each shows the limit that it names."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Report

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
LIMITS = ROOT / "docs" / "limits.md"
README = ROOT / "README.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)]*)\)")

# What each program has to lose so that its fault is found: texts of one of its files, and what stands there instead.
PLAIN: dict[str, tuple[tuple[str, str], ...]] = {
    "notebooks/limit_written_by_a_cell.ipynb": (
        ("%%writefile written_nets.py\n", ""),
        ("from written_nets import Net\n", ""),
    ),
    "programs/limit_class_by_unknown_name/train.py": (('os.environ.get("NET", "Net")', '"Net"'),),
    "programs/limit_criterion_in_yaml/main.py": (
        ("from lightning.pytorch.cli import LightningCLI", "from torch import nn"),
        ("    LightningCLI(System)", "    System(nn.CrossEntropyLoss())"),
    ),
    "programs/limit_network_in_yaml/train.py": (
        ("import hydra\n", "import hydra\nimport nets\n"),
        ("hydra.utils.instantiate(config.net)", "nets.Net()"),
    ),
    "programs/limit_outside_the_project/app/train.py": (("shared_nets", "library.shared_nets"),),
    "programs/limit_torch_hub/train.py": (
        ("import torch\n", "import hubconf\nimport torch\n"),
        ('torch.hub.load(".", "net", source="local")', "hubconf.net()"),
    ),
    "single/limit_arithmetic_on_probabilities.py": (("10 * ", ""),),
    "single/limit_attributes_by_name.py": (
        ("**parts", "net, criterion"),
        (
            "for name, part in parts.items():\n            setattr(self, name, part)",
            "self.net, self.criterion = net, criterion",
        ),
    ),
    "single/limit_average_of_networks.py": (("torch.stack(outputs).mean(dim=0)", "outputs[0]"),),
    "single/limit_call_depth.py": (("step_15(nn", "step_9(nn"),),
    "single/limit_call_links.py": (("loss = step_8", "loss = step_5"),),
    "single/limit_code_in_a_string.py": (('eval("Net()")', "Net()"),),
    "single/limit_custom_autograd_function.py": (
        ("Softmax.apply(nn.Linear(8, 3)(images))", "F.softmax(images, dim=1)"),
    ),
    "single/limit_flag_in_forward.py": (("if self.options.softmax:", "if True:"),),
    "single/limit_forward_hook.py": (("net(images), labels", "net(images).softmax(dim=1), labels"),),
    "single/limit_forward_replaced.py": (
        ("return self.fc(x)\n", "return F.softmax(self.fc(x), dim=1)\n"),
        ("Net.forward = lambda self, x: F.softmax(self.fc(x), dim=1)\n", ""),
    ),
    "single/limit_framework_registry.py": (('MODELS.build(Config.fromfile("config.py").model)', "Net()"),),
    "single/limit_framework_wrapper.py": (
        (
            "SupervisedRunner().train(",
            "def train(model, criterion, loaders):\n"
            '    for batch in loaders["train"]:\n'
            '        criterion(model(batch["features"]), batch["targets"])\n'
            "\n"
            "\n"
            "train(",
        ),
    ),
    "single/limit_many_alternatives.py": (('    "13": Net13,\n', ""),),
    "single/limit_matching_network.py": (("cross_entropy(predictions", "cross_entropy(attention"),),
    "single/limit_queue.py": (("outputs.get()", "Net()(images)"),),
    "single/limit_softmax_by_hand.py": (
        ("exponentials / exponentials.sum(dim=1, keepdim=True)", "exponentials.softmax(1)"),
    ),
    "single/limit_softmax_over_the_wrong_dimension.py": (("F.log_softmax(", "F.softmax("),),
    "single/limit_thread.py": (("pool.submit(Net(), images).result()", "Net()(images)"),),
    "single/limit_torchscript_in_a_string.py": (
        ("unit.probabilities(nn.Linear(8, 3)(images))", "images.softmax(dim=1)"),
    ),
    "single/limit_unknown_operation.py": (('torch.einsum("bc->bc", Net()(images))', "Net()(images)"),),
    "single/limit_unpickled_model.py": (("torch.load(file, weights_only=False)", "Net()"),),
}


def programs() -> list[str]:
    """The files and folders that show a limit, below fixtures/."""
    return sorted(path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/limit_*"))


def program_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def links(document: Path) -> list[str]:
    found = LINK.findall(document.read_text(encoding="utf-8"))
    return [target for target in found if not target.startswith(("https://", "http://", "#"))]


def as_written(file: Path, text: str) -> str:
    """A text as it stands in a file: a notebook holds it in strings of JSON."""
    return json.dumps(text)[1:-1] if file.suffix == ".ipynb" else text


def report(root: Path) -> Report:
    return Session().check([root], Settings(select=("CEL",), ignore=("CEL901",), root=root, strict=True))


def test_the_page_names_every_limit_once_and_each_is_shown() -> None:
    named = [program_of(target.removeprefix("../fixtures/")) for target in links(LIMITS) if "/limit_" in target]

    assert sorted(named) == programs()
    assert sorted(map(program_of, PLAIN)) == programs()


def test_the_links_of_the_readme_lead_somewhere() -> None:
    # Those of docs/ are checked, anchors too, when the site is built.
    assert [target for target in links(README) if not (ROOT / target.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("path", PLAIN)
def test_only_what_the_page_says_stands_between_the_program_and_its_finding(path: str, tmp_path: Path) -> None:
    program = FIXTURES / program_of(path)
    root = tmp_path / "program"
    if program.is_dir():
        shutil.copytree(program, root)
    else:
        root.mkdir()
        shutil.copy(program, root)
    file = root / path.removeprefix(program_of(path)).lstrip("/") if program.is_dir() else root / program.name
    text = file.read_text(encoding="utf-8")
    assert report(root).findings == ()

    for limiting, plain in PLAIN[path]:
        old, new = as_written(file, limiting), as_written(file, plain)
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")

    assert report(root).findings != ()
