"""What batch normalization does to gradients along a deep chain of layers."""

from __future__ import annotations

from typing import Literal

from dlkit.claims.deep_chain import gradient_ratio
from dlkit.ranges import PositiveInt


def run(
    *,
    seed: int = 0,
    activation: Literal["identity", "sigmoid", "tanh", "relu"] = "sigmoid",
    init: Literal["default", "xavier", "he"] = "xavier",
    depth: PositiveInt = 20,
    width: PositiveInt = 64,
) -> dict[str, float]:
    """The gradient's norm at the first layer over that at the last, without and with it.

    At initialisation, with as many random examples as units (at least 128); see
    `deep_chain.gradient_norms`. `growth` is the factor a layer with batch normalization. For ReLU
    it tends to `sqrt(pi / (pi - 1))`, 1.21: Yang et al. 2019, arXiv:1902.08129. Knobs: the
    activation, the initialisation, and the number and size of layers.
    """
    return _measure(activation, init, depth=depth, width=width, seed=seed)


def relu(*, seed: int = 0, depth: PositiveInt = 30, width: PositiveInt = 256) -> dict[str, float]:
    """The same for ReLU with He initialisation: the gradient's norm at the first layer over that at
    the last, and the factor a layer, `growth_with`. Yang et al. 2019, arXiv:1902.08129.
    """
    return _measure("relu", "he", depth=depth, width=width, seed=seed)


def _measure(activation: str, init: str, *, depth: int, width: int, seed: int) -> dict[str, float]:
    without, with_norm = (
        gradient_ratio(
            activation,
            init=init,
            depth=depth,
            width=width,
            batch=max(128, width),
            batch_norm=batch_norm,
            seed=seed,
        )
        for batch_norm in (False, True)
    )
    growth = with_norm ** (1 / max(1, depth - 1))
    return {"ratio_without": without, "ratio_with": with_norm, "growth_with": growth}
