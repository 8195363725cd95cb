"""Adam's first step with and without the correction of its moments."""

from __future__ import annotations

from itertools import pairwise

from dlkit.dictionary.forms.adam import adam, adam_uncorrected
from dlkit.ranges import PositiveFloat, Share


def run(
    *,
    seed: int = 0,
    gradient: PositiveFloat = 1.0,
    beta1: Share = 0.9,
    beta2: Share = 0.999,
) -> dict[str, float]:
    """The first step over the learning rate: 1, or `(1 - beta1) / sqrt(1 - beta2)`.

    Also the largest of the first 1000 steps at a constant gradient. Kingma & Ba 2015, section 3.
    """
    options = {"learning_rate": 1.0, "beta1": beta1, "beta2": beta2}
    found: dict[str, float] = {}
    for name, rule in (("corrected", adam), ("uncorrected", adam_uncorrected)):
        path = [0.0, *rule(lambda w: gradient, 0.0, 1000, **options)]
        steps = [a - b for a, b in pairwise(path)]
        found |= {f"first_step_{name}": steps[0], f"largest_step_{name}": max(steps)}
    return found
