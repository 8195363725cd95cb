"""Whether it matters that RMSprop's epsilon stands inside or outside of the root."""

from __future__ import annotations

from dlkit.dictionary.forms.scaling_optimizers import rmsprop, rmsprop_epsilon_inside
from dlkit.ranges import PositiveFloat


def run(
    *, seed: int = 0, gradient: PositiveFloat = 1e-4, epsilon: PositiveFloat = 1e-8
) -> dict[str, float]:
    """The 1000th step over the learning rate, at a constant `gradient` and alpha 0.9.

    Also the first step with PyTorch's alpha, 0.99: nothing corrects the start at 0.
    """
    options = {"learning_rate": 1.0, "epsilon": epsilon}
    outside = rmsprop(lambda w: gradient, 0.0, 1000, alpha=0.9, **options)
    inside = rmsprop_epsilon_inside(lambda w: gradient, 0.0, 1000, alpha=0.9, **options)
    return {
        "step_epsilon_outside": outside[-2] - outside[-1],
        "step_epsilon_inside": inside[-2] - inside[-1],
        "first_step": -rmsprop(lambda w: 1.0, 0.0, 1, **options)[0],
    }
