"""Which settings are to blame: compared with flake8's own decisions, before a remedy and after it."""

from __future__ import annotations

import argparse
import configparser

import pytest
from flake8.style_guide import Decision, DecisionEngine
from flake8.utils import parse_comma_separated_list
from hypothesis import given
from hypothesis import strategies as st

from ce_lint.doctor.flake8_settings import causes
from ce_lint.doctor.records import Act, Remedy, Surroundings

CODES = ("CEL001", "CEL003", "CEL201")

prefixes = st.lists(
    st.sampled_from(["C", "CE", "CEL", "CEL0", "CEL00", "CEL001", "CEL2", "E", "E203", "W"]), max_size=3
)
KEYS = ("select", "extend-select", "ignore", "extend_ignore", "max-line-length")
lists = st.tuples(prefixes, st.sampled_from([", ", ",", " ", ",\n    ", "\n    # why\n    "]))


@st.composite
def settings_texts(draw: st.DrawFn) -> str:
    chosen = draw(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, lists)))
    return "[flake8]\n" + "".join(f"{key} = {between.join(codes)}\n" for key, (codes, between) in chosen.items())


def parsed(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser


def decided(parser: configparser.RawConfigParser, code: str) -> Decision:
    """What flake8 decides about a code of a plugin that is on by default."""

    def listed(*names: str) -> list[str] | None:
        value = next((parser["flake8"][name] for name in names if name in parser["flake8"]), None)
        return None if value is None else parse_comma_separated_list(value)

    options = argparse.Namespace(
        select=listed("select"), extend_select=listed("extend-select"), ignore=listed("ignore"),
        extend_ignore=listed("extend-ignore", "extend_ignore"), extended_default_select=["C90", "CEL", "E", "W"],
        extended_default_ignore=[],
    )  # fmt: skip
    return DecisionEngine(options).decision_for(code)


def apply(remedy: Remedy, parser: configparser.RawConfigParser) -> None:
    """Write the setting, or take the codes out that are named."""
    if remedy.act is Act.WRITE:
        key, _, value = remedy.text.partition(" = ")
        parser["flake8"][key] = value
        return
    codes, _, key = remedy.text.removeprefix("take ").rstrip("`").partition(" out of `")
    there = key if key in parser["flake8"] else key.replace("-", "_")
    left = [code for code in parse_comma_separated_list(parser["flake8"][there]) if code not in codes.split(", ")]
    parser["flake8"][there] = ", ".join(left)


@given(text=settings_texts())
def test_a_cause_is_found_where_flake8_ignores_and_its_remedy_makes_flake8_select(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "decided"
    folder.mkdir(exist_ok=True)
    (folder / ".flake8").write_text(text)
    parser = parsed(text)
    missing = [code for code in CODES if decided(parser, code) is Decision.Ignored]

    found = causes(folder, missing)
    for remedy in dict.fromkeys(cause.remedy for cause in found):
        apply(remedy, parser)

    assert bool(found) == bool(missing)
    assert [code for code in CODES if decided(parser, code) is Decision.Ignored] == []


WRONG = {
    # file, text, what the answer says, the line and the text of the remedy
    "select": (".flake8", "[flake8]\nmax-line-length = 9\nselect = E,F\n", "`select` in .flake8:3 does not name CEL",
               (3, "extend-select = CEL")),
    "extended": ("setup.cfg", "[pycodestyle]\nselect = W\n[flake8]\nselect = E\nextend-select = B9\n",
                 "`select` in setup.cfg:4 does not name CEL", (4, "extend-select = B9, CEL")),
    "by letter": ("tox.ini", "[tox]\n[flake8]\nignore = E203, C\n", "`ignore` in tox.ini:3 names C",
                  (2, "extend-select = CEL")),
    "by name": (".flake8", "[flake8]\nextend_ignore = E2, CEL\n", "`extend-ignore` in .flake8:2 names CEL",
                (2, "take CEL out of `extend-ignore`")),
    "in all files": (".flake8", "[flake8]\nper-file-ignores =\n    *.py: CEL\n    a.py: E1\n",
                     "`per-file-ignores` in .flake8:2 names CEL", (2, "take CEL out of `per-file-ignores`")),
}  # fmt: skip


@pytest.mark.parametrize(("file", "text", "what", "change"), WRONG.values(), ids=WRONG)
def test_the_line_is_named(
    surroundings: Surroundings, file: str, text: str, what: str, change: tuple[int, str]
) -> None:
    path = surroundings.root / file
    path.write_text(text)

    (cause,) = causes(surroundings.root, CODES)

    assert cause.what == what
    assert (cause.remedy.path, cause.remedy.line, cause.remedy.text) == (path, *change)


def test_the_file_is_the_one_that_flake8_takes(surroundings: Surroundings) -> None:
    inner = surroundings.root / "src"
    inner.mkdir()
    assert causes(inner, CODES) == []

    (surroundings.root / "setup.cfg").write_text("[flake8]\nselect = E\n")
    (surroundings.root / ".flake8").write_text("[flake8]\nignore = CEL\n")
    (cause,) = causes(inner, CODES)
    assert cause.remedy.path == surroundings.root / "setup.cfg"
