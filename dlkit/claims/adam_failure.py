"""A sum of simple losses on which Adam runs to the worst point, and AMSGrad to the best."""

from __future__ import annotations

import math

from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *, seed: int = 0, large: PositiveFloat = 4.0, steps: PositiveInt = 20_000
) -> dict[str, float]:
    """Where x in [-1, 1] ends on losses `large x, -x, -x, large x, ...`: the best point is -1.

    Reddi et al. 2018, theorem 1: beta1 0, beta2 `1 / (1 + large^2)`, rate `1 / sqrt(t)`, from 0.
    `large` above 2 makes -1 the best point. SGD with the same rate stands beside them.
    """
    return {
        "end_adam": _end(large, steps, keep_largest=False),
        "end_amsgrad": _end(large, steps, keep_largest=True),
        "end_sgd": _end(large, steps, keep_largest=None),
    }


def _end(large: float, steps: int, *, keep_largest: bool | None) -> float:
    x, v, largest, beta2 = 0.0, 0.0, 0.0, 1 / (1 + large * large)
    for t in range(1, steps + 1):
        g = large if t % 3 == 1 else -1.0
        v = beta2 * v + (1 - beta2) * g * g
        largest = max(largest, v)
        scale = 1.0 if keep_largest is None else math.sqrt(largest if keep_largest else v)
        x = min(1.0, max(-1.0, x - g / scale / math.sqrt(t)))
    return x
