"""Which single number each loss of regression thinks best for a sample with outliers."""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import fmean, median

from dlkit.dictionary.forms.losses import huber, l1, mse
from dlkit.ranges import PositiveFloat, Share


def run(*, seed: int = 0, outliers: Share = 0.1, delta: PositiveFloat = 1.0) -> dict[str, float]:
    """The constants with the least loss for 101 standard normal numbers, `outliers` of them at 20.

    `delta` is Huber's. Each is searched for by thirds, and held against the sample's mean and
    median. Huber 1964.
    """
    rng = random.Random(seed)
    shifted = round(outliers * 101)
    sample = [20.0] * shifted + [rng.gauss(0, 1) for _ in range(101 - shifted)]
    losses: dict[str, Callable[[float], float]] = {
        "mse": lambda c: mse([c] * 101, sample),
        "l1": lambda c: l1([c] * 101, sample),
        "huber": lambda c: huber([c] * 101, sample, delta=delta),
    }
    best = {f"best_{name}": _least(loss) for name, loss in losses.items()}
    return best | {
        "mse_from_mean": abs(best["best_mse"] - fmean(sample)),
        "l1_from_median": abs(best["best_l1"] - median(sample)),
    }


def _least(loss: Callable[[float], float], low: float = -25.0, high: float = 25.0) -> float:
    """The least point of a convex function, by thirds."""
    for _ in range(80):
        third = (high - low) / 3
        if loss(low + third) < loss(high - third):
            high -= third
        else:
            low += third
    return (low + high) / 2
