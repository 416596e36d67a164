"""Which files of a project git ignores, as git itself says."""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path

MARK = ".git"
"""What lies in a repository's folder: a folder, or in a submodule or another work tree a file."""

NOTHING: Container[str] = frozenset()


def ignored_below(folder: Path) -> Container[str]:
    """Return the files and folders below an absolute folder that its repository ignores, by their absolute paths.

    What git tracks is not ignored, whatever a .gitignore says. Nothing is where there is no repository, where git is
    missing or refuses to read it, and where the folder is itself ignored: whoever asks for it means what is in it.
    """
    if not any(os.path.exists(one / MARK) for one in (folder, *folder.parents)):
        return NOTHING
    # Imported here, because a run on files that are named asks nothing of git, and so has nothing to say.
    from ce_lint.engine.git import GitError, run_git

    try:
        listed = run_git(folder, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    except GitError as error:
        import logging

        logging.getLogger(__name__).debug("%s: .gitignore is not respected: %s", folder, error)
        return NOTHING
    names = listed.split("\0")
    if "./" in names:
        return NOTHING
    return frozenset(os.path.join(folder, os.path.normpath(name)) for name in names if name)
