"""How far networks too large for their data overfit, without and with a regularizer.

Networks with two hidden layers of 32 ReLU units, He initialisation, SGD at 0.1 with batches of 20,
on 60 points of two noisy half-moons; measured on 1,000 other points. Values are means over 16
networks, each with its own points. The gap is the held-out loss minus the training loss.
"""

from __future__ import annotations

from dlkit.claims.noisy_moons import Fitted, fit
from dlkit.ranges import NonNegativeFloat, PositiveInt, Share


def run(*, seed: int = 0, updates: PositiveInt = 800) -> dict[str, float]:
    """The gap without a regularizer and with each: L2 0.01, dropout 0.3, batch normalization,
    and 1,000 training points. The moons and networks of this module; `updates` of training.
    """
    fits = {
        "none": fit(seed=seed, updates=updates),
        "l2": fit(seed=seed, updates=updates, l2=0.01),
        "dropout": fit(seed=seed, updates=updates, dropout=0.3),
        "batch_norm": fit(seed=seed, updates=updates, batch_norm=True),
        "more_data": fit(seed=seed, updates=updates, examples=1000),
    }
    return {f"gap_{name}": each.gap for name, each in fits.items()}


def l2(
    *, seed: int = 0, strength: NonNegativeFloat = 0.01, updates: PositiveInt = 800
) -> dict[str, float]:
    """Losses and gaps without and with an L2 penalty of `strength` on the weights.

    The moons and networks of this module; `updates` of training.
    """
    plain = fit(seed=seed, updates=updates)
    return _compared(plain, fit(seed=seed, updates=updates, l2=strength))


def dropout(*, seed: int = 0, rate: Share = 0.3, updates: PositiveInt = 800) -> dict[str, float]:
    """Losses and gaps without and with dropout of the share `rate` of the hidden units.

    The moons and networks of this module; `updates` of training.
    """
    plain = fit(seed=seed, updates=updates)
    return _compared(plain, fit(seed=seed, updates=updates, dropout=rate))


def batch_norm(
    *, seed: int = 0, batch: PositiveInt = 20, updates: PositiveInt = 800
) -> dict[str, float]:
    """Losses and gaps without and with batch normalization, both with batches of `batch` points.

    The moons and networks of this module; `updates` of training.
    """
    plain = fit(seed=seed, updates=updates, batch=batch)
    return _compared(plain, fit(seed=seed, updates=updates, batch=batch, batch_norm=True))


def more_data(
    *, seed: int = 0, examples: PositiveInt = 1000, updates: PositiveInt = 800
) -> dict[str, float]:
    """Losses and gaps with 60 training points and with `examples`, for equally many updates.

    The moons and networks of this module; `updates` of training.
    """
    plain = fit(seed=seed, updates=updates)
    return _compared(plain, fit(seed=seed, updates=updates, examples=examples))


def _compared(plain: Fitted, other: Fitted) -> dict[str, float]:
    return {
        "gap_without": plain.gap,
        "gap_with": other.gap,
        "gap_ratio": other.gap / plain.gap,
        "train_loss_without": plain.train_loss,
        "train_loss_with": other.train_loss,
        "held_out_loss_without": plain.held_out_loss,
        "held_out_loss_with": other.held_out_loss,
    }
