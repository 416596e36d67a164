"""What can be known of code that is not seen: the form of one library's .toml file.

Names are the fully qualified ones that an import gives (`torch.nn.CrossEntropyLoss`); every other
spelling of the same object is an alias.
"""

from __future__ import annotations

import enum

import msgspec

from ce_lint.ir.kinds import Family, ScoreKind


class Form(enum.Enum):
    """How a thing is called: through an instance, directly, or as a method of a tensor."""

    CLASS = "class"
    FUNCTION = "function"
    METHOD = "method"


class Effect(enum.Enum):
    """A transfer: what an operation does to the kind of its input."""

    PRESERVE = "preserve"
    """Same numbers, or a choice or convex mix of them: shape, device, type, indexing of other dims."""
    EACH = "each"
    """A sequence of pieces, each of the input's kind: chunk, split, unbind."""
    JOIN = "join"
    """One tensor out of a sequence of tensors: cat, stack; the kind when all agree."""
    LOG = "log"
    EXP = "exp"
    LOGITS = "logits"
    """Unbounded scores whatever comes in: a linear or convolution layer."""
    UNKNOWN = "unknown"


class Argument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An argument of a call, by position (from 0) or by keyword."""

    keyword: str = ""
    position: int | None = None


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A constant argument that changes the contract of a loss, a model or a wrapper."""

    argument: Argument
    equals: str | int | float | bool | None
    family: Family | None = None
    kind: ScoreKind | None = None
    word: str = ""


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A loss and what it does to its first argument."""

    name: str
    form: Form
    family: Family
    input: Argument = Argument("input", 0)
    """The scores; of the instance's call when `form` is class."""
    window: tuple[str, ...] = ()
    """Keyword arguments of the constructor (or of the function) that move the window the loss cannot leave."""
    switches: tuple[Switch, ...] = ()


class Activation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation that makes a kind of scores."""

    name: str
    form: Form
    kind: ScoreKind
    word: str
    """In the words of a message: softmax, log_softmax, sigmoid."""
    dim: Argument | None = None
    """Where the class dim is given: to the constructor of a class, else to the call."""


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Operations of one effect."""

    names: tuple[str, ...]
    form: Form
    effect: Effect
    input: Argument = Argument("input", 0)
    classes: Argument | None = None
    """For a layer class: the constructor's argument that says how many scores come out."""


class Wrapper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function or class that hands its arguments back: DataParallel, deepcopy, accelerator.prepare."""

    names: tuple[str, ...]
    input: Argument = Argument("", 0)
    all_arguments: bool = False
    """True where several arguments come back as a tuple of the same order (a single one as itself)."""


class Container(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A module that holds modules."""

    names: tuple[str, ...]
    holds: str
    """`chain` (Sequential: calls one after the other), `list` or `dict`."""


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Library classes or factory functions whose instances are models with a known output."""

    names: tuple[str, ...]
    kind: ScoreKind = ScoreKind.LOGITS
    word: str = "logits"
    switches: tuple[Switch, ...] = ()
    """Constructor arguments that change the output: `activation="softmax"`."""
    heads: tuple[str, ...] = ("fc", "classifier", "head", "heads")
    """Attributes that hold the last layers: what is put there makes the output."""


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base classes whose instances are called through a method of another name."""

    names: tuple[str, ...]
    call: str = "forward"
    evaluation_methods: tuple[str, ...] = ()
    """Methods that the framework calls in evaluation mode: validation_step, test_step."""


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parameter of an overridden method that the framework fills from its constructor."""

    base: tuple[str, ...]
    method: str
    parameter: str
    source: Argument
    """The constructor's argument that arrives there: Trainer(model=…) in compute_loss(model, …)."""


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call that hands model and loss to a framework, which feeds one to the other."""

    names: tuple[str, ...]
    model: Argument
    loss: Argument
    default_loss: str = ""
    """The loss when none is given; "" where the call is then no join."""
    takes_log: bool = False
    """True where the framework takes the log of probabilities before NLLLoss (skorch's classifier)."""


class Library(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One library's file."""

    library: str
    aliases: dict[str, str] = {}
    """Other spelling of a name, or of a name's beginning (a module), to the one used here."""
    losses: tuple[Loss, ...] = ()
    activations: tuple[Activation, ...] = ()
    operations: tuple[Operation, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    containers: tuple[Container, ...] = ()
    models: tuple[Model, ...] = ()
    bases: tuple[Base, ...] = ()
    hooks: tuple[Hook, ...] = ()
    joins: tuple[Join, ...] = ()
