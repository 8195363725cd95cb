"""How tanh and sigmoid are related."""

from __future__ import annotations

import torch

from dlkit.ranges import FiniteFloat


def run(*, seed: int = 0, stretch: FiniteFloat = 2.0) -> dict[str, float]:
    """The largest `|tanh(x) - (2 sigmoid(stretch x) - 1)|` from -10 to 10, and slopes at 0.

    Only with a `stretch` of 2 are the two one function; 1 would stretch the sigmoid upwards alone.
    """
    x = torch.linspace(-10, 10, 2_001, dtype=torch.float64)  # (2001,)
    zero = torch.zeros((), dtype=torch.float64, requires_grad=True)
    slope_tanh, slope_sigmoid = (
        float(torch.autograd.grad(f(zero), zero)[0]) for f in (torch.tanh, torch.sigmoid)
    )
    difference = (torch.tanh(x) - (2 * torch.sigmoid(stretch * x) - 1)).abs().max()
    return {
        "largest_difference": float(difference),
        "slope_at_0_tanh": slope_tanh,
        "slope_at_0_sigmoid": slope_sigmoid,
    }
