"""Words without which a text holds neither end of a flow: the check that costs next to nothing.

flake8 asks it about every file of a project, and flake8 itself has imported all that this module needs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterator

MARKERS = (
    # activations and losses, under any spelling: `nn.CrossEntropyLoss`, `softmax_1d`, `softmin`, `self.criterion`
    "softm",
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

_STEMS = ("Loss", "_loss", "ntropy", "dice_", "kl_div", "NeuralNet", "oftm", "igmoid")
"""Of which nearly all words for losses and activations have one."""
_AS_BYTES = tuple(marker.encode() for marker in MARKERS)
_HEAD = 500
"""Bytes, more than those in which an encoding may be named."""
_SMALL = 4_096
"""Of the bytes of a file: to make the patterns takes as long as to search for each marker through twenty such files."""
_RARE = "kxg"
_LETTERS = f"{_RARE}vyw_.bhmupdcfolnirsaet"
"""Those of the markers, by how rare they are in Python, the rarest first."""
_ASCII_BELOW = ("\u0130", "\u212a")
"""The two letters outside ASCII that have an ASCII one in their lower case: a dotted I, and the sign of the Kelvin."""


def _patterns() -> Iterator[re.Pattern[bytes]]:
    """Yield what finds the markers in half the time of a search for each as it is written.

    `re` looks for the first letter of a pattern only, and so quickly that the rarest letter of a marker has to be the
    first: what stands before it is looked back at. Markers with the same of the few very rare letters are one pattern.
    """
    joint: dict[str, list[str]] = {letter: [] for letter in _RARE}
    for marker in MARKERS:
        rarest = min(marker[:-1], key=_LETTERS.index)
        before, rest = marker[: marker.index(rarest)], marker[marker.index(rarest) :]
        if rarest in joint:
            joint[rarest].append(f"(?<={re.escape(before + rarest)}){re.escape(rest[1:])}")
        else:
            yield re.compile((re.escape(rest) + (f"(?<={re.escape(marker)})" if before else "")).encode())
    for letter, alternatives in joint.items():
        yield re.compile(f"{letter}(?:{'|'.join(alternatives)})".encode())


@functools.cache
def _compiled() -> tuple[re.Pattern[bytes], ...]:
    return tuple(_patterns())


def can_matter(text: str) -> bool:
    """Tell whether a text may hold an activation or a loss call; when in doubt it may."""
    return can_matter_bytes(_as_bytes(text))


def can_matter_bytes(data: bytes) -> bool:
    """Tell the same of what a file holds, in any encoding that has ASCII in it."""
    return _matters(data.lower())


def can_suppress(text: str) -> bool:
    """Tell whether a text may hold a suppression comment of ours; when in doubt it may."""
    return _suppresses(_as_bytes(text).lower())


def can_suppress_bytes(data: bytes) -> bool:
    """Tell the same of what a file holds, where a notebook's JSON or an encoding may spell it in other bytes."""
    lowered = data.lower()
    return not _is_plain(lowered) or _suppresses(lowered)


def can_take_back_bytes(data: bytes) -> bool:
    """Tell the same of any comment that takes something back: a bare `# noqa`, too."""
    lowered = data.lower()
    return not _is_plain(lowered) or b"noqa" in lowered or b"ce-lint:" in lowered


def can_concern_us(text: str) -> bool:
    """Tell whether a text can matter or suppress."""
    lowered = _as_bytes(text).lower()
    return _matters(lowered) or _suppresses(lowered)


def holding(words: Collection[str]) -> Callable[[bytes], bool]:
    """Return what tells whether one of some words may stand in a file: where no loss does, no call is one of a loss."""
    wanted = tuple(word.encode() for word in words)
    stems = tuple({next((stem for stem in _STEMS if stem in word), word).encode() for word in words})

    def holds(data: bytes) -> bool:
        return any(stem in data for stem in stems) and any(word in data for word in wanted)

    return holds


def _matters(lowered: bytes) -> bool:
    if len(lowered) < _SMALL:
        return any(marker in lowered for marker in _AS_BYTES)
    return any(pattern.search(lowered) for pattern in _compiled())


def _is_plain(lowered: bytes) -> bool:
    """Tell whether a file spells its text as it is, and in an encoding that has ASCII in it."""
    return not lowered.startswith(b"{") and b"coding" not in lowered[:_HEAD]


def _suppresses(lowered: bytes) -> bool:
    return b"ce-lint:" in lowered or (b"noqa" in lowered and re.search(rb"cel\d", lowered) is not None)


def _as_bytes(text: str) -> bytes:
    """A text in UTF-8, of which only the ASCII letters are compared: in bytes, that takes a fourth of the time."""
    if not text.isascii() and any(letter in text for letter in _ASCII_BELOW):
        text = text.lower()
    # A notebook's JSON can hold half of a surrogate pair.
    return text.encode("utf-8", "surrogatepass")
