"""Gradient descent on the sum of the errors and on their mean, as the data grow."""

from __future__ import annotations

import torch

from dlkit.ranges import PositiveFloat, PositiveInt


def run(*, seed: int = 0, rate: PositiveFloat = 0.05, times: PositiveInt = 100) -> dict[str, float]:
    """The distance from the best line after 100 steps, with 10 and with `times` times 10 points.

    `y = 2 x + noise`, one weight from 0, half the squared errors, summed or averaged, at one rate.
    The gradient of the sum is that of the mean times the number of points.
    """
    generator = torch.Generator().manual_seed(seed)
    measured = {}
    for name, count in (("few", 10), ("many", 10 * times)):
        x, noise = torch.randn(2, count, generator=generator, dtype=torch.float64)  # (count,)
        y = 2 * x + 0.1 * noise
        for reduction, scale in (("sum", 1.0), ("mean", 1 / count)):
            w = 0.0
            for _ in range(100):
                w -= rate * scale * float(x @ (w * x - y))
            measured[f"distance_{reduction}_{name}"] = abs(w - float(x @ y / (x @ x)))
    return measured
