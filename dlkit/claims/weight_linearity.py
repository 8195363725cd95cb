"""Whether twice the weights of a layer give twice its output, without and with a bias."""

from __future__ import annotations

import torch


def run(*, seed: int = 0) -> dict[str, float]:
    """The largest difference between `2 f(w)` and `f(2 w)` for `f(w) = w x` and `w x + 1`.

    8 weights, 100 inputs, standard normal, in float64.
    """
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(8, generator=generator, dtype=torch.float64)  # (8,)
    x = torch.randn(100, 8, generator=generator, dtype=torch.float64)  # (100, 8)
    without = (2 * (x @ w) - x @ (2 * w)).abs().max()
    with_bias = (2 * (x @ w + 1) - (x @ (2 * w) + 1)).abs().max()
    return {"difference_without_bias": float(without), "difference_with_bias": float(with_bias)}
