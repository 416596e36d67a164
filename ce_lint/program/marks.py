"""What an answer was made of: files that were looked at, and questions that were asked of the whole project."""

from __future__ import annotations

from collections.abc import Hashable, Iterator


class Marks:
    """Small numbers for things that an answer may hang on, so that a set of them is the bits of one integer."""

    def __init__(self) -> None:
        self._bits: dict[Hashable, int] = {}
        self._things: list[Hashable] = []

    def __len__(self) -> int:
        """How many things there are."""
        return len(self._things)

    def of(self, thing: Hashable) -> int:
        """The integer that stands for one thing alone."""
        bit = self._bits.get(thing)
        if bit is None:
            bit = self._bits[thing] = 1 << len(self._things)
            self._things.append(thing)
        return bit

    def known(self, thing: Hashable) -> int:
        """The same; 0, which stands for nothing, where no answer can hang on it yet."""
        return self._bits.get(thing, 0)

    def things(self, mask: int) -> Iterator[Hashable]:
        """What an integer stands for."""
        while mask:
            lowest = mask & -mask
            yield self._things[lowest.bit_length() - 1]
            mask ^= lowest


class NoMarks(Marks):
    """For whoever asks once: nothing is kept, and so nothing hangs on anything."""

    def of(self, thing: Hashable) -> int:
        """Nothing."""
        return 0
