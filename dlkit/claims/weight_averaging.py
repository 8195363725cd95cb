"""How near to the optimum the moving average of noisy weights is, and the weights themselves."""

from __future__ import annotations

import math
import random

from dlkit.dictionary.forms.averages import corrected_average
from dlkit.ranges import Fraction, PositiveFloat


def run(
    *, seed: int = 0, beta: Fraction = 0.99, learning_rate: PositiveFloat = 0.3
) -> dict[str, float]:
    """The root mean square of `w` and of its mean over the last 5000 of 6000 steps of SGD.

    On `w^2 / 2` from 1, each gradient with standard normal noise. Polyak & Juditsky 1992.
    """
    randomness = random.Random(seed)
    path, w = [], 1.0
    for _ in range(6000):
        w -= learning_rate * (w + randomness.gauss(0, 1))
        path.append(w)
    means = corrected_average(path, beta=beta)
    return {"distance_of_weights": _rms(path[1000:]), "distance_of_mean": _rms(means[1000:])}


def _rms(values: list[float]) -> float:
    return math.sqrt(sum(v * v for v in values) / len(values))
