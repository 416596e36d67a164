"""Paths of files as URIs, and back."""

from __future__ import annotations

import os
from pathlib import Path

from pygls.uris import from_fs_path, to_fs_path


def path_of(uri: str) -> Path | None:
    """Return the absolute path of a file; None for what is no file on disk of this machine, or cannot be one."""
    name = to_fs_path(uri.replace("file://localhost/", "file:///", 1))
    if not name or "\0" in name or not Path(name).is_absolute():
        return None
    if os.name != "nt" and name.startswith("//"):
        return None  # it names a host; as a path, it would begin at the root of this one
    return Path(os.path.abspath(name))


def uri_of(path: Path) -> str:
    """Return the URI of an absolute path."""
    # A name that is no UTF-8 has no URI that stands for it: what cannot be written is shown as it can.
    name = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    uri = from_fs_path(name)
    assert isinstance(uri, str)
    return uri
