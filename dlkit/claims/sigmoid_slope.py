"""The range of the sigmoid and its slope, from its own output."""

from __future__ import annotations

import torch

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, limit: PositiveFloat = 10.0) -> dict[str, float]:
    """Outputs and slopes over 10,001 inputs from `-limit` to `limit`, in float64.

    `slope_error` is the largest difference between `f (1 - f)` and the slope that autograd finds.
    """
    x = torch.linspace(-limit, limit, 10_001, dtype=torch.float64, requires_grad=True)
    f = torch.sigmoid(x)  # (10001,)
    (slope,) = torch.autograd.grad(f.sum(), x)
    f = f.detach()
    return {
        "smallest_output": float(f.min()),
        "distance_to_1": float(1 - f.max()),
        "largest_slope": float(slope.max()),
        "slope_error": float((slope - f * (1 - f)).abs().max()),
    }
