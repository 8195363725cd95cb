"""What ReLU and its gradient are from 0 on, 0 itself included."""

from __future__ import annotations

import torch


def run(*, seed: int = 0) -> dict[str, float]:
    """The largest difference from the identity on random inputs `x >= 0`; PyTorch's slope at 0."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(10_000, generator=generator, dtype=torch.float64) * 100  # (10000,)
    zero = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(torch.relu(zero), zero)
    difference = (torch.relu(x) - x).abs().max()
    return {"largest_difference": float(difference), "gradient_at_zero": float(slope)}
