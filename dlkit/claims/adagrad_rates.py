"""What becomes of AdaGrad when its one rate is chosen badly."""

from __future__ import annotations

import torch

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, steps: PositiveInt = 500) -> dict[str, float]:
    """The loss of least squares after `steps` full-batch steps, for four learning rates.

    20 standard normal features, 200 examples, standard normal true weights, noise of deviation
    0.1: the loss, half the mean squared error, can reach about 0.005.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(200, 20, generator=generator)  # (200, 20)
    true = torch.randn(20, generator=generator)
    y = x @ true + 0.1 * torch.randn(200, generator=generator)
    return {f"loss_rate_{rate}": _trained(x, y, rate, steps) for rate in (0.001, 0.01, 0.1, 1)}


def _trained(x: torch.Tensor, y: torch.Tensor, rate: float, steps: int) -> float:
    w, h = torch.zeros(x.shape[1]), torch.zeros(x.shape[1])
    for _ in range(steps):
        g = (x @ w - y) @ x / len(x)
        h += g * g
        w -= rate * g / (h.sqrt() + 1e-10)
    return float((x @ w - y).square().mean() / 2)
