"""Whether Adam's second moment is a variance."""

from __future__ import annotations

from dlkit.dictionary.forms.averages import corrected_average
from dlkit.ranges import FiniteFloat


def run(*, seed: int = 0, gradient: FiniteFloat = 3.0) -> dict[str, float]:
    """The corrected second moment and the variance of 1000 gradients that are all the same."""
    gradients = [gradient] * 1000
    mean = sum(gradients) / len(gradients)
    return {
        "second_moment": corrected_average([g * g for g in gradients], beta=0.999)[-1],
        "variance": sum((g - mean) ** 2 for g in gradients) / len(gradients),
    }
