"""Lowered contents that were kept; the rest is lowered, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from ce_lint.program.loading import Lowered, Supply, Wanted
from ce_lint.store.records import Store
from ce_lint.supply.keys import content_key

KIND = "lowered"
TOO_SMALL = 300
"""Contents of fewer bytes are lowered faster than they are looked up."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Lowered).decode


class Shelf(Protocol):
    """What holds encoded results by the keys of their contents."""

    def get_many(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The results that are there."""


class Stored:
    """Looks into a store and some shelves, and keeps in the store what came from elsewhere."""

    def __init__(self, shelves: Sequence[Shelf], store: Store, inner: Supply) -> None:
        self._shelves = tuple(shelves)
        self._store = store
        self._inner = inner

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        """What each of some contents comes to."""
        contents = list(wanted)
        keys = [
            None if laid is not None or len(data) < TOO_SMALL else content_key(path, data)
            for path, data, laid in contents
        ]
        known = self._known([key for key in keys if key is not None])
        missing = [number for number, key in enumerate(keys) if key is None or key not in known]
        found = dict(zip(missing, self._inner.lowered([contents[number] for number in missing]), strict=True))
        lasting = [(key, found[number]) for number in missing if (key := keys[number]) is not None]
        new = {key: encoded(lowered) for key, lowered in lasting if not lowered.may_pass}
        if new:
            self._store.put_many(KIND, new)
        for number, key in enumerate(keys):
            yield found[number] if number in found or key is None else known[key]

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Lowered]:
        known = _read(self._store, keys)
        for shelf in self._shelves:
            missing = [key for key in keys if key not in known]
            found = _read(shelf, missing)
            if found:
                self._store.put_many(KIND, {key: encoded(lowered) for key, lowered in found.items()})
            known.update(found)
        return known


def _read(shelf: Shelf, keys: Sequence[bytes]) -> dict[bytes, Lowered]:
    values = shelf.get_many(KIND, keys) if keys else {}
    results = {key: decoded(value) for key, value in values.items()}
    return {key: result for key, result in results.items() if result is not None}


def encoded(lowered: Lowered) -> bytes:
    """A result as bytes."""
    return _encode(lowered)


def decoded(value: bytes) -> Lowered | None:
    """The result that `encoded` wrote; None for bytes that it did not."""
    try:
        return _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
