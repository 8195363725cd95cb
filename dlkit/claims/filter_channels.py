"""What filters, kernels, channels and feature maps are, counted in a convolution."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import conv2d

from dlkit.claims.toy_networks import built
from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, channels: PositiveInt = 3, filters: PositiveInt = 8) -> dict[str, float]:
    """A 3x3 convolution of random images: one map a filter, each a sum over all input channels.

    `difference_from_sum` compares `nn.Conv2d` with the sum, over the input channels, of what each
    kernel (one slice of a filter) makes of its channel alone; `difference_one_kernel` leaves all
    channels but the first out. `weights` counts the parameters, biases aside, for images of 12x12
    and of 24x24 pixels.
    """
    layer = built(seed, lambda: nn.Conv2d(channels, filters, 3, bias=False).double())
    generator = torch.Generator().manual_seed(seed)
    small = torch.randn(2, channels, 12, 12, generator=generator, dtype=torch.float64)
    large = torch.randn(2, channels, 24, 24, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        maps = layer(small)  # (2, filters, 10, 10)
        parts = [conv2d(small[:, c : c + 1], layer.weight[:, c : c + 1]) for c in range(channels)]
        return {
            "maps": float(maps.shape[1]),
            "maps_of_larger_image": float(layer(large).shape[1]),
            "difference_from_sum": float((maps - sum(parts)).abs().max()),
            "difference_one_kernel": float((maps - parts[0]).abs().max()),
            "weights": float(layer.weight.numel()),
        }
