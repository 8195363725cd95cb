"""How much the output behind a pooling changes when the image moves by one pixel."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import avg_pool2d, max_pool2d


def run(*, seed: int = 0) -> dict[str, float]:
    """The relative change of smooth random images that move by one pixel, 2x2 pooling.

    Smooth means that white noise was averaged over 5x5 pixels; `without` is every second pixel,
    as a stride of 2 alone leaves them.
    """
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(64, 1, 29, 29, generator=generator)
    images = avg_pool2d(noise, 5, stride=1)  # (64, 1, 25, 25)
    ways: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "max": lambda x: max_pool2d(x, 2),
        "average": lambda x: avg_pool2d(x, 2),
        "without": lambda x: x[..., ::2, ::2],
    }
    found = {}
    for name, pool in ways.items():
        still, moved = pool(images[..., :24, :24]), pool(images[..., :24, 1:])
        found[f"change_{name}"] = float((still - moved).norm() / still.norm())
    return found
