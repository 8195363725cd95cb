"""What comes back when a pooled image is unpooled."""

from __future__ import annotations

import torch
from torch import nn

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, size: PositiveInt = 2) -> dict[str, float]:
    """The relative error of `unpool(pool(x))` on a random image of positive pixels, (12, 12).

    Also the share of pixels that return, the error at these, and the error of pooling once more.
    Zeiler & Fergus 2014, arXiv:1311.2901, section 2.1.
    """
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(1, 1, 12, 12, generator=generator, dtype=torch.float64) + 0.1
    pooled, places = nn.MaxPool2d(size, return_indices=True)(image)
    back = nn.MaxUnpool2d(size)(pooled, places)
    kept = back != 0
    again = nn.MaxPool2d(size)(back)
    return {
        "relative_error": float((back - image).norm() / image.norm()),
        "share_returned": float(kept.double().mean()),
        "error_of_the_returned": float((back - image)[kept].abs().max()),
        "error_when_pooled_again": float((again - pooled).abs().max()),
    }
