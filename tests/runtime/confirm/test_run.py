"""What the subprocess does, done here: models, batches, modules, and why a model cannot be run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from ce_lint.findings import Finding, RuntimeCheck, Verdict
from ce_lint.ir.recipe import Act, Batch, Built, Given, Known, Operation, Recipe, Size
from ce_lint.runtime.confirm.judgement import settled
from ce_lint.runtime.confirm.wire import Request

torch = pytest.importorskip("torch")

from ce_lint.runtime.confirm.run import run as carry_out  # noqa: E402

pytestmark = pytest.mark.torch

Run = Callable[..., RuntimeCheck]
FindingIn = Callable[..., Finding]
WriteNet = Callable[..., Path]


@pytest.fixture(autouse=True)
def imports_are_forgotten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Every test has a net.py of its own."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    known = set(sys.modules)
    state = torch.random.get_rng_state()
    yield
    torch.random.set_rng_state(state)
    for name in set(sys.modules) - known:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(tmp_path):
            del sys.modules[name]


def executed(finding: Finding, root: Path, batch: str = "", shape: tuple[int, ...] = ()) -> RuntimeCheck:
    assert finding.recipe is not None
    return carry_out(Request(finding.code, finding.recipe, str(root), shape, batch))


@pytest.fixture
def run(write_net: WriteNet, finding_in: FindingIn) -> Run:
    """Run a network of two files, one part of which is replaced."""

    def execute_net(batch: str = "", shape: tuple[int, ...] = (), **parts: str) -> RuntimeCheck:
        project = write_net(**parts)
        return executed(finding_in(project), project, batch, shape)

    return execute_net


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"head": "import a_library_that_is_missing"}, "building Net: ModuleNotFoundError: No module named 'a_li"),
        ({"head": "exec(\"raise RuntimeError('first\\\\nsecond')\")"}, "building Net: RuntimeError: first"),
        ({"head": "exec('import sys; sys.exit(5)')"}, "building Net: SystemExit: 5"),
        ({"head": "exec('import sys; sys.exit(\"no data set\")')"}, "building Net: SystemExit: no data set"),
        ({"constructor": "self.load_weights()"}, "building Net: AttributeError: 'Net' object has no attribute 'load_w"),
        ({"forward": "exec('raise NotImplementedError(\"later\")')"}, "running Net: NotImplementedError: later"),
        ({"width": "len(open('vocabulary.txt').read())"}, "building Net: FileNotFoundError: "),
        ({"parameters": ", width", "arguments": "int(open('w').read())"}, "constructor argument `width` of Net is not"),
        ({"inputs": ", mask", "forward": "x = x * mask"}, "forward of Net takes x, mask: give --batch"),
        ({"batch": "nowhere:make"}, "making a batch: ModuleNotFoundError: No module named 'nowhere'"),
        ({"batch": "net:make"}, "net has no function make"),
        ({"batch": "net:make", "head": "def make(): return 5"}, "net:make returned int: neither a tensor nor (inp"),
        ({"batch": "net:make", "head": "def make(): return 1 / 0"}, "making a batch: ZeroDivisionError: division by"),
        ({"shape": (5,)}, "running Net: RuntimeError: mat1 and mat2 shapes cannot be multiplied"),
    ],
)  # fmt: skip
def test_every_reason_is_one_line(run: Run, parts: dict[str, str], reason: str) -> None:
    check = run(**parts)

    assert (check.verdict, check.method) == (Verdict.INCONCLUSIVE, "execution")
    assert check.reason.startswith(reason), check.reason
    assert "\n" not in check.reason


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
@pytest.mark.parametrize("parts", [{"constructor": "self.cuda()"}, {"forward": "x = x.cuda()"}])
def test_a_model_that_needs_a_gpu(run: Run, parts: dict[str, str]) -> None:
    check = run(**parts)

    assert check.verdict is Verdict.INCONCLUSIVE
    assert "CUDA" in check.reason or "NVIDIA" in check.reason, check.reason


@pytest.mark.parametrize(
    ("layer", "forward", "head"),
    [
        ("nn.Linear(8, 4)", "self.first(x)", "nn.Linear(4, 3)"),
        ("nn.Linear(784, 4)", "self.first(x.view(-1, 784))", "nn.Linear(4, 3)"),
        ("nn.Conv1d(2, 4, 3)", "self.first(x).mean(2)", "nn.Linear(4, 3)"),
        ("nn.Conv2d(3, 4, 3)", "self.first(x).mean((2, 3))", "nn.Linear(4, 3)"),
        ("nn.Conv2d(1, 4, 5)", "self.first(x).flatten(1)", "nn.Linear(2304, 3)"),
        ("nn.Conv3d(1, 4, 3)", "self.first(x).mean((2, 3, 4))", "nn.Linear(4, 3)"),
        ("nn.BatchNorm2d(4)", "self.first(x).mean((2, 3))", "nn.Linear(4, 3)"),
        ("nn.BatchNorm1d(4)", "self.first(x)", "nn.Linear(4, 3)"),
        ("nn.LayerNorm(4)", "self.first(x)", "nn.Linear(4, 3)"),
        ("nn.Embedding(20, 4)", "self.first(x).mean(1)", "nn.Linear(4, 3)"),
        ("nn.LSTM(5, 4, batch_first=True)", "self.first(x)[0][:, -1]", "nn.Linear(4, 3)"),
        ("nn.GRU(5, 4)", "self.first(x)[1][0]", "nn.Linear(4, 3)"),
        ("nn.GRUCell(5, 4)", "self.first(x)", "nn.Linear(4, 3)"),
        ("nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)", "self.first(x).mean(1)", "nn.Linear(4, 3)"),
        ("nn.Sequential(nn.Flatten(), nn.LazyLinear(4))", "self.first(x)", "nn.Linear(4, 3)"),
        ("nn.Dropout(0.1)", "self.first(x)", "nn.Linear(4, 3)"),
    ],
)
def test_the_first_layer_says_what_the_model_takes(
    finding_in: FindingIn, tmp_path: Path, layer: str, forward: str, head: str
) -> None:
    (tmp_path / "train.py").write_text(
        "import torch\nfrom torch import nn\n\n\n"
        "class Net(nn.Module):\n"
        f"    def __init__(self):\n        super().__init__()\n"
        f"        self.first = {layer}\n        self.last = {head}\n\n"
        f"    def forward(self, x):\n        return self.last({forward}).softmax(1)\n\n\n"
        "def step(x, y):\n    return nn.CrossEntropyLoss()(Net()(x), y)\n"
    )

    check = executed(finding_in(tmp_path), tmp_path)

    assert check.verdict is Verdict.CONFIRMED, check.reason


@pytest.mark.parametrize(
    ("made", "inputs"),
    [
        ("torch.randn(4, 8)", ""),
        ("(torch.randn(4, 8), torch.zeros(4, dtype=torch.long))", ""),
        ("[torch.randn(4, 8), torch.zeros(4, dtype=torch.long)]", ""),
        ("((torch.randn(4, 8), torch.ones(8)), torch.zeros(4, dtype=torch.long))", ", mask"),
        ("({'x': torch.randn(4, 8), 'mask': torch.ones(8)}, torch.zeros(4, dtype=torch.long))", ", mask"),
        ("{'x': torch.randn(4, 8), 'mask': torch.ones(8)}", ", mask"),
    ],
)
def test_a_batch_of_the_users(run: Run, made: str, inputs: str) -> None:
    check = run(batch="net:make", head=f"def make(): return {made}", inputs=inputs)

    assert check.verdict is Verdict.CONFIRMED, check.reason


def test_an_input_shape_of_the_users(run: Run) -> None:
    """The first layer says five features, which the network does not have in the first place."""
    check = run(
        shape=(2, 4), constructor="self.fc, self.other = nn.Linear(8, 3), nn.Linear(5, 5)", forward="x = x.flatten(1)"
    )

    assert check.verdict is Verdict.CONFIRMED, check.reason


def test_a_package_with_relative_imports_in_src(finding_in: FindingIn, tmp_path: Path) -> None:
    package = tmp_path / "src" / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "parts.py").write_text("from torch import nn\n\n\ndef head(width):\n    return nn.Linear(width, 3)\n")
    (package / "net.py").write_text(
        "from torch import nn\nfrom .parts import head\n\n\n"
        "class Net(nn.Module):\n    def __init__(self, width, *, bias=True):\n        super().__init__()\n"
        "        self.fc = nn.Linear(width, 3, bias=bias)\n        self.head = head(3)\n\n"
        "    def forward(self, x):\n        return {'scores': self.fc(x).softmax(-1), 'other': x}\n"
    )
    (tmp_path / "train.py").write_text(
        "from torch import nn\nfrom app.net import Net\n\nmodel = Net(6, bias=False)\n\n\n"
        "def step(x, y):\n    return nn.functional.cross_entropy(model(x)['scores'], y)\n"
    )

    check = executed(finding_in(tmp_path), tmp_path)

    assert check.verdict is Verdict.CONFIRMED, check.reason


def test_a_sequential_is_built_of_its_layers(finding_in: FindingIn, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "from torch import nn\n\n"
        "model = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3), nn.Softmax(dim=1))\n\n\n"
        "def step(x, y):\n    return nn.CrossEntropyLoss()(model(x), y)\n"
    )

    check = executed(finding_in(tmp_path), tmp_path)

    assert check.verdict is Verdict.CONFIRMED, check.reason


def test_what_only_validation_sees_is_run_in_evaluation_mode(finding_in: FindingIn, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "from torch import nn\n\n\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(6, 3)\n\n"
        "    def forward(self, x):\n        scores = self.fc(x)\n        if not self.training:\n"
        "            scores = scores.softmax(1)\n        return scores\n\n\n"
        "def validate(x, y):\n    model = Net()\n    model.eval()\n    return nn.CrossEntropyLoss()(model(x), y)\n"
    )

    check = executed(finding_in(tmp_path, "CEL004"), tmp_path)

    assert check.verdict is Verdict.CONFIRMED, check.reason


def test_a_disagreement_is_told(write_net: WriteNet, finding_in: FindingIn) -> None:
    """What the import puts into the class is not what its text says."""
    project = write_net()
    finding = finding_in(project)
    with (project / "net.py").open("a") as file:
        file.write("\n\nNet.forward = lambda self, x: self.fc(x)\n")

    by_run = executed(finding, project)
    check = settled(RuntimeCheck(Verdict.CONFIRMED, "replay"), by_run)

    assert (by_run.verdict, by_run.reason) == (Verdict.REFUTED, "the model returned logits")
    assert (check.verdict, check.reason) == (Verdict.REFUTED, "the model returned logits; confirmed by replay")


def test_what_only_looks_like_logits_refutes_nothing(write_net: WriteNet, finding_in: FindingIn) -> None:
    """Dropout of probabilities gives values above one, and the graph ends in its product."""
    project = write_net(forward="return F.dropout(F.softmax(self.fc(40 * x), dim=1), 0.5)")

    check = executed(finding_in(project), project)

    assert check.verdict is Verdict.INCONCLUSIVE, check.reason


def test_a_loss_whose_arguments_torch_refuses(write_net: WriteNet, finding_in: FindingIn) -> None:
    project = write_net()
    finding = finding_in(project)
    assert finding.recipe is not None
    recipe = msgspec.structs.replace(finding.recipe, loss_arguments=(Given(1, "wieght"),))

    check = executed(msgspec.structs.replace(finding, recipe=recipe), project)

    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.reason.startswith("CrossEntropyLoss cannot be built: TypeError: ")


def test_a_flaw_of_another_code_is_no_verdict(write_net: WriteNet, finding_in: FindingIn) -> None:
    project = write_net()

    check = executed(msgspec.structs.replace(finding_in(project), code="CEL003"), project)

    assert (check.verdict, check.reason) == (Verdict.INCONCLUSIVE, "what reached the loss breaks CEL001, not CEL003")


@pytest.mark.parametrize(
    ("built", "reason"),
    [
        (Built("Net", "/nowhere/net.py"), "building Net: FileNotFoundError: "),
        (Built("Net", "/nowhere/net.ipynb"), "Net is defined in net.ipynb, which is no module"),
        (Built("Net", "/nowhere/net.py", None, is_complete=False), "Net is changed after its construction"),
        (
            Built("torch.nn.Linear", "", None),
            "no call that constructs torch.nn.Linear is seen, and it needs in_features, out_features",
        ),
        (Built("torch.ones", "", (Given(3),)), "torch.ones makes Tensor, which is no torch.nn.Module"),
        (Built("torch.nn.Nothing", "", ()), "torch has no torch.nn.Nothing"),
        (Built("a_library_that_is_missing.Net", "", ()), "building a_library_that_is_missing.Net: ModuleNotFoundError"),
        (Built("torch.nn.Identity", "", ()), "no layer says what the model takes: give --input-shape or --batch"),
    ],
)
def test_what_cannot_be_built(tmp_path: Path, built: Built, reason: str) -> None:
    model = Operation(Act.MODEL, "", (Given(built),))
    recipe = Recipe(operations=(model,), loss="torch.nn.CrossEntropyLoss")

    check = carry_out(Request("CEL001", recipe, str(tmp_path)))

    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.reason.startswith(reason), check.reason


@pytest.mark.parametrize("size", [Batch(), Size(0, 1)])
def test_the_size_of_a_tensor_builds_no_model(tmp_path: Path, size: Known) -> None:
    model = Operation(Act.MODEL, "", (Given(Built("torch.nn.Linear", "", (Given(8), Given(size)))),))

    check = carry_out(Request("CEL001", Recipe(operations=(model,), loss="torch.nn.NLLLoss"), str(tmp_path)))

    assert check.reason == "constructor argument `out_features` of torch.nn.Linear is the size of a tensor"


def test_a_loss_of_a_library_is_not_run(tmp_path: Path) -> None:
    model = Operation(Act.MODEL, "", (Given(Built("torch.nn.Linear", "", (Given(8), Given(3)))),))

    check = carry_out(Request("CEL001", Recipe(operations=(model,), loss="timm.loss.Jsd"), str(tmp_path)))

    assert check.reason == "the loss of a library is not repeated: timm.loss.Jsd"
