"""The factor by which RAdam holds its steps back at the beginning."""

from __future__ import annotations

from dlkit.dictionary.forms.adam import rectification
from dlkit.ranges import Fraction


def run(*, seed: int = 0, beta2: Fraction = 0.999) -> dict[str, float]:
    """How many first steps do without the second moment, and the factor later on.

    Liu et al. 2020, section 4.2, with PyTorch's bound of 5 for the length of the mean.
    """
    factors = [rectification(t, beta2=beta2) for t in range(1, 10_001)]
    without = next((t for t, factor in enumerate(factors) if factor), len(factors))
    return {
        "steps_without_second_moment": float(without),
        "factor_step_10": factors[9],
        "factor_step_100": factors[99],
        "factor_step_10000": factors[-1],
    }
