"""Which share of a new batch PyTorch's running mean takes up, and which variance it stores."""

from __future__ import annotations

import torch
from torch import nn

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, batch: PositiveInt = 8) -> dict[str, float]:
    """One batch through `nn.BatchNorm1d(momentum=0.1)`, whose running mean starts at 0.

    `share_of_new_mean` is the running mean divided by the batch's. `stored_over_biased` is the
    variance that reached the running one, divided by the batch's own (with 1/N): `N / (N - 1)`.
    """
    generator = torch.Generator().manual_seed(seed)
    x = 4 + torch.randn(batch, 1, generator=generator, dtype=torch.float64)  # (batch, 1)
    norm = nn.BatchNorm1d(1, dtype=torch.float64, momentum=0.1)
    norm(x)
    state = norm.state_dict()
    stored = (float(state["running_var"]) - 0.9) / 0.1
    return {
        "share_of_new_mean": float(state["running_mean"] / x.mean()),
        "stored_over_biased": stored / float(x.var(correction=0)),
    }
