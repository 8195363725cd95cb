"""Which output activations can reach the targets of a regression."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dlkit.claims.descent import descend
from dlkit.ranges import FiniteFloat

OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {"identity": lambda z: z, "sigmoid": torch.sigmoid}


def run(*, seed: int = 0, low: FiniteFloat = -3.0, high: FiniteFloat = 3.0) -> dict[str, float]:
    """The mean squared error of a small network, by its output activation, after training.

    The target rises from `low` to `high` along a sine of the input; 1 input, 16 tanh units, 1
    output, 500 full-batch steps from the same weights. Momentum 0.9 at a rate of 0.05.
    """
    x = torch.linspace(-1, 1, 128)[:, None]  # (128, 1)
    target = low + (high - low) * (1 + torch.sin(torch.pi / 2 * x)) / 2  # (128, 1)
    return {f"mse_{name}": _train(output, x, target, seed) for name, output in OUTPUTS.items()}


def _train(output: Callable[[Tensor], Tensor], x: Tensor, target: Tensor, seed: int) -> float:
    generator = torch.Generator().manual_seed(seed)
    shapes = [(1, 16), (16,), (16, 1), (1,)]
    w1, b1, w2, b2 = weights = [0.5 * torch.randn(shape, generator=generator) for shape in shapes]

    def loss() -> Tensor:
        return (output(torch.tanh(x @ w1 + b1) @ w2 + b2) - target).square().mean()

    return descend(weights, loss, rate=0.05, steps=500)
