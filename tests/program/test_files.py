"""Files that are exchanged one by one: what is known of them is what would be found anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ce_lint.program.files import Files
from ce_lint.program.loading import Lowered, Wanted, lower_content
from ce_lint.source.file import SourceFile

WORDS = ("loss", "net", "def net", "class net", "größe", "x")
ATTRIBUTES = ("loss", "net", "x")
TEXTS = st.lists(
    st.sampled_from([
        "loss = 1", "net.loss = 2", "self.net = x", "  model.net = loss", "def net(): pass", "class net: pass", "größe",
        "a.x == 1", "losses", "", "x", "net.loss = net.loss",
    ]),
    max_size=6,
).map("\n".join)  # fmt: skip


def known(files: Files) -> list[object]:
    return [*map(files.having, WORDS), *map(files.assigning, ATTRIBUTES)]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=st.lists(TEXTS, min_size=1, max_size=4), edits=st.lists(st.tuples(st.integers(0, 5), TEXTS), max_size=5))
def test_words_are_found_as_if_all_were_read_anew(
    tmp_path_factory: pytest.TempPathFactory, first: list[str], edits: list[tuple[int, str]]
) -> None:
    root = tmp_path_factory.mktemp("files")
    paths = [root / f"{number}.py" for number in range(6)]
    texts = dict(zip(paths, first, strict=False))
    for path, text in texts.items():
        path.write_text(text)
    files = Files(texts, {})
    known(files)
    for number, text in edits:
        path = paths[number]
        texts[path] = text
        if number % 2:
            path.write_text(text)
            files.exchange(path, None)
        else:
            files.exchange(path, SourceFile(path, text))
        files.rearrange(texts)
        overlay = {one: SourceFile(one, texts[one]) for one in texts}
        assert known(files) == known(Files(texts, overlay))
    gone = next(iter(texts))
    del texts[gone]
    files.rearrange(texts)
    assert known(files) == known(Files(texts, {one: SourceFile(one, texts[one]) for one in texts}))
    shutil.rmtree(root)


def test_the_same_text_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    files = Files([path], {})
    module = files.loaded(path).module
    assert not files.exchange(path, None)
    assert files.loaded(path).module is module
    path.write_text("x = 2\n")
    assert files.exchange(path, None)
    assert files.loaded(path).module is not module


def test_only_what_was_exchanged_is_parsed_again(tmp_path: Path) -> None:
    parsed: list[bytes] = []

    class Noting:
        def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
            for path, data, laid in wanted:
                parsed.append(data)
                yield lower_content(path, data, laid)

    paths = [tmp_path / "a.py", tmp_path / "b.py"]
    for path in paths:
        path.write_text(f"{path.stem} = 1\n")
    files = Files(paths, {}, Noting())
    for path in paths:
        files.loaded(path)
    files.exchange(paths[0], SourceFile(paths[0], "c = 1\n"))
    for path in paths:
        files.renewed().loaded(path)
    assert parsed == [b"a = 1\n", b"b = 1\n", b"c = 1\n"]


def test_a_file_that_cannot_be_read_is_said_although_nothing_stands_in_it(tmp_path: Path) -> None:
    files = Files([tmp_path / "gone.py"], {})
    assert (files.having("loss"), files.unreadable()) == ([], [tmp_path / "gone.py"])


def test_what_is_asked_for_twice_is_lowered_once(tmp_path: Path) -> None:
    path, missing = tmp_path / "a.py", tmp_path / "missing.py"
    path.write_text("x = 1\n")
    files = Files([path, missing], {})
    files.lower_ahead((path, path, missing))
    files.load((path, path, missing, missing))
    assert files.ir(path, files.content(path)) is files.loaded(path).module.ir  # type: ignore[union-attr]
    assert files.ir(missing, files.content(missing)) is None


def test_what_a_file_held_before_comes_to_what_it_came_to(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("def f(): pass\n")
    files = Files([path], {})
    before = files.content(path)
    files.lower_ahead((path,))
    path.write_text("x = 1\n")
    files.exchange(path, None)
    old, new = files.ir(path, before), files.ir(path, files.content(path))
    assert old is not None
    assert new is not None
    assert (len(old.functions), len(new.functions)) == (2, 1)
