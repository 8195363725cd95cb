"""What a pooling leaves of an image: its size, its channels, and what can be told apart."""

from __future__ import annotations

import torch
from torch import nn

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, size: PositiveInt = 2) -> dict[str, float]:
    """Pooling of a random image (3, 12, 12) in squares of `size`.

    `difference_of_outputs` compares the pooled image with that of another one, whose pixels were
    shuffled inside each square.
    """
    generator = torch.Generator().manual_seed(seed)
    image = torch.randn(1, 3, 12, 12, generator=generator)
    pool = nn.MaxPool2d(size)
    squares = nn.functional.unfold(image, size, stride=size)
    squares = squares.reshape(1, 3, size * size, -1).flip(2).flatten(1, 2)
    other = nn.functional.fold(squares, (12, 12), size, stride=size)
    out = pool(image)  # (1, 3, 12 / size, 12 / size)
    return {
        "share_of_values_left": out.numel() / image.numel(),
        "channels": float(out.shape[1]),
        "parameters": float(sum(p.numel() for p in pool.parameters())),
        "difference_of_images": float((image - other).abs().max()),
        "difference_of_outputs": float((out - pool(other)).abs().max()),
    }
