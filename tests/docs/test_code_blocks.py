"""Every code block of the README, docs/ and the rules' pages is run or checked; one that is neither fails."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import pytest
import yaml
from markdown_it import MarkdownIt

from ce_lint.cli.main import main
from ce_lint.rules.registry import RULES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
PAGES = {
    **{path.relative_to(ROOT).as_posix(): path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))},
    **{f"rules/{rule.code}.md": rule.page for rule in RULES},
}
OUTPUT = "<!-- output -->"
"""Marks a block that is what the commands above it print; a `text` block is always that."""
RUN_ELSEWHERE = {"docs/runtime.md": "tests/docs/test_runtime_doc.py", "docs/editors.md": "tests/editors"}
"""Pages whose commands and programs, which need torch or an editor, are run by other tests."""
NOT_RUN = {
    "pip install": "a test installs nothing",
    "fixtures/": "tests/fixtures checks all of them",
    "python -m pytest": "this is what it runs",
    "pre-commit": "asks for hooks over the network; tests/hooks runs it with local ones",
    "prek": "the same",
    "ce-lint run": "needs torch; tests/docs/test_runtime_doc.py runs it",
    "ce-lint confirm": "the same",
    "ce-lint demo": "the same",
    "pytest --ce-lint": "the same",
    "reviewdog": "is no Python package, and talks to a code host",
    "sonar-scanner": "the same",
    "evaluate.py": "stands beside the corpus, which is not part of the project",
    "LIBRARY": "stands for a folder",
    "--dask": "needs a cluster; tests/supply/test_cluster.py runs it on one",
    "-m benchmarks": "takes hours; tests/benchmarks runs the rows in the smallest size",
}
"""What a line of a command holds that is not run, and why."""
LOOKED_AT = {"groovy": "nothing checks a Jenkinsfile outside Jenkins"}
"""Languages without a checker. The commands in these blocks are parsed like all others."""


class Shown(NamedTuple):
    """What a page says that commands print."""

    language: str
    text: str


class Block(NamedTuple):
    """A code block and where it stands."""

    page: str
    line: int
    language: str
    text: str
    shown: tuple[Shown, ...] = ()

    @property
    def name(self) -> str:
        """The file that the block says it is, in a comment on its first line."""
        match = re.match(r"# (\S*\.\w+)\n", self.text)
        return match[1] if match else ""


def text_of(page: str) -> str:
    source = PAGES[page]
    return source if isinstance(source, str) else source.read_text(encoding="utf-8")


def blocks_in(page: str, markdown: str) -> Iterator[Block]:
    block: Block | None = None
    is_output = False
    for token in MarkdownIt().parse(markdown):
        if token.type == "html_block":
            is_output = token.content.strip() == OUTPUT
        elif token.type in {"fence", "code_block"}:
            language = token.info.partition(" ")[0] if token.type == "fence" else "indented"
            if block and (is_output or language == "text"):
                block = block._replace(shown=(*block.shown, Shown(language, token.content)))
            else:
                assert token.map is not None
                if block:
                    yield block
                block = Block(page, token.map[0] + 1, language, token.content)
            is_output = False
    if block:
        yield block


BLOCKS = [block for page in PAGES for block in blocks_in(page, text_of(page))]


def accepts(command: str, statuses: Sequence[int] = (0,)) -> str:
    """Run a command, which has to end with one of these statuses; return all that it printed."""
    result = subprocess.run(
        ["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert result.returncode in statuses, f"{command}: {result.stdout}"
    return result.stdout


# --- Commands -------------------------------------------------------------------------------------------------------


def shell_lines(text: str) -> list[str]:
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page not in RUN_ELSEWHERE])
def test_the_commands_of_a_page_print_what_it_shows(page: str, project: Path) -> None:
    blocks = [block for block in BLOCKS if block.page == page]
    for block in blocks:
        if block.language == "python" and block.name:
            (project / block.name).write_text(block.text)
    for block in blocks:
        if block.language != "sh":
            assert not block.shown, "no command stands before this output"
            continue
        may_fail = any("Error:" in shown.text for shown in block.shown)
        commands = [line for line in shell_lines(block.text) if not any(words in line for words in NOT_RUN)]
        printed = "".join(accepts(line, (2,) if may_fail else (0, 1)) for line in commands)
        for shown in block.shown:
            assert_printed(shown, printed)


def assert_printed(shown: Shown, printed: str) -> None:
    if shown.language == "json":
        assert is_part(json.loads(shown.text), json.loads(printed)), printed
    elif shown.language == "xml":
        assert is_part(plain_xml(shown.text), plain_xml(printed)), printed
    else:
        assert shown.language == "text"
        pattern = re.escape(shown.text.strip()).replace("…", ".*")
        assert re.fullmatch(pattern, printed.strip(), re.DOTALL), printed


def is_part(shown: object, whole: object) -> bool:
    """Whether a document is another one with some of its members and elements left out."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(value, whole[key]) for key, value in shown.items())
    if isinstance(shown, list) and isinstance(whole, list):
        rest = iter(whole)
        return all(any(is_part(item, candidate) for candidate in rest) for item in shown)
    return shown == whole


def plain_xml(text: str) -> dict[str, object]:
    def plain(element: ET.Element) -> dict[str, object]:
        children = [plain(child) for child in element]
        return {"tag": element.tag, **element.attrib, "text": (element.text or "").strip(), "children": children}

    return plain(ET.fromstring(text.encode()))  # noqa: S314 - our own documents


def calls_in(text: str) -> Iterator[list[str]]:
    """The arguments of each `ce-lint` that a block of any language calls."""
    for match in re.finditer(r"""(?:^|[\s'"`])ce-lint ([a-z].*)""", text.replace("\\\n", " "), re.MULTILINE):
        quote = match[0][0]
        command = match[1].partition(quote)[0] if quote in "'\"`" else match[1]
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
        yield words[: next((i for i, word in enumerate(words) if set(word) <= set("();<>|&")), len(words))]


def parse(arguments: Sequence[str]) -> str:
    """Let the real command read its arguments, without running it; return what is wrong with them."""
    command: click.Command = main
    rest = list(arguments)
    try:
        while isinstance(command, click.Group):
            _, command, rest = command.resolve_command(click.Context(command), rest)
            assert command is not None
        if rest:  # a name alone speaks of the command
            command.make_context(command.name, rest)
    except click.exceptions.Exit:
        pass  # --help
    except click.ClickException as error:
        return f"ce-lint {shlex.join(arguments)}: {error.format_message()}"
    return ""


@pytest.mark.parametrize("page", PAGES)
def test_ce_lint_has_every_command_and_option_that_a_page_names(page: str, project: Path) -> None:
    inline = [
        child.content
        for token in MarkdownIt().parse(text_of(page))
        for child in token.children or ()
        if child.type == "code_inline"
    ]
    code = (*inline, *(block.text for block in BLOCKS if block.page == page))

    assert [wrong for text in code for arguments in calls_in(text) if (wrong := parse(arguments))] == []


# --- The other languages, one check each ----------------------------------------------------------------------------


def check_python(block: Block, _folder: Path) -> None:
    compile(block.text, block.page, "exec")


def check_commands(block: Block, _folder: Path) -> None:
    assert shell_lines(block.text)
    accepts(f"sh -n -c {shlex.quote(block.text)}")


def check_toml(block: Block, folder: Path) -> None:
    document = tomllib.loads(block.text)
    if block.name == "languages.toml":
        check_run_elsewhere(block, folder)
        return
    tools = set(document["tool"])
    assert tools <= {"ce-lint", "ruff"}
    (folder / "pyproject.toml").write_text(block.text)
    accepts("ce-lint check --no-baseline", (0, 1))
    if "ruff" in tools:
        accepts("ruff check --show-settings")


def check_ini(block: Block, folder: Path) -> None:
    (folder / ".flake8").write_text(block.text)
    accepts("python -m flake8 train.py", (0, 1))


def check_yaml(block: Block, folder: Path) -> None:
    document = yaml.safe_load(block.text)
    text = block.text
    if isinstance(document, list):
        document = {"repos": document}
        text = yaml.safe_dump(document)
    (folder / "checked.yaml").write_text(text)
    if "repos" in document:
        accepts("pre-commit validate-config checked.yaml")
        for hook in (hook for entry in document["repos"] for hook in entry["hooks"]):
            if hook["id"].startswith("ce-lint"):
                assert hook["id"] in {offered["id"] for offered in yaml.safe_load(HOOKS.read_text(encoding="utf-8"))}
                assert parse(["check", *hook.get("args", ())]) == ""
    else:
        schema = {".github/workflows": "github-workflows", ".gitlab-ci.yml": "gitlab-ci"}
        (name,) = (name for start, name in schema.items() if block.name.startswith(start))
        accepts(f"check-jsonschema --builtin-schema vendor.{name} checked.yaml")


def check_json(block: Block, _folder: Path) -> None:
    json.loads(re.sub(r"^\s*//.*", "", block.text, flags=re.MULTILINE))


def check_run_elsewhere(block: Block, _folder: Path) -> None:
    assert block.page in RUN_ELSEWHERE


def check_indented(block: Block, folder: Path) -> None:
    """An indented block says no language: it is Python in a rule's page, and an output that another test compares."""
    if block.page.startswith("rules/"):
        check_python(block, folder)
    else:
        check_run_elsewhere(block, folder)


CHECKS: dict[str, Callable[[Block, Path], None]] = {
    "python": check_python,
    "ipython": check_run_elsewhere,
    "lua": check_run_elsewhere,
    "elisp": check_run_elsewhere,
    "vim": check_run_elsewhere,
    "sh": check_commands,
    "toml": check_toml,
    "ini": check_ini,
    "yaml": check_yaml,
    "json": check_json,
    "jsonc": check_json,
    "indented": check_indented,
}
RUNS_A_PROGRAM = {"toml", "ini", "yaml"}


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(
            block,
            id=f"{block.page}:{block.line}",
            marks=[pytest.mark.slow] if block.language in RUNS_A_PROGRAM else [],
        )
        for block in BLOCKS
        if block.language in CHECKS
    ],
)
def test_a_block_is_what_it_says(block: Block, project: Path) -> None:
    CHECKS[block.language](block, project)


def unchecked(blocks: Sequence[Block]) -> list[str]:
    known = {*CHECKS, *LOOKED_AT}
    return [f"{block.page}:{block.line}: {block.language}" for block in blocks if block.language not in known]


def test_every_block_has_a_check() -> None:
    assert unchecked(BLOCKS) == []
    assert len(BLOCKS) > 80


@pytest.mark.parametrize("words", NOT_RUN)
def test_what_is_not_run_is_on_a_page(words: str) -> None:
    assert [block for block in BLOCKS if words in block.text and block.language == "sh"] != []


# --- The checks themselves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("```\nwhat?\n```", ["a.md:1: "]),
        ("```rust\nfn main() {}\n```", ["a.md:1: rust"]),
        ("1. a list\n\n    ```perl\n    print;\n    ```", ["a.md:3: perl"]),
        ("```text\nan output of nothing\n```", ["a.md:1: text"]),
        ("```sh\nls\n```\n\n```text\nfiles\n```", []),
    ],
)
def test_a_block_without_a_check_is_seen(markdown: str, expected: list[str]) -> None:
    assert unchecked(list(blocks_in("a.md", markdown))) == expected


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("ce-lint check --format sarif:x.sarif | cat", ""),
        ("sh 'ce-lint check --frmat text'", "No such option"),
        ("  - run: ce-lint chekc", "No such command"),
        ("x && ce-lint check --format toml", "is not one of"),
    ],
)
def test_a_wrong_call_of_ce_lint_is_seen(text: str, wrong: str) -> None:
    (arguments,) = calls_in(text)

    assert wrong in parse(arguments)
    assert bool(wrong) is bool(parse(arguments))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"a": 1}, True),
        ({"a": 2}, False),
        ({"c": 1}, False),
        ({"b": [{"x": 1}]}, True),
        ({"b": [{"y": 2}, {"x": 1}]}, False),
        ({"b": [{"x": 1}, {"x": 1}]}, False),
    ],
)
def test_a_part_of_a_document_is_known(shown: object, expected: bool) -> None:
    assert is_part(shown, {"a": 1, "b": [{"x": 1, "z": 0}, {"y": 2}]}) is expected
