"""How far momentum and NAG roll past the minimum of a parabola."""

from __future__ import annotations

import math

from dlkit.dictionary.forms import optimizers
from dlkit.ranges import PositiveFloat, Share


def run(
    *, seed: int = 0, learning_rate: PositiveFloat = 0.01, momentum: Share = 0.9
) -> dict[str, float]:
    """The lowest `w` on `w^2 / 2` from 1, and the steps until `|w|` stays below 1e-6.

    Both rules have the same rate and momentum. Sutskever et al. 2013, section 2. Nothing is random.
    """
    found = {}
    for name, rule in (("momentum", optimizers.momentum), ("nag", optimizers.nag)):
        path = rule(lambda w: w, 1.0, 3000, learning_rate=learning_rate, momentum=momentum)
        found[f"lowest_{name}"] = min(path)
        found[f"steps_{name}"] = _held(path)
    return found


def _held(path: list[float]) -> float:
    far = [step for step, w in enumerate(path, 1) if not abs(w) < 1e-6]
    last = far[-1] if far else 0
    return float(last + 1) if last < len(path) else math.inf
