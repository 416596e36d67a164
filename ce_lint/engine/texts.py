"""The texts that were analysed, kept to be compared with what stands in their place later."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from ce_lint.program.files import Files
from ce_lint.store.records import Store
from ce_lint.supply.keys import content_key

KIND = "text"
_LEVEL = 1
"""The quickest: every text is written, and few are ever read."""


def keep_texts(store: Store, files: Files, paths: Iterable[Path]) -> dict[str, bytes]:
    """Keep what some files hold, where it is not kept yet; the keys by which `kept_text` finds it."""
    texts = {path: files.content(path).data for path in paths}
    keys = {path: content_key(path, data) for path, data in texts.items()}
    known = store.get_many(KIND, list(keys.values()))
    missing = {key: texts[path] for path, key in keys.items() if _text(path, key, known) is None}
    store.put_many(KIND, {key: zlib.compress(data, _LEVEL) for key, data in missing.items()})
    return {str(path): key for path, key in keys.items()}


def kept_text(store: Store, path: Path, key: bytes) -> bytes | None:
    """What a file held; None where that is not kept any more."""
    return _text(path, key, store.get_many(KIND, (key,)))


def _text(path: Path, key: bytes, values: Mapping[bytes, bytes]) -> bytes | None:
    try:
        text = zlib.decompress(values[key])
    except (KeyError, zlib.error):
        return None
    return text if content_key(path, text) == key else None
