"""What a file's content is known by."""

from __future__ import annotations

import hashlib
from pathlib import Path

SIZE = 20
"""Bytes of a key."""


def content_key(path: Path, data: bytes) -> bytes:
    """The key of a content: of the path only the suffix matters, which says how the content is read."""
    digest = hashlib.blake2b(data, digest_size=SIZE, person=path.suffix.lower().encode("utf-8", "replace")[:16])
    return digest.digest()
