"""How close SGD comes to a minimum with a constant learning rate, and with one that falls."""

from __future__ import annotations

import math

import torch

from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *, seed: int = 0, rate: PositiveFloat = 0.5, steps: PositiveInt = 1000, runs: PositiveInt = 500
) -> dict[str, float]:
    """The mean of `w^2` after `steps` noisy steps on `w^2 / 2` from 3, over `runs` runs.

    The noise of the gradient is normal with deviation 1. At a constant rate r the mean settles at
    `r / (2 - r)`, which is `predicted`; `small` is a constant rate of a hundredth; `cosine` falls
    from the rate to 0 along half a cosine. `after_20` are the same after 20 steps.
    """
    rates = torch.tensor(
        [
            [rate] * steps,
            [rate / 100] * steps,
            [rate * (1 + math.cos(math.pi * t / steps)) / 2 for t in range(steps)],
        ]
    ).T  # (steps, 3)
    generator = torch.Generator().manual_seed(seed)
    w = torch.full((3, runs), 3.0)  # (3, runs)
    early = w
    for step, r in enumerate(rates):
        w = w - r[:, None] * (w + torch.randn(3, runs, generator=generator))
        early = w if step == 19 else early
    names = ("constant", "small", "cosine")
    return {
        **{f"{name}_after_20": _square(row) for name, row in zip(names, early, strict=True)},
        **{name: _square(row) for name, row in zip(names, w, strict=True)},
        "predicted": rate / (2 - rate),
    }


def _square(values: torch.Tensor) -> float:
    return float(values.square().mean())
