"""How often SGD leaves the shallow one of two valleys, by batch size."""

from __future__ import annotations

import torch

from dlkit.ranges import NonNegativeFloat, PositiveFloat, PositiveInt

BATCHES = (1, 4, 16, 64, 512)


def run(
    *,
    seed: int = 0,
    rate: PositiveFloat = 0.03,
    noise: NonNegativeFloat = 10.0,
    starts: PositiveInt = 200,
    steps: PositiveInt = 3000,
) -> dict[str, float]:
    """The share of runs from 1.5, on the shallow side, that end in the deep valley, left of 0.

    The loss is the mean of 512 losses `(w^2 - 1)^2 + 0.3 w + a_i w`, where the `a_i` are normal
    with mean 0 and deviation `noise`; a batch of all 512 has none of that noise. The rate falls
    linearly to 0 over the steps; w is kept within ±5.
    """
    generator = torch.Generator().manual_seed(seed)
    tilts = torch.randn(512, generator=generator)  # (512,)
    tilts = noise * (tilts - tilts.mean()) / tilts.std()
    w = torch.full((len(BATCHES), starts), 1.5)  # (batches, starts)
    for step in range(steps):
        gradient = _slope(w) + _noise(tilts, starts, generator)
        w = (w - rate * (1 - step / steps) * gradient).clamp(-5, 5)
    shares = (w < 0).float().mean(1)  # (batches,)
    return {f"escaped_batch_{b}": float(s) for b, s in zip(BATCHES, shares, strict=True)}


def _slope(w: torch.Tensor) -> torch.Tensor:
    """The derivative of `(w^2 - 1)^2 + 0.3 w`."""
    return 4 * w * (w * w - 1) + 0.3


def _noise(tilts: torch.Tensor, starts: int, generator: torch.Generator) -> torch.Tensor:
    """The mean tilt of a batch drawn with replacement, for each size and start; 0 for all 512."""
    rows = []
    for size in BATCHES[:-1]:
        chosen = torch.randint(512, (starts, size), generator=generator)  # (starts, size)
        rows.append(tilts[chosen].mean(1))
    return torch.stack([*rows, torch.zeros(starts)])  # (batches, starts)
