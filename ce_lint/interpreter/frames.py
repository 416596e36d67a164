"""Frames: a function with what its parameters hold, entered by a call or from nowhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from ce_lint.interpreter.values import Arguments, Definition, Value


NEVER = sys.maxsize
"""The time of a call that nobody is seen to make."""


class Moment(NamedTuple):
    """A point of a module's body: what its globals held when a call from there began."""

    path: Path
    time: int


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One entry of a function; equal entries are one frame."""

    definition: Definition
    arguments: Arguments | None
    """None where nobody is seen to call: the parameters are open."""
    receiver: Value | None
    """What the first parameter of a method holds."""
    around: int | None
    """The frame of the function around."""
    moment: Moment | None
    depth: int


class FrameTable:
    """All frames of an interpreter, each under a small number."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._numbers: dict[Frame, int] = {}

    def number(self, frame: Frame) -> int:
        """The number of a frame, the same for equal ones."""
        known = self._numbers.get(frame)
        if known is None:
            known = self._numbers[frame] = len(self._frames)
            self._frames.append(frame)
        return known

    def __getitem__(self, number: int) -> Frame:
        return self._frames[number]

    def __len__(self) -> int:
        return len(self._frames)
