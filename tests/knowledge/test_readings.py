"""What operations need of scores: the table is read as it is meant, and torch agrees with it."""

from __future__ import annotations

import pytest

from ce_lint.knowledge.loader import load
from ce_lint.knowledge.merging import extend
from ce_lint.knowledge.schema import Access, Need
from ce_lint.knowledge.tables import KnowledgeError

KNOWLEDGE = load()


def test_lookups_keep_the_forms_apart() -> None:
    argmax = KNOWLEDGE.reading("argmax", Access.METHOD)
    assert argmax is not None
    assert argmax.need is Need.ORDER
    assert KNOWLEDGE.reading("argmax", Access.FUNCTION) is None
    assert KNOWLEDGE.reading("torch.argmax", Access.CLASS) is None
    assert KNOWLEDGE.reading("shape", Access.ATTRIBUTE) is not None
    assert KNOWLEDGE.reading("shape", Access.METHOD) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [("numpy", True), ("numpy.linalg.norm", True), ("numpydoc.x", False), ("torch.save", True), ("ignite.x", False)],
)
def test_readers_are_packages(name: str, expected: bool) -> None:
    assert KNOWLEDGE.reads_values(name) is expected


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"names": ["a.b"], "form": "method", "need": "order"}, "has no dot"),
        ({"names": ["argmax"], "form": "method", "need": "order"}, "second entry"),
        ({"names": ["torch.argmax"], "form": "function", "need": "order"}, "second entry"),
        ({"names": ["ours.f"], "form": "function", "need": "shape"}, "Invalid enum value"),
        ({"names": ["ours.f"], "form": "function", "need": "order", "dim": {}}, "needs a keyword or a position"),
        ({"names": ["torch.functional.f"], "form": "function", "need": "order"}, "only another spelling"),
    ],
)
def test_what_is_refused(entry: dict[str, object], reason: str) -> None:
    with pytest.raises(KnowledgeError, match=reason):
        extend(KNOWLEDGE, [{"library": "ours", "readings": [entry]}])


def test_a_project_adds_its_own() -> None:
    entry = {"names": ["ours.top"], "form": "function", "need": "order", "dim": {"keyword": "dim", "position": 1}}
    more = extend(KNOWLEDGE, [{"library": "ours", "readings": [entry], "readers": ["ours.plots"]}])
    assert more.reading("ours.top", Access.FUNCTION) is not None
    assert more.reads_values("ours.plots.bars")


@pytest.mark.torch
def test_torch_has_them() -> None:
    torch = pytest.importorskip("torch")
    bare = [*KNOWLEDGE.method_readings, *KNOWLEDGE.attribute_readings]
    assert [name for name in bare if not hasattr(torch.Tensor, name)] == []
    functions = [name for name in KNOWLEDGE.readings if name.startswith("torch.")]
    for name in functions:
        found = torch
        for part in name.split(".")[1:]:
            found = getattr(found, part)
        assert callable(found), name


@pytest.mark.torch
@pytest.mark.parametrize("name", sorted(n for n, one in KNOWLEDGE.method_readings.items() if one.need is Need.ORDER))
def test_an_order_is_the_same_after_a_softmax(name: str) -> None:
    torch = pytest.importorskip("torch")
    reading = KNOWLEDGE.method_readings[name]
    logits = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    before = [2] if name in ("topk", "kthvalue") else []
    one, other = (getattr(scores, name)(*before, dim=1) for scores in (logits, logits.softmax(1)))
    ranks = reading.ranks or (slice(None),)
    for rank in ranks:
        left, right = (getattr(at, rank) if isinstance(rank, str) else at[rank] for at in (one, other))
        assert torch.equal(left, right)
    if reading.ranks:
        assert not torch.allclose(one[0], other[0])


@pytest.mark.torch
@pytest.mark.parametrize("name", sorted(n for n, one in KNOWLEDGE.method_readings.items() if one.keeps_dims))
def test_what_keeps_the_dimensions_can_be_done_before_a_softmax(name: str) -> None:
    torch = pytest.importorskip("torch")
    if name in ("cuda", "xpu", "pin_memory", "to_dense", "numpy"):
        pytest.skip("of this machine, or of no tensor")
    given = {"to": ["cpu"], "type_as": [torch.zeros(1)]}.get(name, [])
    logits = torch.randn(5, 4)

    def done(scores: object) -> object:
        given_back = getattr(scores, name)(*given)
        return scores if given_back is None else given_back

    if name == "retain_grad":
        logits.requires_grad_()
    one, other = done(logits.clone().softmax(1)), torch.softmax(done(logits.clone()).float(), 1)
    assert torch.allclose(one.float(), other, atol=0.02)
