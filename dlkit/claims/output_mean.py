"""How far the mean output of an activation is from 0 when its inputs are normally distributed."""

from __future__ import annotations

import torch
from torch.nn import functional

from dlkit.ranges import FiniteFloat, PositiveFloat, PositiveInt


def run(
    *,
    seed: int = 0,
    alpha: PositiveFloat = 1.0,
    mean: FiniteFloat = 0.0,
    samples: PositiveInt = 100_000,
) -> dict[str, float]:
    """Means of the outputs for inputs with the mean `mean` and variance 1; `alpha` is ELU's.

    Clevert, Unterthiner & Hochreiter 2016, section 2.
    """
    generator = torch.Generator().manual_seed(seed)
    x = mean + torch.randn(samples, generator=generator, dtype=torch.float64)  # (samples,)
    outputs = {
        "relu": torch.relu(x),
        "elu": functional.elu(x, alpha),
        "softplus": functional.softplus(x),
        "sigmoid": torch.sigmoid(x),
        "tanh": torch.tanh(x),
        "gelu": functional.gelu(x),
        "silu": functional.silu(x),
    }
    return {name: float(output.mean()) for name, output in outputs.items()}
