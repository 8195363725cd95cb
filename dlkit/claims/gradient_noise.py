"""The variance of a mini-batch gradient times the size of the batch."""

from __future__ import annotations

import torch

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, batches: PositiveInt = 4000) -> dict[str, float]:
    """`variance of the mean gradient * B / variance of one example's gradient` for B of 1 to 64.

    Gradients of the squared error `(t - w x)^2` at `w = 0`, where `t` is `x` plus noise, both
    normal, for 50,000 examples; `batches` batches of each size, drawn at random with replacement.
    1 is what a variance proportional to `1/B` predicts.
    """
    generator = torch.Generator().manual_seed(seed)
    x, noise = torch.randn(2, 50_000, generator=generator, dtype=torch.float64)  # (50000,)
    gradients = -2 * x * (x + noise)  # (50000,)
    products = {}
    for size in (1, 4, 16, 64):
        chosen = torch.randint(50_000, (batches, size), generator=generator)  # (batches, size)
        variance = gradients[chosen].mean(1).var()
        products[f"variance_times_{size}"] = float(variance * size / gradients.var())
    return products
