"""That attention does not know the order of its keys, and that its weights sum to 1."""

from __future__ import annotations

import torch
from torch.nn.functional import scaled_dot_product_attention


def run(*, seed: int = 0) -> dict[str, float]:
    """The largest change of the output when 10 pairs of keys and values are shuffled.

    With values that are all 1 the output is the sum of the weights.
    """
    generator = torch.Generator().manual_seed(seed)
    q, k, v = torch.randn(3, 1, 10, 16, generator=generator, dtype=torch.float64)
    order = torch.randperm(10, generator=generator)
    out = scaled_dot_product_attention(q, k, v)
    shuffled = scaled_dot_product_attention(q, k[:, order], v[:, order])
    sums = scaled_dot_product_attention(q, k, torch.ones_like(v))
    return {
        "change_when_shuffled": float((out - shuffled).abs().max()),
        "sum_of_weights": float(sums.mean()),
        "outside_of_the_values": float(
            (out - v.amin(1, keepdim=True)).clamp(max=0).abs().max()
            + (out - v.amax(1, keepdim=True)).clamp(min=0).max()
        ),
    }
