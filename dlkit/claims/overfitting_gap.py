"""How far a network too large for its data overfits, without and with a regularizer."""

from __future__ import annotations

from typing import Any, Literal

from dlkit.claims.noisy_moons import fit
from dlkit.ranges import PositiveInt

SETTINGS: dict[str, dict[str, Any]] = {
    "none": {},
    "l2": {"l2": 0.01},
    "dropout": {"dropout": 0.3},
    "batch_norm": {"batch_norm": True},
    "more_data": {"examples": 1000},
}


def run(
    *,
    seed: int = 0,
    regularizer: Literal["none", "l2", "dropout", "batch_norm", "more_data"] = "l2",
    updates: PositiveInt = 800,
    networks: PositiveInt = 16,
) -> dict[str, float]:
    """Losses on 60 training points and on 1,000 others, and the gap between the two.

    Networks with two hidden layers of 64 ReLU units, He initialisation, batches of 20, SGD at 0.1,
    on two noisy half-moons; means over networks, each with its own points. Knobs: `regularizer`
    (an L2 penalty of 0.01, dropout of 0.3, batch normalization, or 1,000 training points), the
    updates, and the number of networks.
    """
    plain = fit(seed=seed, updates=updates, networks=networks)
    other = fit(seed=seed, updates=updates, networks=networks, **SETTINGS[regularizer])
    return {
        "gap_without": plain.gap,
        "gap_with": other.gap,
        "gap_ratio": other.gap / plain.gap,
        "held_out_loss_without": plain.held_out_loss,
        "held_out_loss_with": other.held_out_loss,
        "accuracy_without": plain.held_out_accuracy,
        "accuracy_with": other.held_out_accuracy,
    }
