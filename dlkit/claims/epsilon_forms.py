"""The epsilon-insensitive loss beside a form of it that is printed with the product `t y`."""

from __future__ import annotations

from dlkit.dictionary.forms.losses import epsilon_insensitive, epsilon_insensitive_printed
from dlkit.ranges import FiniteFloat, NonNegativeFloat


def run(
    *, seed: int = 0, target: FiniteFloat = 2.0, epsilon: NonNegativeFloat = 0.1
) -> dict[str, float]:
    """Both losses for an exact prediction and for one of 0.5, and their largest difference.

    The difference is over predictions from -3 to 3. Smola & Schölkopf 2004.
    """
    outputs = [k / 100 for k in range(-300, 301)]
    return {
        "exact": epsilon_insensitive([target], [target], epsilon=epsilon),
        "exact_printed": epsilon_insensitive_printed([target], [target], epsilon=epsilon),
        "at_half": epsilon_insensitive([0.5], [target], epsilon=epsilon),
        "at_half_printed": epsilon_insensitive_printed([0.5], [target], epsilon=epsilon),
        "largest_difference": max(
            abs(
                epsilon_insensitive([y], [target], epsilon=epsilon)
                - epsilon_insensitive_printed([y], [target], epsilon=epsilon)
            )
            for y in outputs
        ),
    }
