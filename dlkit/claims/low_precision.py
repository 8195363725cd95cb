"""What small gradients and small updates become in 16-bit numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *, seed: int = 0, scale: PositiveFloat = 1024.0, samples: PositiveInt = 100_000
) -> dict[str, float]:
    """Shares of gradients lost to 0 in float16 and bfloat16, and of updates lost in 16-bit weights.

    Gradients are log-normal around 1e-7, with a deviation of a factor e^2. `scaled` are multiplied
    by `scale` before they are stored, as loss scaling does. An update is 0.02 % of its weight,
    which is uniform from 1 to 2. Micikevicius et al. 2018, arXiv:1710.03740, sections 3.1 and 3.2.
    """
    generator = torch.Generator().manual_seed(seed)
    g = 1e-7 * torch.exp(2 * torch.randn(samples, generator=generator))  # (samples,)
    w = 1 + torch.rand(samples, generator=generator)  # (samples,)
    return {
        "gradients_lost_float16": _share(g.half() == 0),
        "gradients_lost_float16_scaled": _share((g * scale).half() == 0),
        "gradients_lost_bfloat16": _share(g.bfloat16() == 0),
        "updates_lost_float16": _lost(w, torch.float16),
        "updates_lost_bfloat16": _lost(w, torch.bfloat16),
        "updates_lost_float32": _lost(w, torch.float32),
        "largest_float16": torch.finfo(torch.float16).max,
    }


def _lost(w: Tensor, dtype: torch.dtype) -> float:
    """The share of weights that an update of 0.02 % leaves as they were."""
    stored = w.to(dtype)
    return _share(stored + (0.0002 * w).to(dtype) == stored)


def _share(flags: Tensor) -> float:
    return float(flags.float().mean())
