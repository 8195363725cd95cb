"""How much of a weight is left when decay goes through Adam's scaling, and when it does not."""

from __future__ import annotations

from itertools import cycle

from dlkit.dictionary.forms.adam import adam, adamw
from dlkit.ranges import PositiveFloat, PositiveInt

RATE, DECAY = 1e-3, 0.1


def run(
    *,
    seed: int = 0,
    small: PositiveFloat = 1.0,
    large: PositiveFloat = 100.0,
    steps: PositiveInt = 2000,
) -> dict[str, float]:
    """The share of a weight left after `steps` at a rate of 0.001 and a decay of 0.1.

    The loss's gradient is `small` or `large` with alternating sign, so that it has no use for
    the weight. `adam` adds the decay to the gradient (L2), `adamw` shrinks the weight itself.
    Loshchilov & Hutter 2019, section 2.
    """
    return {
        f"left_{name}_{which}": left(gradient, steps)
        for which, gradient in (("small", small), ("large", large))
        for name, left in (("adam", _left_by_adam), ("adamw", _left_by_adamw))
    }


def _left_by_adam(size: float, steps: int) -> float:
    signs = cycle((-1, 1))
    return adam(lambda w: size * next(signs) + DECAY * w, 1.0, steps, learning_rate=RATE)[-1]


def _left_by_adamw(size: float, steps: int) -> float:
    signs = cycle((-1, 1))
    options = {"learning_rate": RATE, "weight_decay": DECAY}
    return adamw(lambda w: size * next(signs), 1.0, steps, **options)[-1]
