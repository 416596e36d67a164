"""The laws of the loader: names are found once, spellings come to an end, wrong tables are refused in one line."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from ce_lint.ir.kinds import Family
from ce_lint.knowledge.loader import EMPTY, load
from ce_lint.knowledge.merging import extend
from ce_lint.knowledge.tables import KnowledgeError, parse

LOSS = {"name": "mine.Loss", "form": "class", "family": "cross-entropy"}


def table(**entries: object) -> Mapping[str, object]:
    return {"library": "mine", **entries}


def test_canonical_is_idempotent() -> None:
    knowledge = load()
    names = {*knowledge.losses, *knowledge.operations, *knowledge.models, *knowledge.aliases, *knowledge.joins}
    for name in names:
        once = knowledge.canonical(name)
        assert knowledge.canonical(once) == once
        longer = knowledge.canonical(f"{name}.more")
        assert knowledge.canonical(longer) == longer


def test_every_entry_is_reachable() -> None:
    knowledge = load()
    for name in {*knowledge.losses, *knowledge.activations, *knowledge.wrappers, *knowledge.models, *knowledge.bases}:
        assert knowledge.canonical(name) == name


def test_aliases_replace_the_longest_beginning() -> None:
    knowledge = extend(EMPTY, [table(aliases={"a": "b", "a.x": "c"})])
    assert knowledge.canonical("a.x.y") == "c.y"
    assert knowledge.canonical("a.xy") == "b.xy"
    assert knowledge.canonical("ab") == "ab"
    assert knowledge.canonical("") == ""


def test_load_is_made_once_and_cannot_be_changed() -> None:
    knowledge = load()
    assert load() is knowledge
    with pytest.raises(TypeError):
        knowledge.losses["x"] = knowledge.losses["torch.nn.NLLLoss"]  # type: ignore[index]


def test_load_is_quick() -> None:
    times = []
    for _ in range(5):
        load.cache_clear()
        start = time.process_time()
        load()
        times.append(time.process_time() - start)
    assert min(times) < 0.030


def test_a_project_adds_its_own_without_changing_the_rest() -> None:
    before = load()
    count = len(before.losses)
    after = extend(before, [table(losses=[LOSS], aliases={"mine.losses": "mine"})])
    found = after.loss(after.canonical("mine.losses.Loss"))
    assert found is not None
    assert found.family is Family.CROSS_ENTROPY
    assert len(before.losses) == count
    assert "mine.losses" not in before.aliases
    assert "Loss" in after.marker_words()
    assert extend(before, []) is before


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"losses": [{**LOSS, "family": "crossentropy"}]}, "losses[0] (mine.Loss).family: Invalid enum value"),
        ({"losses": [{**LOSS, "inputs": 1}]}, "losses[0] (mine.Loss): Object contains unknown field `inputs`"),
        ({"losses": [LOSS, LOSS]}, "mine.Loss: a second entry of this name"),
        ({"losses": [{**LOSS, "name": "torch.nn.NLLLoss"}]}, "torch.nn.NLLLoss: a second entry of this name"),
        ({"losses": [{**LOSS, "form": "method"}]}, "mine.Loss: a loss is a class or a function"),
        ({"losses": [{**LOSS, "name": "torch.nn.modules.X"}]}, "only another spelling of torch.nn.X: use that"),
        ({"losses": [{**LOSS, "name": "mine Loss"}]}, "'mine Loss': not a qualified name"),
        ({"losses": [{**LOSS, "name": "mine\nLoss"}]}, "not a qualified name"),
        ({"aliases": {"a": ""}}, "knowledge table 2: aliases: a: '': not a qualified name"),
        ({"losses": [{**LOSS, "input": {}}]}, "mine.Loss: an argument needs a keyword or a position"),
        ({"losses": [{**LOSS, "input": {"position": -1}}]}, "mine.Loss: positions count from 0"),
        ({"loses": []}, "Object contains unknown field `loses`"),
        ({"wrappers": [{"names": ["torch.nn.Linear"]}]}, "torch.nn.Linear: a second entry of this name"),
        ({"operations": [{"names": ["view"], "form": "method", "effect": "log"}]}, "view: a second entry for this"),
        ({"operations": [{"names": ["a.b"], "form": "method", "effect": "log"}]}, "a.b: a method's name has no dot"),
        ({"operations": [{"names": ["a.b"], "form": "function", "effect": "lg"}]}, "operations[0] (a.b).effect:"),
        ({"containers": [{"names": ["mine.Box"], "holds": "set"}]}, "mine.Box: holds is one of chain, dict, list"),
        ({"aliases": {"a": "b", "b": "a"}}, "a: does not come to an end"),
        ({"aliases": {"a": "a.b"}}, "a: does not come to an end"),
        ({"aliases": {"torch": "mine"}}, "only another spelling of mine"),
        (
            {"joins": [{"names": ["mine.J"], "model": {"position": 0}, "loss": {"position": 1}, "default-loss": ""}]},
            "joins[0] (mine.J): Object contains unknown field `default-loss`",
        ),
        (
            {"joins": [{"names": ["mine.J"], "model": {"position": 0}, "loss": {"position": 1}, "default_loss": "x"}]},
            "mine.J: x: the default loss is not known as a loss",
        ),
    ],
)
def test_a_wrong_table_is_refused_in_one_line(entry: Mapping[str, object], message: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        extend(load(), [table(), table(**entry)])
    text = str(caught.value)
    assert message in text
    assert "\n" not in text
    if "aliases" not in entry:
        assert text.startswith("knowledge table 2: ")


def test_a_table_without_library_is_refused() -> None:
    with pytest.raises(KnowledgeError, match="knowledge table 1: Object missing required field `library`"):
        extend(load(), [{"losses": [LOSS]}])


def test_two_hooks_for_one_parameter_are_refused() -> None:
    hook = {"base": ["mine.T"], "method": "step", "parameter": "model", "source": {"keyword": "model"}}
    knowledge = extend(EMPTY, [table(hooks=[hook])])
    assert [one.method for one in knowledge.hooks("mine.T")] == ["step"]
    assert knowledge.hooks("mine.U") == ()
    with pytest.raises(KnowledgeError, match=r"mine.T: a second hook for step\(model\)"):
        extend(knowledge, [table(hooks=[hook])])


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(KnowledgeError, match=r"^mine\.toml: "):
        parse("mine.toml", "library = ")


def test_words_for_the_filter() -> None:
    knowledge = load()
    words = knowledge.marker_words()
    assert words >= {"CrossEntropyLoss", "cross_entropy", "NLLLoss2d", "DiceCELoss", "NeuralNetClassifier"}
    assert "NeuralNet" not in words
    assert knowledge.activation_words() >= {"Softmax", "softmax", "sigmoid_", "expit"}
    assert all(word.isidentifier() for word in words | knowledge.activation_words())


def test_lookups_of_unknown_names() -> None:
    knowledge = load()
    for find in (knowledge.loss, knowledge.activation, knowledge.method_activation, knowledge.operation):
        assert find("nothing") is None
    for other in (knowledge.wrapper, knowledge.container, knowledge.model, knowledge.base, knowledge.join):
        assert other("nothing") is None
    assert knowledge.method_operation("nothing") is None
