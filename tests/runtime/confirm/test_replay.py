"""Recipes by hand, repeated in the torch that is installed."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from ce_lint.findings import RuntimeCheck, Verdict
from ce_lint.ir.recipe import (
    Batch,
    Bounds,
    Built,
    Calculation,
    Given,
    Known,
    Missing,
    Name,
    Operation,
    Recipe,
    Size,
)

torch = pytest.importorskip("torch")

from ce_lint.runtime.confirm.losses import build_loss  # noqa: E402
from ce_lint.runtime.confirm.replay import _fitting, replay  # noqa: E402
from ce_lint.runtime.diagnosis.kernel import diagnose  # noqa: E402

pytestmark = pytest.mark.torch

Do = Callable[..., Operation]
MakeRecipe = Callable[..., Recipe]

Step = tuple[str, list[Known]]

SHAPE_OPERATIONS: dict[str, list[Step]] = {
    "nothing": [],
    "view": [("method view", [-1, 7])],
    "view by batch": [("method view", [Batch(), -1])],
    "view as a tuple": [("method reshape", [(-1, 7)])],
    "size": [("method view", [Size(1, 0), Size(1, -1)])],
    "calculation": [("method view", [Calculation("FloorDivide", Calculation("Multiply", Batch(), 2), 2), -1])],
    "assignment": [("assignment ", [0, 0.5])],
    "permute": [("method permute", [0, 2, 3, 1]), ("method contiguous", []), ("method view", [-1, 7])],
    "transpose": [("method transpose", [1, 2]), ("method flatten", [0, 1])],
    "movedim": [("method flatten", [2]), ("method movedim", [1, 2]), ("method reshape", [-1, 7])],
    "squeeze": [("method unsqueeze", [0]), ("method squeeze", [0])],
    "function": [
        ("function torch.flatten", [2]), ("function torch.permute", [(0, 2, 1)]), ("function torch.reshape", [(-1, 7)]),
    ],
    "item": [("item ", [Bounds(1, None, 2)])],
    "items": [("item ", [(Name("Ellipsis"), Bounds(None, -1), 0)])],
    "chunk": [("method chunk", [2]), ("item ", [1])],
    "split": [("function torch.split", [4]), ("pick ", [0])],
    "stack": [("function torch.stack", []), ("method reshape", [-1, 7])],
    "cat": [("function torch.cat", [0])],
    "moves": [("method to", [Missing("a device")]), ("method cuda", []), ("method float", [])],
    "dtype": [("method to", [Name("torch.float64")])],
    "dropout": [("layer torch.nn.Dropout", [0.25])],
    "identity": [("layer torch.nn.Identity", [])],
    "pool": [("layer torch.nn.AdaptiveAvgPool2d", [1]), ("layer torch.nn.Flatten", [])],
    "log and exp": [("method log", []), ("function torch.exp", [])],
    "clamp": [("method clamp", [1e-7, 1.0])],
    "arithmetic": [("arithmetic Add", [1e-8])],
    "model": [("model ", [Built("Net", "/net.py")]), ("pick ", ["logits"])],
    "variable": [("function torch.autograd.Variable", [])],
    "detach": [("method detach", [])],
}  # fmt: skip
"""What leaves probabilities over seven classes, in one of the shapes that logits have."""

UNNORMALISING = {"log and exp", "clamp", "arithmetic", "dropout", "assignment"}
"""What is no log-probabilities any more, done to those."""

ACTIVATIONS: dict[str, tuple[str, dict[str, Known], str]] = {
    "F": ("function torch.nn.functional.softmax", {"dim": 1}, "CEL001"),
    "torch": ("function torch.softmax", {"dim": 1}, "CEL001"),
    "special": ("function torch.special.softmax", {"dim": 1}, "CEL001"),
    "method": ("method softmax", {"dim": 1}, "CEL001"),
    "layer": ("layer torch.nn.Softmax", {"dim": 1}, "CEL001"),
    "softmin": ("layer torch.nn.Softmin", {"dim": 1}, "CEL001"),
    "in evaluation": ("method softmax", {"dim": 1}, "CEL004"),
    "sigmoid": ("function torch.sigmoid", {}, "CEL003"),
    "sigmoid in place": ("method sigmoid_", {}, "CEL003"),
    "sigmoid layer": ("layer torch.nn.Sigmoid", {}, "CEL003"),
    "log-softmax": ("layer torch.nn.LogSoftmax", {"dim": 1}, "CEL002"),
    "log-softmax method": ("method log_softmax", {"dim": 1}, "CEL002"),
}


FIRST_SHAPE = next(iter(SHAPE_OPERATIONS))


def steps(do: Do, name: str) -> list[Operation]:
    return [do(spelling, *arguments) for spelling, arguments in SHAPE_OPERATIONS[name]]


@pytest.mark.parametrize(
    ("activation", "shape"),
    [
        # One activation through all shapes, and all through one, is enough between two edits.
        pytest.param(activation, shape, marks=() if activation == "F" or shape == FIRST_SHAPE else pytest.mark.slow)
        for activation in ACTIVATIONS
        for shape in SHAPE_OPERATIONS
        # Done to log-probabilities these leave neither probabilities nor log-probabilities.
        if not (ACTIVATIONS[activation][2] == "CEL002" and shape in UNNORMALISING)
    ],
)
def test_every_activation_through_every_shape(do: Do, recipe: MakeRecipe, activation: str, shape: str) -> None:
    name, keywords, code = ACTIVATIONS[activation]
    check = replay(recipe(do(name, **keywords), *steps(do, shape), classes=7), code)

    assert check.verdict is (Verdict.REFUTED if code == "CEL002" else Verdict.CONFIRMED), check.reason
    assert check.loss is not None
    assert check.loss_on_logits is not None
    assert math.isclose(check.loss, check.loss_on_logits, rel_tol=1e-4) == (code == "CEL002")
    assert check.classes == 7
    assert check.method == "replay"


@pytest.mark.parametrize(
    ("code", "activation", "loss"),
    [
        ("CEL101", "method softmax", "torch.nn.NLLLoss"),
        ("CEL101", "method softmax", "torch.nn.functional.nll_loss"),
        ("CEL101", "method softmax", "torch.nn.CTCLoss"),
        ("CEL101", "method softmax", "torch.nn.functional.ctc_loss"),
        ("CEL202", "method softmax", "torch.nn.BCEWithLogitsLoss"),
        ("CEL202", "method softmax", "torch.nn.functional.binary_cross_entropy_with_logits"),
        ("CEL202", "method softmax", "torch.nn.MultiLabelSoftMarginLoss"),
        ("CEL202", "method softmax", "torch.nn.functional.multilabel_soft_margin_loss"),
        ("CEL001", "method softmax", "torch.nn.functional.cross_entropy"),
        ("CEL301", "method softmax", "torch.nn.KLDivLoss"),
        ("CEL301", "method softmax", "torch.nn.functional.kl_div"),
    ],
)
def test_every_loss(do: Do, recipe: MakeRecipe, code: str, activation: str, loss: str) -> None:
    check = replay(recipe(do(activation, dim=-1), loss=loss), code)

    assert check.verdict is Verdict.CONFIRMED, check.reason


@pytest.mark.parametrize(("classes", "after"), [(1, ["method squeeze"]), (4, [])])
@pytest.mark.parametrize("loss", ["torch.nn.BCEWithLogitsLoss", "torch.nn.functional.binary_cross_entropy_with_logits"])
def test_sigmoid_before_a_binary_loss(do: Do, recipe: MakeRecipe, loss: str, classes: int, after: list[str]) -> None:
    check = replay(recipe(do("method sigmoid"), *map(do, after), loss=loss, classes=classes), "CEL201")

    assert check.verdict is Verdict.CONFIRMED, check.reason


def test_logits_before_nll_have_no_activation(do: Do, recipe: MakeRecipe) -> None:
    check = replay(recipe(loss="torch.nn.NLLLoss", layer="torch.nn.Linear", classes=4), "CEL102")

    assert check.verdict is Verdict.CONFIRMED, check.reason
    assert check.loss is not None
    assert check.loss_on_logits is not None
    assert check.loss < 0.5 < check.loss_on_logits


def test_the_losses_are_those_of_torch(do: Do, recipe: MakeRecipe) -> None:
    """Once by hand, with the logits and the target that the seed gives."""
    generator = torch.Generator().manual_seed(20)
    logits = torch.randn((16, 4), generator=generator, requires_grad=True)
    target = torch.randint(0, 4, (16,), generator=generator)
    right = torch.nn.functional.cross_entropy(logits, target)
    wrong = torch.nn.functional.cross_entropy(logits.softmax(1), target)
    (right_gradient,) = torch.autograd.grad(right, logits)
    (wrong_gradient,) = torch.autograd.grad(wrong, logits)

    check = replay(recipe(do("method softmax", 1), classes=4), "CEL001")

    assert check == RuntimeCheck(
        Verdict.CONFIRMED,
        "replay",
        loss=pytest.approx(wrong.item()),
        loss_on_logits=pytest.approx(right.item()),
        window=pytest.approx((math.log(math.e + 3) - 1, math.log(math.e + 3))),
        gradient_norm=pytest.approx(wrong_gradient.norm().item()),
        gradient_norm_on_logits=pytest.approx(right_gradient.norm().item()),
        gradient_ratio=pytest.approx((wrong_gradient.norm() / right_gradient.norm()).item()),
        classes=4,
    )


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({"label_smoothing": 0.1}, True),
        ({"reduction": "sum"}, True),
        ({"reduction": "none"}, False),
        ({"ignore_index": 2}, True),
        ({"ignore_index": -100}, False),
        ({"weight": Built("torch.tensor", "", (Given((1.0, 2.0, 3.0, 0.5)),))}, True),
        ({"weight": Built("torch.ones", "", (Given(4), Given(Name("torch.device"), "device")))}, False),
    ],
)
def test_the_loss_has_its_own_arguments(do: Do, recipe: MakeRecipe, options: dict[str, Known], changed: bool) -> None:
    plain = replay(recipe(do("method softmax", 1), classes=4), "CEL001")

    check = replay(recipe(do("method softmax", 1), classes=4, **options), "CEL001")

    assert check.verdict is Verdict.CONFIRMED, check.reason
    assert (check.loss != pytest.approx(plain.loss)) == changed


@pytest.mark.parametrize("name", ["weight", "ignore_index"])
def test_a_weight_that_is_not_known_is_left_out_and_told(do: Do, recipe: MakeRecipe, name: str) -> None:
    check = replay(recipe(do("method softmax", 1), **{name: Missing("it comes from data")}), "CEL001")

    assert check.verdict is Verdict.CONFIRMED
    assert check.reason == f"computed without {name}, whose value is not known"


def test_classes_are_those_of_the_recipe_or_its_reshape_or_its_weights_or_ten(do: Do, recipe: MakeRecipe) -> None:
    softmax = do("method softmax", 1)
    weight = Built("torch.tensor", "", (Given((1.0, 2.0, 3.0)),))

    assert replay(recipe(softmax, classes=23), "CEL001").classes == 23
    assert replay(recipe(softmax, do("method view", -1, 5)), "CEL001").classes == 5
    assert replay(recipe(softmax, weight=weight), "CEL001").classes == 3
    assert replay(recipe(softmax), "CEL001").classes == 10


CHANGED = {"dropout", "pool", "assignment"}
"""What averages, takes at random or replaces is another thing before the activation than after it."""
JOINED = {"stack", "cat"}
"""The gradient of several copies of the same logits is a sum here, and that of so many rows to the kernel."""
UNGRAPHED = {"arithmetic", "variable", "detach"}
"""Where no graph shows an activation, sigmoid values are any numbers between 0 and 1."""


@pytest.mark.parametrize(
    "activation", ["F", *(pytest.param(name, marks=pytest.mark.slow) for name in ("layer", "softmin", "sigmoid"))]
)
@pytest.mark.parametrize("shape", [name for name in SHAPE_OPERATIONS if name not in CHANGED])
def test_the_kernel_recovers_what_is_known_here(do: Do, recipe: MakeRecipe, activation: str, shape: str) -> None:
    name, keywords, code = ACTIVATIONS[activation]
    made = recipe(do(name, **keywords), *steps(do, shape), classes=7)
    loss = build_loss(made)
    trial = _fitting(made, loss)

    diagnosis = diagnose(trial.scores, trial.target, loss.call)

    check = replay(made, code)
    assert diagnosis.loss == pytest.approx(check.loss, rel=1e-4)
    if activation == "sigmoid" and shape in UNGRAPHED:
        assert diagnosis.loss_on_logits is None
        return
    assert diagnosis.loss_on_logits == pytest.approx(check.loss_on_logits, rel=1e-3)
    if check.gradient_ratio is not None and shape not in JOINED:
        assert diagnosis.gradient_ratio == pytest.approx(check.gradient_ratio, rel=1e-3)


def missing(reason: str = "it comes from a file") -> Missing:
    return Missing(reason)


@pytest.mark.parametrize(
    ("operations", "options", "reason"),
    [
        ([("method view", [-1, missing()])], {}, "an argument of view is not known: it comes from a file"),
        ([("method view", [(-1, missing(""))])], {}, "an argument of view is not known"),
        ([("item ", [(missing(), 0)])], {}, "an index is not known: it comes from a file"),
        ([("item ", [Bounds(0, missing())])], {}, "an index is not known: it comes from a file"),
        ([("arithmetic Add", [missing("a prior")])], {}, "the other side of Add is not known: a prior"),
        ([("arithmetic MatrixMultiply", [2.0])], {}, "MatrixMultiply is not repeated"),
        ([("layer torch.nn.Flatten", [missing()])], {}, "an argument of Flatten is not known: it comes from a file"),
        ([("method view", [Size(9, 0)])], {}, "an argument of view is a size of scores inside the model"),
        ([("assignment ", [missing(), 0])], {}, "an index is not known: it comes from a file"),
        ([("assignment ", [0, missing()])], {}, "what is assigned is not known: it comes from a file"),
        ([("assignment ", [Bounds(), 0.25])], {}, "nothing is left of the activation: CrossEntropyLoss would receive"),
        ([("method clamp", [Calculation("Power", 10, 9)])], {}, "an argument of clamp is not known: the result of Pow"),
        ([("method view", [Calculation("Add", "a", 1)])], {}, "an argument of view is not known: the result of Add"),
        ([("method view", [Calculation("FloorDivide", 1, 0)])], {}, "no shape of logits fits the operations: ZeroDiv"),
        ([("function torch.permute", [(0, 5, 1)])], {}, "no shape of logits fits the operations: RuntimeError: perm"),
        ([("method view", [-1, Batch()])], {"classes": 3}, "no shape of logits fits the operations: CrossEntropyLoss "),
        ([("method chunk", [2]), ("method view", [-1])], {}, "no shape of logits fits the operations: AttributeErr"),
        ([("item ", [Bounds(0, 0)]), ("method detach", [])], {}, "no rows"),
        ([], {"classes": 3_000_000_000}, "3000000000 classes are too many to be repeated"),
        ([], {"classes": -3}, "no shape of logits fits the operations: RuntimeError: Trying to create tensor with neg"),
        ([], {"weight": Built("torch.ones", "", (Given(-1),))}, "CrossEntropyLoss cannot be built: RuntimeError: Tr"),
        ([], {"wieght": None}, "CrossEntropyLoss cannot be built: TypeError: CrossEntropyLoss.__init__() got an unexp"),
        ([], {"weight": missing(), "label_smoothing": 0.1}, "weight of CrossEntropyLoss is not known, and with label"),
        ([("method chunk", [2])], {}, "the operations leave tuple, which is no tensor"),
        ([("method to", [Name("torch.int64")])], {}, "CrossEntropyLoss would receive numbers of type torch.int64"),
        ([], {"reduction": missing()}, "reduction of CrossEntropyLoss is not known: it comes from a file"),
        ([], {"label_smoothing": Name("app.SMOOTHING")}, "label_smoothing of CrossEntropyLoss is an object of"),
        ([], {"loss": "timm.loss.SoftTargetCrossEntropy"}, "the loss of a library is not repeated: timm.loss.Soft"),
        ([], {"loss": "torch.nn.MSELoss"}, "the loss of a library is not repeated: torch.nn.MSELoss"),
        ([], {"loss": ""}, "the way to the loss is not known"),
        ([], {"classes": 1}, "one class"),
    ],
)  # fmt: skip
def test_every_reason(
    do: Do, recipe: MakeRecipe, operations: list[Step], options: dict[str, Known], reason: str
) -> None:
    done = [do(spelling, *arguments) for spelling, arguments in operations]

    check = replay(recipe(do("method softmax", 1), *done, **options), "CEL001")

    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.reason.startswith(reason), check.reason
    assert "\n" not in check.reason


@pytest.mark.parametrize(
    "spelling",
    [
        "function torch.load",
        "function torch.hub.load",
        "function torch.save",
        "function torch.utils.cpp_extension.load",
        "function torch.ops.load_library",
        "function torch.nn.Softmax",
        "function torch.nn.functional.torch.load",
        "function os.system",
        "function builtins.eval",
        "function softmax",
        "layer torch.nn.Linear.__init__",
        "layer torch.jit.ScriptModule",
        "layer torch.softmax",
        "layer app.Net",
        "method backward",
        "method register_hook",
        "method __class__",
        "method numpy",
        "method storage",
    ],
)
def test_nothing_else_can_be_called(do: Do, recipe: MakeRecipe, spelling: str) -> None:
    """A recipe is data; what it names is looked up in the knowledge, never in a module."""
    check = replay(recipe(do(spelling, "/etc/passwd")), "CEL001")

    assert check.verdict is Verdict.INCONCLUSIVE
    assert "is not repeated" in check.reason


@pytest.mark.parametrize("built", ["torch.load", "torch.from_file", "os.system", "torch.hub.load", "ones"])
def test_no_argument_is_built_by_anything_but_tensors_of_numbers(do: Do, recipe: MakeRecipe, built: str) -> None:
    argument = Built(built, "", (Given("/etc/passwd"),))

    check = replay(recipe(do("method softmax", 1), do("item ", argument)), "CEL001")

    assert check.reason == f"an index is an object of the program: {built}"


@pytest.mark.parametrize("name", ["torch.load", "torch.hub", "torch.__builtins__", "os.environ", "torch.nn.functional"])
def test_no_argument_is_anything_but_a_plain_object(do: Do, recipe: MakeRecipe, name: str) -> None:
    check = replay(recipe(do("method softmax", 1), do("item ", Name(name))), "CEL001")

    assert check.reason == f"an index is an object of the program: {name}"


@pytest.mark.parametrize("code", ["CEL001", "CEL003"])
def test_one_class_that_something_hides_refutes_nothing(do: Do, recipe: MakeRecipe, code: str) -> None:
    activation = do("method sigmoid") if code == "CEL003" else do("method softmax", 1)

    check = replay(recipe(activation, do("method detach"), classes=1), code)

    assert (check.verdict, check.reason) == (Verdict.INCONCLUSIVE, "one class: the loss is constant")


def test_a_logarithm_that_is_almost_one_is_no_proof(do: Do, recipe: MakeRecipe) -> None:
    made = recipe(do("method softmax", 1), do("arithmetic Add", 1e-3), do("method log"), classes=4)

    check = replay(made, "CEL002")

    assert (check.verdict, check.reason) == (Verdict.INCONCLUSIVE, "the log-probabilities are not normalised")


def test_the_global_state_is_left_alone(do: Do, recipe: MakeRecipe) -> None:
    state = torch.random.get_rng_state()
    with torch.no_grad():
        check = replay(recipe(do("method softmax", 1), do("layer torch.nn.Dropout", 0.5)), "CEL001")
        assert not torch.is_grad_enabled()

    assert check.gradient_ratio is not None
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_same_recipe_gives_the_same_numbers(do: Do, recipe: MakeRecipe) -> None:
    one = recipe(do("method softmax", 1), do("layer torch.nn.Dropout", 0.5))

    assert replay(one, "CEL001") == replay(one, "CEL001")


def test_what_torch_warns_of_is_not_shown(do: Do, recipe: MakeRecipe) -> None:
    """Warnings are errors in this suite, and an implicit dim is worth one."""
    check = replay(recipe(do("layer torch.nn.Softmax"), layer="torch.nn.Linear", classes=4), "CEL001")

    assert check.verdict is Verdict.CONFIRMED, check.reason


@pytest.mark.parametrize(
    ("layer", "dim", "loss_input"),
    [
        ("torch.nn.Linear", 1, (16, 4)),
        ("torch.nn.Linear", -1, (16, 4)),
        ("torch.nn.Conv1d", 1, (16, 4, 6)),
        ("torch.nn.Conv2d", 1, (16, 4, 5, 7)),
        ("torch.nn.Conv3d", 1, (16, 4, 3, 5, 7)),
    ],
)
def test_the_layer_says_the_rank(do: Do, recipe: MakeRecipe, layer: str, dim: int, loss_input: tuple[int, ...]) -> None:
    """With reduction="sum" the loss tells how many samples there were."""
    made = recipe(do("method softmax", dim), layer=layer, classes=4, reduction="sum")
    rows = math.prod(loss_input) // 4
    low = (math.log(math.e + 3) - 1) * rows

    check = replay(made, "CEL001")

    assert check.window is not None
    assert check.window[0] == pytest.approx(low, rel=1e-4)
