"""How far softplus is from ReLU, what its slope is, and where its printed form overflows."""

from __future__ import annotations

import torch
from torch.nn.functional import softplus

from dlkit.ranges import PositiveFloat


def run(
    *, seed: int = 0, beta: PositiveFloat = 1.0, large: PositiveFloat = 1000.0
) -> dict[str, float]:
    """Distances over 2,001 inputs from -10 to 10, in float64, and values at the input `large`.

    `beta` sharpens the corner: `ln(1 + exp(beta x)) / beta`. Dugas et al. 2001.
    """
    x = torch.linspace(-10, 10, 2_001, dtype=torch.float64, requires_grad=True)
    f = softplus(x, beta, threshold=1e6)  # (2001,)
    (slope,) = torch.autograd.grad(f.sum(), x)
    distance = (f - torch.relu(x)).detach()
    at = torch.tensor(large, dtype=torch.float64)
    return {
        "largest_distance": float(distance.max()),
        "smallest_distance": float(distance.min()),
        "slope_error": float((slope - torch.sigmoid(beta * x)).abs().max().detach()),
        "printed_form_at_large": float(torch.log(1 + torch.exp(at))),
        "torch_at_large": float(softplus(at)),
    }
