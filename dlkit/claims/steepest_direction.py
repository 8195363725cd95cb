"""How fast a loss falls along the negative gradient and along other directions."""

from __future__ import annotations

import torch
from torch.nn.functional import normalize

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, directions: PositiveInt = 10_000) -> dict[str, float]:
    """The fall along random unit directions over that along the negative gradient.

    On `(w_1^2 + 25 w_2^2) / 2` from (5, 1), a step of 0.0001, in float64. `angle_to_minimum`, in
    degrees, is how far the negative gradient points away from the minimum. Nocedal & Wright 2006,
    section 2.2.
    """
    generator = torch.Generator().manual_seed(seed)
    curvatures = torch.tensor([1.0, 25.0], dtype=torch.float64)
    w = torch.tensor([5.0, 1.0], dtype=torch.float64)
    downhill = normalize(-curvatures * w, dim=0)  # (2,)
    drawn = torch.randn(directions, 2, generator=generator, dtype=torch.float64)

    def fall(unit: torch.Tensor) -> torch.Tensor:
        moved = w + 1e-4 * unit  # (..., 2)
        return (curvatures * (w**2 - moved**2)).sum(-1) / 2

    best = fall(normalize(drawn, dim=1)).max()
    cosine = (downhill @ normalize(-w, dim=0)).clamp(-1, 1)
    return {
        "best_random_over_gradient": float(best / fall(downhill)),
        "angle_to_minimum": float(torch.rad2deg(torch.arccos(cosine))),
    }
