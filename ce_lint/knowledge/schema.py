"""What can be known of code that is not seen: the form of one library's .toml file.

Names are the fully qualified ones that an import gives (`torch.nn.CrossEntropyLoss`); every other
spelling of the same object is an alias.
"""

# Annotations are not put off: as texts, each of them would be compiled when the first file is decoded.
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
    is_increasing: bool = True
    """Is the largest number still the largest one after it?"""


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
    forwards: tuple[str, ...] = ()
    """Methods of the framework, by their bare names, that call `forward` without being seen to: predict."""


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


class Need(enum.Enum):
    """What an operation needs of the scores that it is given."""

    NOTHING = "nothing"
    """Their shape, type or device; none of the numbers."""
    SAME = "same"
    """It hands them on: an activation does the same before it as after it, but may find its dimension elsewhere."""
    ORDER = "order"
    """Which of them is the larger one: logits and probabilities give the same answer."""
    VALUES = "values"


class Access(enum.Enum):
    """How an operation is reached: as a function, by calling an object of a class, on the scores themselves."""

    FUNCTION = "function"
    CLASS = "class"
    METHOD = "method"
    ATTRIBUTE = "attribute"


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Operations on scores that somebody may call, by what they need of them."""

    names: tuple[str, ...]
    form: Access
    need: Need
    input: Argument = Argument("input", 0)
    dim: Argument | None = None
    """For an order: where the dimension is given along which the scores are compared."""
    default_dim: int | None = None
    """That dimension where none is given; None for all of them at once."""
    is_along_classes: bool = False
    """True for an order that is always one of the classes of one sample: an accuracy."""
    ranks: tuple[int | str, ...] = ()
    """The items of the result that hang on the order only, where the others are values."""
    keeps_dims: bool = False
    """For what hands the scores on: is every dimension where it was?"""
    gives_array: bool = False
    """For what hands the scores on: are they no tensor any more?"""
    only: tuple[Switch, ...] = ()
    """Constants of the constructor of which one has to be there."""


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
    readings: tuple[Reading, ...] = ()
    readers: tuple[str, ...] = ()
    """Packages and modules whose functions read the numbers of a tensor that they are given, and call no loss."""
