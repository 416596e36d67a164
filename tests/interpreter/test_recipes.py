"""What was done to scores, as a finding tells it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ce_lint.findings import Report
from ce_lint.ir.recipe import Batch, Bounds, Built, Calculation, Given, Known, Missing, Name, Operation, Recipe, Size

Check = Callable[..., Report]

DATA = "x, y, w, shape = data(), data(), data(), data()\n"
NET = """
class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.fc = nn.Linear(width, 3)

    def forward(self, x):
        return {returned}

"""


def shown(value: Known) -> str:
    """A value as Python would write it; what only a recipe has stands in angle brackets."""
    if isinstance(value, Missing):
        return "<?>"
    if isinstance(value, Batch):
        return "<N>"
    if isinstance(value, Size):
        return f"<size {value.dim} after {value.operations}>"
    if isinstance(value, Calculation):
        return f"{shown(value.left)} {value.operator} {shown(value.right)}"
    if isinstance(value, Name):
        return value.name
    if isinstance(value, Bounds):
        return ":".join("" if one is None else shown(one) for one in (value.lower, value.upper, value.step))
    if isinstance(value, Built):
        given = "?" if value.arguments is None else arguments(value.arguments)
        return f"{value.name}({given}){'' if value.is_complete else '!'}"
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    return repr(value)


def arguments(given: tuple[Given, ...]) -> str:
    return ", ".join(f"{one.keyword}={shown(one.value)}" if one.keyword else shown(one.value) for one in given)


def operation(done: Operation) -> str:
    place = done.keyword or (f"{done.position} " if done.position else "")
    return f"{done.act.value} {place}{done.name}({arguments(done.arguments)})"


def recipe_of(check: Check, text: str) -> Recipe:
    (finding,) = check(m=DATA + text).findings
    assert finding.recipe is not None
    return finding.recipe


def operations(check: Check, text: str) -> list[str]:
    return [operation(one) for one in recipe_of(check, text).operations]


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("F.softmax(x, 1)", "function torch.nn.functional.softmax(1)"),
        ("F.softmax(x, dim=-1)", "function torch.nn.functional.softmax(dim=-1)"),
        ("F.softmax(dim=1, input=x)", "function inputtorch.nn.functional.softmax(dim=1)"),
        ("torch.softmax(x, dim=1, dtype=torch.float32)", "function torch.softmax(dim=1, dtype=torch.float32)"),
        ("x.softmax(1)", "method softmax(1)"),
        ("nn.Softmax(dim=1)(x)", "layer torch.nn.Softmax(dim=1)"),
        ("nn.Softmax2d()(x)", "layer torch.nn.Softmax2d()"),
        ("x.softmax(unknown())", "method softmax(<?>)"),
    ],
)
def test_the_activation(check: Check, activation: str, expected: str) -> None:
    assert operations(check, f"p = {activation}\nF.cross_entropy(p, y)") == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p.view(-1, 3)", ["method view(-1, 3)"]),
        ("p.reshape(p.shape[0], -1)", ["method reshape(<size 0 after 1>, -1)"]),
        ("p.flatten(2).reshape(-1, p.size(1))", ["method flatten(2)", "method reshape(-1, <size 1 after 1>)"]),
        ("p.view(x.size(0), -1)", ["method view(<N>, -1)"]),
        ("p.view(len(p), -1)", ["method view(<size 0 after 1>, -1)"]),
        ("p.view(-1, len(y))", ["method view(-1, <?>)"]),
        ("p.view(-1, len(['a', 'b']))", ["method view(-1, 2)"]),
        ("p.view(y.size(1), -1)", ["method view(<?>, -1)"]),
        ("p.view(*shape)", ["method view(<?>)"]),
        ("p.view(p.size(0) * 2, -1)", ["method view(<size 0 after 1> Multiply 2, -1)"]),
        ("p.view(p.size(0) * y.size(1), -1)", ["method view(<?>, -1)"]),
        ("p.clamp(1e-7, 1 - 1e-7)", ["method clamp(1e-07, 1 Subtract 1e-07)"]),
        ("torch.zeros(3) + p", ["arithmetic Add(<?>)"]),
        ("p.permute(*(0, 2, 1))", ["method permute(0, 2, 1)"]),
        ("torch.transpose(p, 1, 2)", ["function torch.transpose(1, 2)"]),
        ("p[:2]", ["item (:2:)"]),
        ("p[:, :, 0]", ["item ((::, ::, 0))"]),
        ("p[:, :, ...]", ["item ((::, ::, builtins.Ellipsis))"]),
        ("p[y > 0]", ["item (<?>)"]),
        ("p + 1e-8", ["arithmetic Add(1e-08)"]),
        ("p.chunk(2)[0]", ["method chunk(2)", "pick (0)"]),
        ("torch.cat([p, p])", ["function torch.cat()"]),
        ("nn.Dropout(0.5)(p)", ["layer torch.nn.Dropout(0.5)"]),
        ("p.log().exp()", ["method log()", "method exp()"]),
        ("[p][0]", ["pick (0)"]),
    ],
)
def test_what_follows_the_activation(check: Check, text: str, expected: list[str]) -> None:
    done = operations(check, f"p = x.softmax(1)\nF.cross_entropy({text}, y)")

    assert done == ["method softmax(1)", *expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p[0] = 0", ["assignment (0, 0)"]),
        ("p[y > 0] = 0.0", ["assignment (<?>, 0.0)"]),
        ("p[:, 1] = w", ["assignment ((::, 1), <?>)"]),
        ("for i in range(3): p[i] = 0", ["assignment (<?>, 0)"]),
        ("if y: p[0] = 0", ["assignment (0, 0)"]),
        ("if y: p[0] = 0\nelse: pass", ["assignment (0, 0)"]),
        ("for i in range(3): p = p.clone()", ["method clone()"]),
        ("b = torch.zeros(5)\nb[0] = p\np = b", ["function torch.stack(dim=0)"]),
        ("b = torch.zeros(5)\nfor t in range(5): b[t] = p\np = b", ["function torch.stack(dim=0)"]),
        ("b = p.new_zeros(5)\nfor t in range(5): b[:, t] = p\np = b", ["function torch.stack(dim=1)"]),
        ("b = torch.zeros(5)\nfor t in range(5): b[:, t, :] = p\np = b", ["function torch.stack(dim=1)"]),
        ("b = torch.zeros(5)\nb[y > 0] = p\np = b", ["assignment (<?>, <?>)"]),
        ("b = torch.zeros(5)\nb[:2] = p\np = b", ["assignment (<?>, <?>)"]),
        ("b = torch.zeros(5)\nb[0, 1] = p\np = b", ["assignment (<?>, <?>)"]),
        ("b = torch.zeros(5)\nfor t in y: b[t] = p\np = b", ["assignment (<?>, <?>)"]),
    ],
)
def test_what_is_assigned(check: Check, text: str, expected: list[str]) -> None:
    """Of several ways the longest is told, so that nothing is left out that may have been done."""
    done = operations(check, f"p = x.softmax(1)\n{text}\nF.cross_entropy(p, y)")

    assert done == ["method softmax(1)", *expected]


def test_sizes_that_were_unpacked(check: Check) -> None:
    text = "p = x.softmax(1)\nb, c, h, w = p.shape\nq = p.permute(0, 2, 3, 1).reshape(-1, c)\nF.cross_entropy(q, y)"

    assert operations(check, text)[-1] == "method reshape(-1, <size 1 after 1>)"


@pytest.mark.parametrize(
    ("returned", "use", "expected"),
    [
        ("F.softmax(self.fc(x), 1)", "Net(4)(x)", ["model (Net(4))"]),
        ("F.softmax(self.fc(x), 1)", "Net(width=unknown())(x)", ["model (Net(width=<?>))"]),
        ("F.softmax(self.fc(x), 1)", "Net().forward(x)", ["model (Net())"]),
        ("(x, F.softmax(self.fc(x), 1))", "Net()(x)[1]", ["model (Net())", "pick (1)"]),
        ("{'p': F.softmax(self.fc(x), 1)}", "Net()(x)['p']", ["model (Net())", "pick ('p')"]),
        ("{'p': F.softmax(self.fc(x), 1)}", "Net()(x).get('p')", ["model (Net())", "pick ('p')"]),
        ("F.softmax(self.fc(x), 1)", "nn.Sequential(Net(), nn.Flatten())(x)",
         ["model (Net())", "layer torch.nn.Flatten()", "model (torch.nn.Sequential(Net(), torch.nn.Flatten()))"]),
    ],
)  # fmt: skip
def test_the_model(check: Check, returned: str, use: str, expected: list[str]) -> None:
    done = operations(check, NET.format(returned=returned) + f"F.cross_entropy({use}, y)")

    assert done[1:] == expected


def test_a_model_that_was_changed_is_not_complete(check: Check) -> None:
    text = NET.format(returned="F.softmax(self.fc(x), 1)") + "net = Net()\nnet.extra = 1\nF.cross_entropy(net(x), y)"

    assert operations(check, text)[-1] == "model (Net()!)"


def test_a_model_whose_output_is_activated_outside(check: Check) -> None:
    text = NET.format(returned="self.fc(x)") + "F.cross_entropy(Net()(x).softmax(1), y)"

    assert [operation(one) for one in recipe_of(check, text).before] == ["model (Net())"]


@pytest.mark.parametrize(
    ("text", "layer", "classes"),
    [
        ("nn.Linear(8, 3)(x).softmax(1)", "torch.nn.Linear", 3),
        ("nn.Sequential(nn.Conv2d(1, 5, 3), nn.Softmax(1))(x).permute(0, 2, 3, 1)", "torch.nn.Conv2d", 5),
        ("nn.Linear(8, unknown())(x).softmax(1)", "torch.nn.Linear", None),
        ("x.softmax(1)", "", None),
        ("nn.Linear(8, 3)(x)[:, -1].softmax(1)", "torch.nn.Linear", 3),
        ("nn.Linear(8, 3)(x)[1:, :].softmax(1)", "torch.nn.Linear", 3),
        ("nn.Linear(8, 3)(x)[:, :2].softmax(1)", "torch.nn.Linear", None),
        ("nn.Linear(8, 3)(x)[:, w].softmax(1)", "torch.nn.Linear", None),
        ("nn.Linear(8, 4)(x).chunk(2, 1)[0].softmax(1)", "torch.nn.Linear", None),
        ("nn.Linear(8, 3)(x).narrow(1, 0, 2).softmax(1)", "torch.nn.Linear", None),
    ],
)
def test_the_layer(check: Check, text: str, layer: str, classes: int | None) -> None:
    found = recipe_of(check, f"F.cross_entropy({text}, y)")

    assert (found.layer, found.classes) == (layer, classes)


@pytest.mark.parametrize(("key", "window"), [("0", True), (":, :2", False), ("..., 1:", False), (":, w", False)])
def test_no_window_is_promised_for_some_of_the_classes(check: Check, key: str, window: bool) -> None:
    (finding,) = check(m=f"{DATA}F.cross_entropy(nn.Linear(8, 3)(x)[{key}].softmax(-1), y)").findings

    assert ("3 classes" in finding.message) == window


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("nn.CrossEntropyLoss(label_smoothing=0.1)(p, y)", "torch.nn.CrossEntropyLoss(label_smoothing=0.1)"),
        ("nn.CrossEntropyLoss(weight=torch.ones(3).to(d))(p, y)", "torch.nn.CrossEntropyLoss(weight=torch.ones(3))"),
        ("nn.CrossEntropyLoss(torch.tensor([1.0, 2.0]))(p, y)", "torch.nn.CrossEntropyLoss(torch.tensor((1.0, 2.0)))"),
        ("F.cross_entropy(p, y, ignore_index=0)", "torch.nn.functional.cross_entropy(ignore_index=0)"),
        ("F.cross_entropy(p, target=y, weight=w)", "torch.nn.functional.cross_entropy(weight=<?>)"),
        ("functools.partial(F.cross_entropy, reduction='sum')(p, y)",
         "torch.nn.functional.cross_entropy(reduction='sum')"),
    ],
)  # fmt: skip
def test_the_loss(check: Check, loss: str, expected: str) -> None:
    found = recipe_of(check, f"p = x.softmax(1)\n{loss}")

    assert f"{found.loss}({arguments(found.loss_arguments)})" == expected


def test_a_loop_that_goes_on_for_ever_ends_in_something_unknown(check: Check) -> None:
    steps = "\n".join(["p = p.clone()"] * 60)

    done = operations(check, f"p = x.softmax(1)\n{steps}\nF.cross_entropy(p, y)")

    assert len(done) == 41
    assert done[-1].endswith("(<?>)")
