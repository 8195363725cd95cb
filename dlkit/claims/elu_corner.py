"""The slopes of ELU on both sides of 0."""

from __future__ import annotations

import torch
from torch.nn.functional import elu

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, alpha: PositiveFloat = 1.0) -> dict[str, float]:
    """The slopes at -1e-9 and 1e-9, and the value far on the left, where it tends to `-alpha`."""
    x = torch.tensor([-1e-9, 1e-9], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(elu(x, alpha).sum(), x)
    far = elu(torch.tensor(-50.0, dtype=torch.float64), alpha)
    return {"slope_left": float(slope[0]), "slope_right": float(slope[1]), "far_left": float(far)}
