"""What sets the size of AdaDelta's steps, if there is no learning rate."""

from __future__ import annotations

import math

from dlkit.dictionary.forms.scaling_optimizers import adadelta
from dlkit.ranges import PositiveFloat, Share


def run(*, seed: int = 0, rho: Share = 0.95, epsilon: PositiveFloat = 1e-6) -> dict[str, float]:
    """The first step at gradients 1 and 100, and the steps from 1 to 0.1 on `w^2 / 2`.

    In closed form the first step is `sqrt(epsilon / (1 - rho))`, if the gradient is not tiny.
    Zeiler 2012, algorithm 1, without a rate.
    """
    options = {"rho": rho, "epsilon": epsilon}
    path = adadelta(lambda w: w, 1.0, 20_000, **options)
    near = [step for step, w in enumerate(path, 1) if abs(w) < 0.1]
    return {
        "first_step_gradient_1": -adadelta(lambda w: 1.0, 0.0, 1, **options)[0],
        "first_step_gradient_100": -adadelta(lambda w: 100.0, 0.0, 1, **options)[0],
        "steps_to_a_tenth": float(near[0]) if near else math.inf,
    }
