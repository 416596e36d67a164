"""Can the libcst of this interpreter, with which fixes are made, read what this interpreter reads?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ce_lint.doctor.programs import NotAskedError, ask, code, install_with
from ce_lint.doctor.records import Check, Remedy, Surroundings, Verdict

AREA = "parser"

SYNTAX: tuple[tuple[tuple[int, int], str, str], ...] = (
    # since which Python, what it is called, and the shortest program that has it
    ((3, 10), "match", "match x:\n    case 1:\n        pass\n"),
    ((3, 11), "except*", "try:\n    pass\nexcept* ValueError:\n    pass\n"),
    ((3, 12), "type parameters", "type Pair[T] = tuple[T, T]\ndef first[T](pair: Pair[T]) -> T: ...\n"),
    ((3, 12), "quotes inside f-strings", "f'{x['key']}'\n"),
    ((3, 13), "defaults of type parameters", "class Box[T = int]: ...\n"),
    ((3, 14), "t-strings", "t'{x}'\n"),
    ((3, 14), "except without parentheses", "try:\n    pass\nexcept ValueError, TypeError:\n    pass\n"),
    ((3, 15), "lazy imports", "lazy import json\n"),
    ((3, 15), "unpacking in comprehensions", "[*row for row in rows]\n"),
)

_ASK = """\
import importlib.metadata, json, libcst
def reads(text):
    try:
        libcst.parse_module(text)
    except (libcst.ParserSyntaxError, TypeError, RecursionError):
        return False
    return True
programs = json.loads(sys.stdin.read())
print(json.dumps([importlib.metadata.version('libcst'), libcst.__file__, list(map(reads, programs))]))
"""


def syntax_of(version: tuple[int, int]) -> list[tuple[str, str]]:
    """Return the newer syntax that a Python reads: names and programs."""
    return [(name, program) for since, name, program in SYNTAX if since <= version]


def check_parser(surroundings: Surroundings) -> Iterator[Check]:
    """Let libcst, in a process of its own, read the newest syntax that this Python reads."""
    python = ".".join(map(str, surroundings.version))
    syntax = syntax_of(surroundings.version)
    programs = json.dumps([program for _, program in syntax])
    try:
        said = ask(code(surroundings.interpreter, _ASK), surroundings, stdin=programs)
    except NotAskedError as error:
        yield Check(AREA, "libcst", Verdict.PROBLEM, f"could not be asked: {error}")
        return
    try:
        version, file, answers = json.loads(said.out)
    except ValueError:
        yield Check(AREA, "libcst", Verdict.PROBLEM, f"libcst fails: {said.last_line}", (_newer(surroundings),))
        return
    where = f"libcst {version} in {Path(file).parent}"
    unread = [name for (name, _), is_read in zip(syntax, answers, strict=True) if not is_read]
    if not unread:
        yield Check(AREA, "libcst", Verdict.OK, f"{where} reads the syntax of Python {python}")
        return
    what = (
        f"{where} does not read all of Python {python}: files with {', '.join(unread)} are analysed, but get no fixes"
    )
    yield Check(AREA, "libcst", Verdict.WARNING, what, (_newer(surroundings),))


def _newer(surroundings: Surroundings) -> Remedy:
    return install_with(str(surroundings.interpreter), "--upgrade", "libcst")
