"""How large the steps of Lion and Adam are for gradients of very different sizes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from dlkit.dictionary.forms.adam import adam
from dlkit.dictionary.forms.optimizers import lion, momentum
from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, steps: PositiveInt = 100) -> dict[str, float]:
    """The largest step over the smallest, on random gradients from 1e-3 to 1e3 in size.

    At a rate of 0.01, no decay. Chen et al. 2023, arXiv:2302.06675, algorithm 2.
    """
    randomness = random.Random(seed)
    gradients = [randomness.gauss(0, 1) * 10 ** randomness.uniform(-3, 3) for _ in range(steps)]
    found = {}
    for name, rule in (("lion", lion), ("adam", adam), ("momentum", momentum)):
        path = [0.0, *rule(_in_turn(gradients), 0.0, steps, learning_rate=0.01)]
        sizes = [abs(b - a) for a, b in pairwise(path)]
        found[f"largest_over_smallest_{name}"] = max(sizes) / min(sizes)
    return found


def _in_turn(gradients: Sequence[float]) -> Callable[[float], float]:
    """A gradient that does not depend on the parameter: the next of `gradients`."""
    remaining = iter(gradients)
    return lambda w: next(remaining)
