"""How many steps gradient descent, with and without momentum, needs along a narrow valley."""

from __future__ import annotations

import math

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, condition: PositiveFloat = 100.0) -> dict[str, float]:
    """Steps from (1, 1) until `|w| < 1e-6` on `(w_1^2 + condition w_2^2) / 2`, best constants.

    Best constants for eigenvalues from 1 to `condition`: Polyak 1964. Nothing is random here.
    """
    root = math.sqrt(condition)
    plain = _steps(condition, rate=2 / (1 + condition), momentum=0.0)
    heavy = _steps(condition, rate=4 / (root + 1) ** 2, momentum=((root - 1) / (root + 1)) ** 2)
    return {"steps_gradient_descent": plain, "steps_momentum": heavy}


def _steps(condition: float, *, rate: float, momentum: float, limit: int = 100_000) -> float:
    w, v = [1.0, 1.0], [0.0, 0.0]
    for step in range(1, limit + 1):
        gradient = [w[0], condition * w[1]]
        v = [momentum * old - rate * g for old, g in zip(v, gradient, strict=True)]
        w = [old + move for old, move in zip(w, v, strict=True)]
        if math.hypot(*w) < 1e-6:
            return float(step)
    return math.inf
