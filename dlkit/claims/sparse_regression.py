"""Which weights are exactly 0 after linear regression with L1, L2 or no penalty."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *, seed: int = 0, strength: PositiveFloat = 0.1, steps: PositiveInt = 2000
) -> dict[str, float]:
    """Exact zeros and the largest weight of 50, of which 5 matter, after gradient descent.

    200 examples with normal inputs and noise of 0.5; half the mean squared error plus `strength`
    times the sum of `|w|` or `w^2`; all fits from the same normal weights of deviation 0.1, rate
    0.05. L1 is run twice: by subgradient steps, and by proximal steps, which stop at 0 (Parikh &
    Boyd 2014, section 6.5.2).
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(200, 50, generator=generator, dtype=torch.float64)  # (200, 50)
    true = torch.zeros(50, dtype=torch.float64)
    true[:5] = torch.tensor([3.0, -2.0, 1.5, 1.0, -1.0])
    y = x @ true + 0.5 * torch.randn(200, generator=generator, dtype=torch.float64)  # (200,)
    start = 0.1 * torch.randn(50, generator=generator, dtype=torch.float64)  # (50,)
    fits = {
        method: _descend(method, x, y, start, strength=strength, steps=steps)
        for method in ("none", "l2", "l1_subgradient", "l1_proximal")
    }
    return {
        **{f"zeros_{method}": float((w == 0).sum()) for method, w in fits.items()},
        "below_0.01_l1_subgradient": float((fits["l1_subgradient"].abs() < 0.01).sum()),
        **{f"largest_{method}": float(w.abs().max()) for method, w in fits.items()},
    }


def _descend(
    method: str, x: Tensor, y: Tensor, w: Tensor, *, strength: float, steps: int, rate: float = 0.05
) -> Tensor:
    covariance, correlation = x.T @ x / len(y), x.T @ y / len(y)
    for _ in range(steps):
        gradient = covariance @ w - correlation  # (50,)
        if method == "l2":
            gradient += 2 * strength * w
        elif method == "l1_subgradient":
            gradient += strength * w.sign()
        w = w - rate * gradient
        if method == "l1_proximal":
            w = torch.nn.functional.softshrink(w, rate * strength)
    return w
