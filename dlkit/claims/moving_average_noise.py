"""What an exponential moving average does to noise, and to a jump."""

from __future__ import annotations

import math
import random

from dlkit.dictionary.forms.averages import moving_average
from dlkit.ranges import Fraction


def run(*, seed: int = 0, beta: Fraction = 0.9) -> dict[str, float]:
    """The variance of the mean of 100000 independent values over theirs, and the delay of a jump.

    In closed form `(1 - beta) / (1 + beta)`; and half of a jump from 0 to 1 is reached after
    `ln 0.5 / ln beta` values, rounded up.
    """
    randomness = random.Random(seed)
    means = moving_average([randomness.gauss(0, 1) for _ in range(100_000)], beta=beta)
    settled = means[1000:]
    centre = sum(settled) / len(settled)
    variance = sum((m - centre) ** 2 for m in settled) / len(settled)
    jump = moving_average([1.0] * (2 + math.ceil(math.log(0.5) / math.log(beta))), beta=beta)
    reached = next(t for t, m in enumerate(jump, 1) if m >= 0.5)
    return {
        "variance_ratio": variance,
        "variance_ratio_over_formula": variance * (1 + beta) / (1 - beta),
        "values_to_half_of_a_jump": float(reached),
    }
