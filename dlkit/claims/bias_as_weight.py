"""A bias beside a weight on an input that is always 1, and what a fit loses without either."""

from __future__ import annotations

import torch

from dlkit.ranges import FiniteFloat


def run(*, seed: int = 0, offset: FiniteFloat = 1.0) -> dict[str, float]:
    """Difference of the two forms, and mean squared errors of the best lines with and without bias.

    The data are 101 points of `y = x + offset`, x evenly from -1 to 1: because the mean of x is 0,
    the best line through the origin keeps an error of `offset^2`. Least squares, in float64.
    """
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(4, generator=generator, dtype=torch.float64)  # (4,)
    bias = torch.randn((), generator=generator, dtype=torch.float64)
    inputs = torch.randn(50, 4, generator=generator, dtype=torch.float64)  # (50, 4)
    with_one = torch.cat([inputs, torch.ones(50, 1, dtype=torch.float64)], dim=1)  # (50, 5)
    difference = (inputs @ w + bias - with_one @ torch.cat([w, bias[None]])).abs().max()

    x = torch.linspace(-1, 1, 101, dtype=torch.float64)[:, None]  # (101, 1)
    y = x + offset  # (101, 1)
    return {
        "difference_from_weight_on_1": float(difference),
        "error_without_bias": _error(x, y),
        "error_with_bias": _error(torch.cat([x, torch.ones_like(x)], dim=1), y),
    }


def _error(inputs: torch.Tensor, targets: torch.Tensor) -> float:
    """The mean squared error of the least-squares fit; inputs: (N, d), targets: (N, 1)."""
    w = torch.linalg.lstsq(inputs, targets).solution  # (d, 1)
    return float((inputs @ w - targets).square().mean())
