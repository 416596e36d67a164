"""What a watched program leaves behind for `ce-lint run`: a folder with a file for each process that called a loss.

`NAME.jsonl` has one record a line, written when a call was looked at and when the process ends. A process that is
killed leaves what was looked at. No torch here.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from ce_lint.runtime.sites.records import SiteReport

FOLDER_VARIABLE = "CE_LINT_RUN"
"""The environment variable that names the folder; the start-up file reads it."""
PREFIX_VARIABLE = "CE_LINT_RUN_PREFIX"
"""The environment variable that names the Python environment that is watched: `sys.prefix`."""
OPTIONS_FILE = "options.json"
LINES_SUFFIX = ".jsonl"
TROUBLE_SUFFIX = ".trouble"
"""A file of this kind says in one line why a process could not be watched."""


LOOKS = 3
"""How many calls of each place are looked at unless another number is asked for."""


class RunOptions(msgspec.Struct, frozen=True):
    """What the parent asks of every process of the program."""

    steps: int | None = None
    """After how many watched loss calls a process ends itself."""
    looks: int | None = LOOKS
    """How many calls of each call site are looked at; None: every one."""


class LookLine(msgspec.Struct, frozen=True, tag="look"):
    """A call site after a call was looked at."""

    site: SiteReport
    """With the last observation only: what came before is on earlier lines."""


class EndLine(msgspec.Struct, frozen=True, tag="end"):
    """The last line of a process that ended in order: all that it saw, whatever earlier lines say."""

    sites: tuple[SiteReport, ...]
    unseen: tuple[str, ...]


Line = LookLine | EndLine


def encode(line: Line) -> bytes:
    """Return one line of the file. A loss can be infinite or no number, which the standard library's JSON can say."""
    return json.dumps(msgspec.to_builtins(line)).encode("ascii") + b"\n"


def decode(text: bytes) -> Line | None:
    """Return the record on a line; None for one that was cut off when its process was killed."""
    try:
        record: Line = msgspec.convert(json.loads(text), type=Line)
    except (ValueError, msgspec.ValidationError):
        return None
    return record


def write_options(folder: Path, options: RunOptions) -> None:
    """Leave the options where every process of the program finds them. Errors: OSError."""
    (folder / OPTIONS_FILE).write_bytes(msgspec.json.encode(options))


def read_options(folder: Path) -> RunOptions:
    """Read what `write_options` wrote. Errors: OSError; msgspec.DecodeError for another text."""
    return msgspec.json.decode((folder / OPTIONS_FILE).read_bytes(), type=RunOptions)
