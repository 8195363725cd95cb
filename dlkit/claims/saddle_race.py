"""How soon optimizers leave a saddle that they start beside."""

from __future__ import annotations

import math
from collections.abc import Callable

from dlkit.dictionary.forms import adam, optimizers, scaling_optimizers
from dlkit.ranges import NonNegativeFloat, PositiveFloat

LIMIT = 1000
RULES: dict[str, tuple[Callable[..., list[float]], dict[str, float]]] = {
    "sgd": (optimizers.momentum, {"momentum": 0.0}),
    "momentum": (optimizers.momentum, {}),
    "nag": (optimizers.nag, {}),
    "adagrad": (scaling_optimizers.adagrad, {}),
    "rmsprop": (scaling_optimizers.rmsprop, {"alpha": 0.9}),
    "adam": (adam.adam, {}),
}


def run(
    *, seed: int = 0, start: NonNegativeFloat = 0.001, learning_rate: PositiveFloat = 0.02
) -> dict[str, float]:
    """Steps on `w_1^2 - w_2^2` from (1, `start`) until `|w_2| > 1`; one rate for all rules.

    Only `w_2` leaves, along its gradient `-2 w_2`, and none of these rules mixes the two.
    Nothing is random.
    """
    found = {}
    for name, (rule, options) in RULES.items():
        path = rule(lambda w: -2 * w, start, LIMIT, learning_rate=learning_rate, **options)
        left = (step for step, w in enumerate(path, 1) if not abs(w) <= 1)
        found[f"steps_{name}"] = float(next(left, math.inf))
    return found
