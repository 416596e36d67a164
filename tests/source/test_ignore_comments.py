"""`# ce-lint: ignore`: what is one, what it lists, and which lines it covers."""

from __future__ import annotations

import pytest

from ce_lint.source.suppressions import Lines, suppressions, takes_back

COMMENTS = [
    ("# ce-lint: ignore", None),
    ("#ce-lint:ignore", None),
    ("#  ce-lint:  ignore", None),
    ("# ce-lint: ignore as the paper does", None),
    ("# ce-lint: ignore[CEL001]", ("CEL001",)),
    ("# ce-lint: ignore [CEL001]", ("CEL001",)),
    ("# ce-lint: ignore[ CEL001 ] as the paper does", ("CEL001",)),
    ("# ce-lint: ignore[CEL001,CEL201]", ("CEL001", "CEL201")),
    ("# ce-lint: ignore[CEL001 CEL201,]", ("CEL001", "CEL201")),
    ("# ce-lint: ignore[CEL0]why", ("CEL0",)),
    ("# ce-lint: ignore[cel001]", ("cel001",)),
    ("# ce-lint: ignore[]", ()),
    ("# type: ignore # ce-lint: ignore[CEL001]", ("CEL001",)),
    ("# ce-lint: ignore[CEL001]  # pragma: no cover", ("CEL001",)),
    ("# ce-lint: file-ignore", None),
    ("# ce-lint: file-ignore[CEL001]", ("CEL001",)),
]
NO_COMMENTS = [
    "# CE-LINT: ignore",
    "# ce-lint: Ignore",
    "# ce_lint: ignore",
    "# ce-lint ignore",
    "# ce-lint : ignore",
    "# ce-lint: ignored",
    "# ce-lint: ignore: CEL001",
    "# ce-lint: ignore(CEL001)",
    "# ce-lint: ignore[CEL001",
    "# ce-lint: ignore [CEL001",
    "# ce-lint: noqa",
    "# see ce-lint: ignore",
]


@pytest.mark.parametrize(("comment", "codes"), COMMENTS)
def test_what_a_comment_lists(comment: str, codes: tuple[str, ...] | None) -> None:
    (found,) = suppressions(f"x = 1  {comment}\n")

    assert (found.codes, found.is_noqa, found.is_comment) == (codes, False, True)
    assert found.is_for_file is ("file-" in comment)


@pytest.mark.parametrize("comment", NO_COMMENTS)
def test_it_is_strict(comment: str) -> None:
    assert suppressions(f"x = 1  {comment}\n") == ()


@pytest.mark.parametrize(
    "text",
    ["x = '# ce-lint: ignore'\n", '"""\n# ce-lint: ignore\n"""\n', "x = f'{y} # ce-lint: ignore'\n"],
)
def test_what_stands_in_a_string_is_no_comment(text: str) -> None:
    assert suppressions(text) == ()


@pytest.mark.parametrize(
    ("codes", "taken_back"),
    [
        ("[CEL001]", ["CEL001"]),
        ("[CEL0]", ["CEL001", "CEL002"]),
        ("[CEL]", ["CEL001", "CEL002", "CEL101"]),
        ("[CEL002, CEL101]", ["CEL002", "CEL101"]),
        ("", ["CEL001", "CEL002", "CEL101"]),
        ("[cel001]", []),
        ("[CEL0011]", []),
        ("[]", []),
    ],
)
def test_a_prefix_stands_for_its_codes(codes: str, taken_back: list[str]) -> None:
    (found,) = suppressions(f"x = 1  # ce-lint: ignore{codes}\n")

    assert [code for code in ("CEL001", "CEL002", "CEL101") if found.takes_back(code)] == taken_back


HERE = "# ce-lint: ignore"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"x = 1\ny = 2  {HERE}\nz = 3\n", [2]),
        (f"x = (  {HERE}\n    1)\n", [1]),
        (f"x = (\n    1)  {HERE}\n", [2]),
        (f"{HERE}\nx = (\n    1\n)\ny = 2\n", [2, 3, 4]),
        (f"{HERE}\n\n# more\nx = 1\ny = 2\n", [4]),
        (f"y = 2\n{HERE}\nif x:\n    y = 1\n", [3]),
        (f"if x:\n    {HERE}\n    y = 1\n", [3]),
        (f"if x:\n    y = 1\n{HERE}\nz = 1\n", [4]),
        (f"x = f(\n    {HERE}\n    1,\n    2,\n)\n", [3]),
        (f"x = f(\n    1,\n    {HERE}\n)\n", [4]),
        (f"x = (1\n\n    {HERE}\n\n    + 2)\ny = 3\n", [5]),
        (f"x = 1; y = 2  {HERE}\n", [1]),
        (f"x = 1\n{HERE}\n", [2]),
        (f"{HERE}\nx = '''\n'''\ny = 1", [2, 3]),
        (f"\tx = 1  {HERE}\n".lstrip(), [1]),
        (f"x = 1\r{HERE}\ry = 2\r", [3]),
        (f"x = 1\r\n{HERE}\r\ny = 2", [3]),
        (f"{HERE}", [1]),
        (f"x = 1  {HERE}", [1]),
        ("x = 1\n# ce-lint: file-ignore\ny = 2\n", [1, 2, 3]),
        ("x = 1  # ce-lint: file-ignore\ny = 2\n", [1, 2]),
    ],
)
def test_which_lines_are_covered(text: str, expected: list[int]) -> None:
    (found,) = suppressions(text)

    assert [line for line in range(1, 10) if found.is_at(Lines(line, line))] == expected


def test_one_of_several_lines_is_enough() -> None:
    (found,) = suppressions(f"f(\n    x,\n)  {HERE}\n")

    assert [found.is_at(Lines(*lines)) for lines in ((1, 3), (3, 5), (1, 2), (4, 5))] == [True, True, False, False]


def test_of_noqa_the_first_line_counts_as_in_flake8() -> None:
    (found,) = suppressions("f(\n    x,\n)  # noqa\n")

    assert [found.is_at(Lines(*lines)) for lines in ((1, 3), (3, 5))] == [False, True]


def test_two_comments_on_one_line_both_count() -> None:
    found = suppressions("x = 1  # ce-lint: ignore[CEL001]  # ce-lint: ignore[CEL201]  # noqa: CEL101\n")

    assert [one.codes for one in found] == [("CEL001",), ("CEL201",), ("CEL101",)]
    assert [one.column for one in found] == [7, 34, 61]
    assert all(one.is_at(Lines(1, 1)) for one in found)


@pytest.mark.parametrize("broken", ["y = (\n", "  y = 2\n z = 3\n", "y = '''\n"])
def test_what_stands_above_an_error_is_read(broken: str) -> None:
    assert [one.line for one in suppressions(f"x = 1  {HERE}\n{broken}")] == [1]


@pytest.mark.parametrize(
    ("text", "may_take_back"),
    [
        ("x = 1\n", False),
        ("noqa = 1  # see ce-lint: it\n", False),
        ("x = 1  # NoQA\n", True),
        ('x = """\n# noqa: E501"""\n', True),
        ("x = (  # noqa: CEL001\n", True),
        ("# flake8: noqa\n", True),
        ("x = 1  # ce-lint: ignore[CEL001]\n", True),
        ("# ce-lint: file-ignore\n", True),
        ("# ce-lint: ignore\n[x[0] for x in y]\n", True),
        ("x = 1  # ce-lint: file-ignore\n\n[[1]]\n", True),
        ('x = "# ce-lint: ignore it"\n', True),
    ],
)
def test_a_text_that_may_take_findings_back_is_known_without_its_tokens(text: str, may_take_back: bool) -> None:
    assert takes_back(text) is may_take_back
    assert may_take_back or not suppressions(text)
