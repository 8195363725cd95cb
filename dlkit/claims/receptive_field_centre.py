"""How large the receptive field of a stack of convolutions is, and how much of it counts."""

from __future__ import annotations

import math

import torch

from dlkit.dictionary.forms.layers import receptive_field
from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, layers: PositiveInt = 20) -> dict[str, float]:
    """Reach and spread of the gradient of one output behind 3x3 convolutions with random weights.

    No activation, 8 channels, weights normal. `share_in_centre` is the squared gradient inside the
    middle square of half the side (a quarter of the pixels) over all of it. Luo et al. 2016,
    arXiv:1701.04128, section 2.
    """
    generator = torch.Generator().manual_seed(seed)
    field = receptive_field([3] * layers, [1] * layers)
    x = torch.zeros(1, 1, field, field, dtype=torch.float64, requires_grad=True)
    out, channels = x, 1
    for _ in range(layers):
        deviation = 1 / math.sqrt(9 * channels)
        weights = torch.randn(8, channels, 3, 3, generator=generator, dtype=torch.float64)
        out, channels = torch.nn.functional.conv2d(out, deviation * weights), 8
    (slopes,) = torch.autograd.grad(out[0, 0, 0, 0], x)
    energy = slopes[0, 0].square()
    quarter = field // 4
    centre = energy[quarter : field - quarter, quarter : field - quarter]
    return {
        "field": float(field),
        "share_of_field_reached": float((energy != 0).double().mean()),
        "share_of_pixels_in_centre": centre.numel() / energy.numel(),
        "share_in_centre": float(centre.sum() / energy.sum()),
    }
