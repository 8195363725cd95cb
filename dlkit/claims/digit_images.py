"""scikit-learn's handwritten digits as tensors, and how experiments train a classifier on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlkit.claims.toy_networks import step


def digit_images() -> tuple[Tensor, Tensor]:
    """1,797 images `(1797, 1, 8, 8)` from 0 to 1, and their digits `(1797,)`."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images = torch.tensor(data.images, dtype=torch.float32)[:, None] / 16  # (1797, 1, 8, 8)
    return images, torch.tensor(data.target)


def train(
    model: nn.Module,
    parameters: Iterable[nn.Parameter],
    images: Tensor,
    labels: Tensor,
    generator: torch.Generator,
    *,
    steps: int,
) -> None:
    """Adam at 1e-3 on random mini-batches of up to 64 of the images `(N, 1, 8, 8)`."""
    optimizer = torch.optim.Adam(list(parameters), lr=1e-3)
    size = min(64, len(images))
    for _ in range(steps):
        batch = torch.randint(len(images), (size,), generator=generator)  # (size,)
        step(optimizer, cross_entropy(model(images[batch]), labels[batch]))


def accuracy(model: Callable[[Tensor], Tensor], images: Tensor, labels: Tensor) -> float:
    """The share of the images whose largest score is at their label."""
    with torch.no_grad():
        return float((model(images).argmax(1) == labels).float().mean())
