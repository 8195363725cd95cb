"""A convolutional network without pooling: convolutions with a stride make the image smaller."""

from __future__ import annotations

from functools import partial
from typing import Literal

import torch
from torch import nn

from dlkit.claims.digit_images import accuracy, digit_images, train
from dlkit.claims.toy_networks import built
from dlkit.ranges import PositiveInt

Kind = Literal["pooling", "strides"]


def run(*, seed: int = 0, steps: PositiveInt = 400) -> dict[str, float]:
    """Test accuracy on scikit-learn's digits of two networks of two convolutions and a dense layer.

    Trained on 1,400 images, tested on 397. Springenberg et al. 2015, arXiv:1412.6806: pooling can
    be replaced by a stride of 2.

    - `steps`: updates with Adam at 1e-3, on 64 images each.
    """
    images, digits = digit_images()
    kinds: tuple[Kind, ...] = ("pooling", "strides")
    scores: dict[str, float] = {}
    for kind in kinds:
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(images), generator=generator)
        learned, held_out = order[:1400], order[1400:]
        model = built(seed, partial(_network, kind))
        train(model, model.parameters(), images[learned], digits[learned], generator, steps=steps)
        scores[f"accuracy_{kind}"] = accuracy(model, images[held_out], digits[held_out])
    return scores


def _network(kind: Kind) -> nn.Sequential:
    """`(B, 1, 8, 8)` to `(B, 10)`."""
    if kind == "pooling":
        blocks = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                  nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]  # fmt: skip
    else:
        blocks = [nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(),
                  nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU()]  # fmt: skip
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(32 * 2 * 2, 10))
