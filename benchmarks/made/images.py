"""What several of the made projects have in common."""

from __future__ import annotations

IMAGES = """\
class Images{name}(Dataset):
    def __init__(self, root, transform=None):
        self.root = root
        self.transform = transform
        self.names = sorted(root.iterdir())

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        x = torch.load(self.names[index])
        return x if self.transform is None else self.transform(x)
"""
"""A dataset, its class named after `name`; needs torch and Dataset."""
