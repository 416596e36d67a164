"""Which settings are flake8's, and which of them are to blame: compared with flake8's own reading and deciding."""

from __future__ import annotations

import argparse
import configparser
import os
from pathlib import Path

import pytest
from flake8.exceptions import ExecutionError
from flake8.options.config import load_config
from flake8.style_guide import Decision, DecisionEngine
from flake8.utils import parse_comma_separated_list, parse_files_to_codes_mapping
from hypothesis import given
from hypothesis import strategies as st

from ce_lint.doctor.flake8_settings import causes, codes_of, ignored_per_file, read_settings, without
from ce_lint.doctor.ini import Entry
from ce_lint.doctor.records import Surroundings
from tests.doctor.conftest import apply

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


def decided(text: str, code: str) -> Decision:
    """What flake8 decides about a code of a plugin that is on by default."""
    parser = configparser.RawConfigParser()
    parser.read_string(text)

    def listed(*names: str) -> list[str] | None:
        value = next((parser["flake8"][name] for name in names if name in parser["flake8"]), None)
        return None if value is None else parse_comma_separated_list(value)

    options = argparse.Namespace(
        select=listed("select"), extend_select=listed("extend-select"), ignore=listed("ignore"),
        extend_ignore=listed("extend-ignore", "extend_ignore"), extended_default_select=["C90", "CEL", "E", "W"],
        extended_default_ignore=[],
    )  # fmt: skip
    return DecisionEngine(options).decision_for(code)


@given(text=settings_texts())
def test_a_cause_is_found_where_flake8_ignores_and_its_remedy_makes_flake8_select(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "decided"
    folder.mkdir(exist_ok=True)
    file = folder / ".flake8"
    file.write_text(text)
    missing = [code for code in CODES if decided(text, code) is Decision.Ignored]

    found = causes(read_settings(folder, folder), missing)
    apply(dict.fromkeys(cause.remedy for cause in found))

    assert bool(found) == bool(missing)
    assert [code for code in CODES if decided(file.read_text(), code) is Decision.Ignored] == []


@given(
    pairs=st.lists(
        st.tuples(
            st.lists(st.sampled_from(["*.py", "tests/*", "a.py"]), min_size=1, max_size=2),
            st.lists(st.sampled_from(["CEL001", "E501", "C"]), max_size=2),
        )
    ),
    between=st.sampled_from([", ", ",", " ", "\n    "]),
    colon=st.sampled_from([":", " : "]),
)
def test_per_file_ignores_are_read_as_flake8_reads_them(
    pairs: list[tuple[list[str], list[str]]], between: str, colon: str
) -> None:
    value = "\n".join(f"{between.join(files)}{colon}{between.join(codes)}" for files, codes in pairs)
    entry = Entry(Path(), "per-file-ignores", value, 1, 1, (value,))
    try:
        expected = [(file, code) for file, codes in parse_files_to_codes_mapping(value) for code in codes]
    except ExecutionError:
        return  # flake8 itself ends with a message, which is told as it is

    assert sorted(ignored_per_file(entry)) == sorted(expected)


@pytest.mark.parametrize("name", ["setup.cfg", "tox.ini", ".flake8"])
@pytest.mark.parametrize("section", ["flake8", "flake8:local-plugins", "other"])
def test_the_file_is_the_one_that_flake8_takes(surroundings: Surroundings, name: str, section: str) -> None:
    (surroundings.root / "src").mkdir()
    (surroundings.root / "src" / name).write_text(f"[{section}]\nignore = CEL\n")
    (surroundings.root / ".flake8").write_text("[flake8]\nignore = CEL001\n")

    for folder in (surroundings.root, surroundings.root / "src"):
        os.chdir(folder)
        parser, found_in = load_config(None, [])
        settings = read_settings(folder, surroundings.home)
        assert settings.section is not None
        assert str(settings.section.path.parent) == found_in
        ignored = parser.get("flake8", "ignore", fallback="")
        assert codes_of(settings.find("ignore")) == parse_comma_separated_list(ignored)


def test_settings_in_the_home_folder_are_nobodys(surroundings: Surroundings) -> None:
    (surroundings.root.parent / ".flake8").write_text("[flake8]\nignore = CEL\n")

    assert read_settings(surroundings.root, surroundings.root.parent).section is None
    assert read_settings(surroundings.root, surroundings.home).section is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ignore = E203, CEL001, W503", "ignore = E203, W503"),
        ("ignore = CEL001,E203", "ignore = E203"),
        ("ignore = E203 CEL001", "ignore = E203"),
        ("ignore =\n    E203,\n    # ours\n    CEL001,\n    W503", "ignore =\n    E203,\n    # ours\n    W503"),
        ("ignore = CEL001", ""),
        ("ignore = CEL0, CEL001", "ignore = CEL0"),
        ("per-file-ignores = a.py: CEL001", ""),
        ("per_file_ignores = a.py,b.py: E501,CEL001", "per-file-ignores =\n    a.py: E501\n    b.py: E501"),
    ],
)
def test_a_code_is_taken_out_of_a_setting_and_nothing_else(surroundings: Surroundings, before: str, after: str) -> None:
    file = surroundings.root / ".flake8"
    file.write_text(f"[flake8]\n{before}\nmax-line-length = 100\n")
    section = read_settings(surroundings.root, surroundings.home).section
    assert section is not None

    apply([without(section.entries[0], {"CEL001"})])

    assert file.read_text() == f"[flake8]\n{after}\nmax-line-length = 100\n".replace("\n\n", "\n")
