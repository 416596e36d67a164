"""What git knows of a project, asked of git itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

# What git sets while it runs a hook, and what would make it answer for another repository than the folder's.
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")
# What would change the form of an answer, over all options.
_OF_A_USER = ("GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS")


class GitError(Exception):
    """Why git has no answer, in one line."""


def run_git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed; names that are not in UTF-8 keep their bytes.

    No program that the repository's own configuration names is started.
    Raises GitError where git is missing, the folder is in no repository, or git refuses.
    """
    return os.fsdecode(git_output(folder, *arguments))


def git_output(folder: Path, *arguments: str, accepted: tuple[int, ...] = (0,)) -> bytes:
    """Run git as `run_git` does, and return the bytes; an exit status that is accepted is no refusal."""
    environment = {name: value for name, value in os.environ.items() if name not in (*_OF_A_HOOK, *_OF_A_USER)}
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, env={**environment, "LC_ALL": "C"}, capture_output=True, check=False
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {(error.strerror or type(error).__name__).lower()}") from error
    if done.returncode not in accepted:
        said = os.fsdecode(done.stderr).strip().splitlines() or [f"status {done.returncode}"]
        raise GitError(said[0].removeprefix("fatal: "))
    return done.stdout
