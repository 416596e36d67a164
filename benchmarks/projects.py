"""Projects to measure on, made up from a few forms that training code takes."""

from __future__ import annotations

from pathlib import Path

from benchmarks.made.images import IMAGES

PAIRS = 150
"""A model and its training loop each."""
BYSTANDERS = 600
"""Files that name torch, and neither an activation nor a loss."""
LONG = 4
LONG_LINES = 5_000
EQUALS = 500

_MODEL = """\
import torch
import torch.nn as nn
import torch.nn.functional as F

from utils.shapes import flatten


class Net(nn.Module):
    def __init__(self, width=64, classes=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1)
        )
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        x = self.features(x)
        x = flatten(x)
        x = self.drop(x)
        x = self.fc(x)
        return {result}
"""

_LOOP = """\
import torch
from torch import nn, optim

from models.net_{number} import Net
from utils.data import loaders
from utils.metrics import accuracy


def train(model, loader, criterion, optimizer, device):
    model.train()
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        out = model(images)
        loss = criterion(out, labels)
        loss.backward()
        optimizer.step()


def test(model, loader, criterion, device):
    model.eval()
    total = 0.0
    with torch.no_grad():
        for images, labels in loader:
            out = model(images.to(device))
            total += criterion(out, labels.to(device)).item()
            accuracy(out, labels)
    return total / len(loader)


def main():
    device = torch.device("cuda")
    net = Net(classes=10).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    train_loader, test_loader = loaders("data")
    for epoch in range(10):
        train(net, train_loader, criterion, optimizer, device)
        print(epoch, test(net, test_loader, criterion, device))


if __name__ == "__main__":
    main()
"""

_WITH_TRAINER = """\
from torch import nn, optim

from engine.trainer import Trainer
from models.net_{number} import Net
from utils.data import loaders

model = Net(classes=100)
trainer = Trainer(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1))
trainer.fit(loaders("data")[0], epochs=5)
"""

_TRAINER = """\
class Trainer:
    def __init__(self, model, criterion, optimizer):
        self.model = model
        self.criterion = criterion
        self.optimizer = optimizer

    def fit(self, loader, epochs):
        for _ in range(epochs):
            for x, y in loader:
                self.step(x, y)

    def step(self, x, y):
        self.optimizer.zero_grad()
        out = self.model(x)
        loss = self.criterion(out, y)
        loss.backward()
        self.optimizer.step()
"""

_UTILS = {
    "shapes": "def flatten(x):\n    return x.view(x.size(0), -1)\n",
    "data": "from torch.utils.data import DataLoader\n\n\n"
    "def loaders(root):\n    return DataLoader(root, batch_size=64), DataLoader(root)\n",
    "metrics": "def accuracy(out, labels):\n    return (out.argmax(1) == labels).float().mean().item()\n",
}

_BYSTANDER = (
    "import torch\nfrom torch.utils.data import Dataset\n\n\n"
    + IMAGES
    + """

def collate_{name}(batch):
    x = torch.stack([item for item, _ in batch])
    y = torch.tensor([label for _, label in batch])
    return x, y
"""
)

_EQUAL = """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return {result}


def train(model, loader, criterion, optimizer):
    for x, y in loader:
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()


net = Net()
criterion = nn.CrossEntropyLoss()
train(net, [], criterion, None)
"""


def mixed(root: Path, pairs: int = PAIRS, bystanders: int = BYSTANDERS) -> Path:
    """Models and loops of common names, a shared trainer and helpers, many files of no interest and a few long ones."""
    _write(root / "pyproject.toml", "")
    for name, text in _UTILS.items():
        _write(root / "utils" / f"{name}.py", text)
    _write(root / "engine" / "trainer.py", _TRAINER)
    for number in range(pairs):
        result = "F.softmax(x, dim=1)" if number % 3 == 0 else "x"
        _write(root / "models" / f"net_{number}.py", _MODEL.format(result=result))
        loop = _WITH_TRAINER if number % 10 == 9 else _LOOP
        _write(root / "scripts" / f"train_{number}.py", loop.format(number=number))
    for number in range(bystanders):
        _write(root / "datasets" / f"part_{number // 50}" / f"images_{number}.py", _BYSTANDER.format(name=number))
    for number in range(LONG):
        lines = "".join(f"TABLE_{line} = {{'width': {line}, 'rows': [1, 2, 3]}}\n" for line in range(LONG_LINES))
        _write(root / "tables" / f"table_{number}.py", lines)
    for number in range(1_000 - 2 * pairs - bystanders - LONG - len(_UTILS) - 1):
        _write(root / "tools" / f"tool_{number}.py", "from pathlib import Path\n\n\ndef run(x):\n    return Path(x)\n")
    return root


def equal(root: Path, files: int = EQUALS) -> Path:
    """Files that each hold a model and its training, all under the same names."""
    _write(root / "pyproject.toml", "")
    for number in range(files):
        result = "F.softmax(x, dim=1)" if number % 3 == 0 else "x"
        _write(root / f"lesson_{number}.py", _EQUAL.format(result=result))
    return root


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
