"""How many outputs of an activation are exactly 0 when its inputs are normally distributed."""

from __future__ import annotations

import torch

from dlkit.ranges import FiniteFloat, PositiveFloat, PositiveInt


def run(
    *,
    seed: int = 0,
    mean: FiniteFloat = 0.0,
    deviation: PositiveFloat = 1.0,
    samples: PositiveInt = 100_000,
) -> dict[str, float]:
    """The share of exact zeros after ReLU, sigmoid and tanh. Glorot, Bordes & Bengio 2011."""
    generator = torch.Generator().manual_seed(seed)
    x = mean + deviation * torch.randn(samples, generator=generator)  # (samples,)
    functions = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
    return {name: float((function(x) == 0).float().mean()) for name, function in functions.items()}
