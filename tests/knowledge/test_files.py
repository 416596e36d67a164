"""Every file of the package is right by itself and with the others."""

from __future__ import annotations

import importlib.resources

import pytest

from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.knowledge.loader import load
from ce_lint.knowledge.schema import Effect
from ce_lint.knowledge.tables import parse

FILES = [file for file in importlib.resources.files("ce_lint.knowledge").iterdir() if file.name.endswith(".toml")]
TEXTS = {file.name: file.read_text(encoding="utf-8") for file in FILES}


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_is_named_as_its_library_and_says_something(name: str) -> None:
    library = parse(name, TEXTS[name])
    assert f"{library.library}.toml" == name
    assert library.losses or library.wrappers or library.bases or library.joins or library.readings


def test_the_libraries_of_the_design_are_there() -> None:
    wanted = "accelerate fastai ignite kornia lightning monai python segmentation_models_pytorch skorch timm torch"
    names = {name.removesuffix(".toml") for name in TEXTS}
    assert names.issuperset([*wanted.split(), "torchvision", "transformers"])


def test_what_the_rules_need() -> None:
    knowledge = load()
    families = {loss.family for loss in knowledge.losses.values()}
    assert families == set(Family) - {Family.OTHER}
    kinds = {activation.kind for activation in knowledge.activations.values()}
    assert kinds == set(ScoreKind) - {ScoreKind.LOGITS}
    methods = {operation.effect for operation in knowledge.method_operations.values()}
    functions = {operation.effect for operation in knowledge.operations.values()}
    assert methods | functions == set(Effect)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("torch.nn.modules.loss.CrossEntropyLoss", "torch.nn.CrossEntropyLoss"),
        ("torch.nn.modules.CrossEntropyLoss", "torch.nn.CrossEntropyLoss"),
        ("torch.nn.NLLLoss2d", "torch.nn.NLLLoss"),
        ("torch.nn.parallel.DataParallel", "torch.nn.DataParallel"),
        ("torch.nn.parallel.DistributedDataParallel", "torch.nn.parallel.DistributedDataParallel"),
        ("pytorch_lightning.LightningModule", "lightning.pytorch.LightningModule"),
        ("pytorch_lightning.core.lightning.LightningModule", "lightning.pytorch.LightningModule"),
        ("lightning.LightningModule", "lightning.pytorch.LightningModule"),
        ("lightning_fabric.fabric.Fabric.setup", "lightning.fabric.Fabric.setup"),
        ("fastai.vision.all.CrossEntropyLossFlat", "fastai.basics.CrossEntropyLossFlat"),
        ("fastai.vision.all.nn.Softmax", "torch.nn.Softmax"),
        ("torchvision.models.resnet.resnet18", "torchvision.models.resnet18"),
        ("torchvision.models.alexnet", "torchvision.models.alexnet"),
        ("torchvision.models.alexnet.alexnet", "torchvision.models.alexnet"),
        ("transformers.trainer.Trainer", "transformers.Trainer"),
        ("skorch.classifier.NeuralNetClassifier", "skorch.NeuralNetClassifier"),
        ("monai.losses.dice.DiceCELoss", "monai.losses.DiceCELoss"),
        ("torch.nn.CrossEntropyLossy", "torch.nn.CrossEntropyLossy"),
        ("mine.torch.nn.modules.loss", "mine.torch.nn.modules.loss"),
    ],
)
def test_spellings(spelling: str, name: str) -> None:
    assert load().canonical(spelling) == name


def test_no_dice_is_called_cross_entropy() -> None:
    for name in ("monai.losses.DiceLoss", "segmentation_models_pytorch.losses.DiceLoss", "kornia.losses.DiceLoss"):
        assert load().loss(name) is None


def test_the_switches() -> None:
    knowledge = load()
    focal = knowledge.loss("segmentation_models_pytorch.losses.FocalLoss")
    assert focal is not None
    assert [(one.argument.keyword, one.equals, one.family) for one in focal.switches] == [
        ("from_logits", False, Family.OTHER)
    ]
    unet = knowledge.model("segmentation_models_pytorch.Unet")
    assert unet is not None
    assert {one.equals: one.kind for one in unet.switches if one.kind} == {
        "softmax": ScoreKind.PROBABILITIES,
        "softmax2d": ScoreKind.PROBABILITIES,
        "sigmoid": ScoreKind.SIGMOID,
        "logsoftmax": ScoreKind.LOG_PROBABILITIES,
    }


def test_skorch_takes_the_log_only_where_it_does() -> None:
    knowledge = load()
    taking = [name for name, join in knowledge.joins.items() if join.takes_log]
    assert taking == ["skorch.NeuralNetClassifier"]
