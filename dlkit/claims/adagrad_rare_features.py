"""The rate that AdaGrad leaves to a feature which is rarely there."""

from __future__ import annotations

import torch

from dlkit.ranges import Fraction, PositiveInt


def run(*, seed: int = 0, share: Fraction = 0.05, steps: PositiveInt = 500) -> dict[str, float]:
    """A rare feature's rate over the median of nine dense ones. Duchi et al. 2011, section 1.3.

    Linear regression on one random example a step, with standard normal features, of which the
    first is 0 but in `share` of the examples; true weights 1, noise 0.1, AdaGrad's rate 0.1.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(steps, 10, generator=generator, dtype=torch.float64)  # (steps, 10)
    present = torch.rand(steps, generator=generator, dtype=torch.float64) < share  # (steps,)
    x[:, 0] *= present
    y = x.sum(1) + 0.1 * torch.randn(steps, generator=generator, dtype=torch.float64)
    w, h = torch.zeros(10, dtype=torch.float64), torch.zeros(10, dtype=torch.float64)
    for row, target in zip(x, y, strict=True):
        g = (row @ w - target) * row
        h += g * g
        w -= 0.1 * g / (h.sqrt() + 1e-10)
    rates = 0.1 / (h.sqrt() + 1e-10)
    return {"rate_rare_over_dense": float(rates[0] / rates[1:].median())}
