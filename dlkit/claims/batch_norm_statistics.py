"""Mean and variance of what batch normalization puts out, while training and in use."""

from __future__ import annotations

import torch
from torch import nn

from dlkit.ranges import FiniteFloat, PositiveFloat, PositiveInt


def run(
    *,
    seed: int = 0,
    mean: FiniteFloat = 5.0,
    deviation: PositiveFloat = 3.0,
    updates: PositiveInt = 1,
) -> dict[str, float]:
    """The largest `|mean|` and `|variance - 1|` over 16 features of a batch of 256.

    Inputs are normal with `mean` and `deviation`. Scale and shift are still 1 and 0. Training mode
    uses the batch; evaluation mode uses running statistics after `updates` batches, which begin at
    mean 0 and variance 1 and take up a tenth of the new value at a time. `scale_shift` are the same
    with scale 2 and shift 3, as training might choose. Ioffe & Szegedy 2015, arXiv:1502.03167.
    """
    generator = torch.Generator().manual_seed(seed)
    norm = nn.BatchNorm1d(16, dtype=torch.float64)

    def batch() -> torch.Tensor:
        noise = torch.randn(256, 16, generator=generator, dtype=torch.float64)
        return mean + deviation * noise  # (256, 16)

    for _ in range(updates):
        training = norm(batch())
    norm.eval()
    in_use = norm(batch())
    norm.train()
    torch.nn.init.constant_(norm.weight, 2.0)
    torch.nn.init.constant_(norm.bias, 3.0)
    shifted = norm(batch())
    return {
        "mean_training": _largest(training.mean(0)),
        "variance_error_training": _largest(training.var(0, correction=0) - 1),
        "mean_evaluation": _largest(in_use.mean(0)),
        "variance_error_evaluation": _largest(in_use.var(0, correction=0) - 1),
        "mean_scale_shift": _largest(shifted.mean(0)),
        "variance_error_scale_shift": _largest(shifted.var(0, correction=0) - 1),
    }


def _largest(values: torch.Tensor) -> float:
    return float(values.detach().abs().max())
