"""The losses that the kernel knows, as data: what each takes, under which names. No torch here.

Signatures are those of `torch.nn.functional` in torch 2.1 to 2.13.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ce_lint.ir.kinds import Family


class ClassDim(enum.Enum):
    """Which dimension of its first argument a loss takes for the classes."""

    SECOND = "second"
    """1, or 0 for a single sample without a batch dimension."""
    LAST = "last"
    ELEMENTWISE = "none"
    """None: each element is judged for itself."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One functional loss."""

    functional: str
    """Its name in `torch.nn.functional`."""
    family: Family
    class_dim: ClassDim
    modules: tuple[str, ...]
    """The classes of `torch.nn` that call it."""
    options: tuple[str, ...]
    """The arguments beside scores and target that change the value."""
    scores: str = "input"
    """The name of the argument that takes the scores."""
    target: str = "target"

    def class_dim_of(self, ndim: int) -> int | None:
        """The class dimension of scores with so many dimensions; None for an elementwise loss."""
        if self.class_dim is ClassDim.ELEMENTWISE:
            return None
        if self.class_dim is ClassDim.LAST:
            return max(ndim - 1, 0)
        return 1 if ndim >= 2 else 0


_ALL = (
    Contract(
        "cross_entropy",
        Family.CROSS_ENTROPY,
        ClassDim.SECOND,
        ("CrossEntropyLoss",),
        ("weight", "ignore_index", "reduction", "label_smoothing"),
    ),
    Contract("nll_loss", Family.NLL, ClassDim.SECOND, ("NLLLoss",), ("weight", "ignore_index", "reduction")),
    Contract(
        "ctc_loss",
        Family.NLL,
        ClassDim.LAST,
        ("CTCLoss",),
        ("input_lengths", "target_lengths", "blank", "reduction", "zero_infinity"),
        scores="log_probs",
        target="targets",
    ),
    Contract(
        "binary_cross_entropy_with_logits",
        Family.BCE_WITH_LOGITS,
        ClassDim.ELEMENTWISE,
        ("BCEWithLogitsLoss",),
        ("weight", "reduction", "pos_weight"),
    ),
    Contract(
        "multilabel_soft_margin_loss",
        Family.BCE_WITH_LOGITS,
        ClassDim.ELEMENTWISE,
        ("MultiLabelSoftMarginLoss",),
        ("weight", "reduction"),
    ),
    Contract("binary_cross_entropy", Family.BCE, ClassDim.ELEMENTWISE, ("BCELoss",), ("weight", "reduction")),
    Contract("kl_div", Family.KL_DIV, ClassDim.ELEMENTWISE, ("KLDivLoss",), ("reduction", "log_target")),
)

CONTRACTS: Mapping[str, Contract] = MappingProxyType({contract.functional: contract for contract in _ALL})
"""By the functional's name."""

BY_MODULE: Mapping[str, Contract] = MappingProxyType(
    {module: contract for contract in _ALL for module in contract.modules}
)
"""By the name of the module class."""

LEGACY = ("size_average", "reduce")
"""Arguments of torch 0.4 that most losses still take for `reduction`."""
