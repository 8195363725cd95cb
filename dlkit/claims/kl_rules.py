"""What holds of the Kullback-Leibler divergence, and what torch's function wants handed in."""

from __future__ import annotations

import torch
from torch.nn.functional import kl_div

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, classes: PositiveInt = 5) -> dict[str, float]:
    """The divergence of 1,000 random pairs of distributions over `classes`, in nats and float64.

    `asymmetry` is the mean of `|KL(t || y) - KL(y || t)|`; `without_logarithm` is what `kl_div`
    makes of the probabilities themselves. Kullback & Leibler 1951.
    """
    generator = torch.Generator().manual_seed(seed)
    t, y = torch.randn(2, 1_000, classes, generator=generator, dtype=torch.float64).softmax(2)
    forward = kl_div(y.log(), t, reduction="none").sum(1)  # (1000,)
    backward = kl_div(t.log(), y, reduction="none").sum(1)  # (1000,)
    missing = kl_div(torch.tensor([1.0, 0.0]).log(), torch.tensor([0.5, 0.5]), reduction="sum")
    return {
        "smallest": float(forward.min()),
        "of_equals": float(kl_div(t.log(), t, reduction="none").sum(1).abs().max()),
        "asymmetry": float((forward - backward).abs().mean()),
        "where_prediction_is_0": float(missing),
        "without_logarithm": float(kl_div(y, t, reduction="none").sum(1).mean()),
    }
