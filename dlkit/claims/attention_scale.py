"""Why attention divides its scores by the root of their width."""

from __future__ import annotations

import math

import torch

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, width: PositiveInt = 512, keys: PositiveInt = 16) -> dict[str, float]:
    """Variance of the scores, and the largest weight of softmax over `keys`, as a mean of 1000.

    Queries and keys are standard normal, `width` numbers each. Vaswani et al. 2017,
    arXiv:1706.03762, section 3.2.1.
    """
    generator = torch.Generator().manual_seed(seed)
    q = torch.randn(1000, 1, width, generator=generator)
    k = torch.randn(1000, keys, width, generator=generator)
    scores = (q * k).sum(2)  # (1000, keys)
    scaled = scores / math.sqrt(width)
    return {
        "variance_over_width": float(scores.var() / width),
        "variance_scaled": float(scaled.var()),
        "largest_weight_unscaled": float(scores.softmax(1).amax(1).mean()),
        "largest_weight_scaled": float(scaled.softmax(1).amax(1).mean()),
    }
