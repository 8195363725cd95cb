"""Gradient descent on a parabola with learning rates just below and just above its threshold."""

from __future__ import annotations

from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *,
    seed: int = 0,
    low: PositiveFloat = 1.9,
    high: PositiveFloat = 2.1,
    steps: PositiveInt = 100,
) -> dict[str, float]:
    """`|w|` after `steps` updates from 1 on `w^2 / 2`, whose curvature is 1.

    Each update multiplies w by `1 - rate`, so the threshold is a rate of 2 (in general 2 divided by
    the curvature). `low` and `high` are the two rates. Nothing is random.
    """
    return {"distance_low_rate": _descend(low, steps), "distance_high_rate": _descend(high, steps)}


def _descend(rate: float, steps: int) -> float:
    w = 1.0
    for _ in range(steps):
        w -= rate * w
    return abs(w)
