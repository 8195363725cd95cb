"""The step that AdaGrad and RMSprop still take when the gradient stays the same."""

from __future__ import annotations

from dlkit.dictionary.forms.scaling_optimizers import adagrad, rmsprop
from dlkit.ranges import Share


def run(*, seed: int = 0, alpha: Share = 0.9) -> dict[str, float]:
    """Steps 1, 100 and 10000 over the learning rate, at a gradient of 1.

    In closed form `1 / sqrt(t)` for AdaGrad and `1 / sqrt(1 - alpha^t)` for RMSprop, whose
    `alpha` is the share of its mean that is kept.
    """
    constant = {"learning_rate": 1.0}
    adagrads = [0.0, *adagrad(lambda w: 1.0, 0.0, 10_000, **constant)]
    rmsprops = [0.0, *rmsprop(lambda w: 1.0, 0.0, 10_000, alpha=alpha, **constant)]
    return {
        f"{name}_step_{t}": path[t - 1] - path[t]
        for name, path in (("adagrad", adagrads), ("rmsprop", rmsprops))
        for t in (1, 100, 10_000)
    }
