"""Words without which a text holds neither end of a flow: the check that costs nothing.

This module imports nothing, because flake8 asks it about every file of a project.
"""

_MARKERS = (
    # activations and losses, under any spelling: `nn.CrossEntropyLoss`, `softmax_1d`, `self.criterion`
    "softmax",
    "softmin",
    "sigmoid",
    "expit",
    "entropy",
    "loss",
    "criteri",
    "nll",
    "bce",
    "kl_div",
    "dice",
    "focal",
    "logit",
    "backward",
    # libraries whose objects carry them without naming them
    "torch",
    "nn.",
    "timm",
    "monai",
    "kornia",
    "fastai",
    "lightning",
    "transformers",
    "ignite",
    "skorch",
    "segmentation_models",
    "accelerate",
    "learner",
    "neuralnet",
)


def can_matter(text: str) -> bool:
    """Tell whether a text may hold an activation or a loss call; when in doubt it may."""
    lowered = text.lower()
    return any(marker in lowered for marker in _MARKERS)


def can_suppress(text: str) -> bool:
    """Tell whether a text may hold a suppression comment of ours; when in doubt it may."""
    lowered = text.lower()
    return "ce-lint:" in lowered or ("noqa" in lowered and any(f"cel{digit}" in lowered for digit in "0123456789"))
