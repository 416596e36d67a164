"""What was done to scores on their way to a loss, with the arguments that are known: enough to repeat it in torch.

A value of an argument is a constant of Python (`None`, bool, int, float, str), a tuple of values, or one of the records
here. `Missing` stands for what the analyser could not tell: a recipe that needs it cannot be repeated.
"""

from __future__ import annotations

import enum
from typing import TypeAlias, Union

import msgspec


class Missing(msgspec.Struct, frozen=True):
    """An argument that is not known, and why."""

    reason: str = ""


class Batch(msgspec.Struct, frozen=True):
    """The number of samples: `x.size(0)`, `x.shape[0]`, `len(x)`."""


class Size(msgspec.Struct, frozen=True):
    """The size of a dimension of the scores themselves, after so many of the recipe's operations."""

    operations: int
    dim: int


class Calculation(msgspec.Struct, frozen=True):
    """Arithmetic on two values, by the name of its operator: `b * t` is `Multiply`."""

    operator: str
    left: Known
    right: Known


class Name(msgspec.Struct, frozen=True):
    """An object of a library, by its full name: `torch.float32`."""

    name: str


class Bounds(msgspec.Struct, frozen=True):
    """A slice in a subscript."""

    lower: Known = None
    upper: Known = None
    step: Known = None


class Built(msgspec.Struct, frozen=True):
    """An object, by the call that constructs it: a model, a layer, a tensor (`torch.ones`), a dict of pairs."""

    name: str
    """Full name of a library's class or function; the qualified name, in its module, of one of the project's.

    `builtins.dict` has one argument, a tuple of pairs.
    """
    path: str = ""
    """The file of a project's class, absolute; empty for a library's."""
    arguments: tuple[Given, ...] | None = ()
    """None where no call that constructs it is seen."""
    is_complete: bool = True
    """False where the object was changed after its construction."""


Known: TypeAlias = Union[
    bool, int, float, str, "tuple[Known, ...]", Missing, Batch, Size, Calculation, Name, Bounds, Built, None
]


class Given(msgspec.Struct, frozen=True):
    """One argument of a call."""

    value: Known
    keyword: str = ""


class Act(enum.Enum):
    """How an operation is spelt."""

    FUNCTION = "function"
    """`torch.softmax(scores, 1)`: `name` is the full name; the scores stand at `position`."""
    METHOD = "method"
    """`scores.view(-1, 3)`."""
    LAYER = "layer"
    """`nn.Softmax(dim=1)(scores)`: `name` is the class, `arguments` are the constructor's."""
    ITEM = "item"
    """`scores[:, 0]`: the only argument is the key, a tuple where there are several."""
    ARITHMETIC = "arithmetic"
    """`scores + 1e-8`: `name` is the operator (`Add`, `Subtract`, ...), the argument the other side."""
    ASSIGNMENT = "assignment"
    """`scores[key] = value`: the arguments are the key and the value."""
    PICK = "pick"
    """One of several values, `output["logits"]`, `output.logits`: the only argument is the key, the index or the name.

    Nothing is done where the scores are one tensor already: they may have been put into a list and taken out again.
    """
    MODEL = "model"
    """A model returned the scores, or what they are picked from: the only argument is what built the model."""


class Operation(msgspec.Struct, frozen=True):
    """One thing that was done to the scores."""

    act: Act
    name: str
    arguments: tuple[Given, ...] = ()
    """Without the scores themselves."""
    position: int = 0
    """Where the scores stand among the positional arguments of a function."""
    keyword: str = ""
    """The keyword under which a function takes the scores, where it is not by position."""


class Recipe(msgspec.Struct, frozen=True):
    """The way of scores from the layer that made them to the loss."""

    layer: str = ""
    """The layer that made the logits, by its full name (`torch.nn.Conv2d`); empty where it is not known."""
    classes: int | None = None
    before: tuple[Operation, ...] = ()
    """What was done to the logits before the activation: a model that returned them."""
    operations: tuple[Operation, ...] = ()
    """In the order in which they are done; the first is the activation."""
    loss: str = ""
    """The loss by its full name: `torch.nn.CrossEntropyLoss`, `torch.nn.functional.cross_entropy`."""
    loss_arguments: tuple[Given, ...] = ()
    """The constructor's, or the function's without input and target."""
