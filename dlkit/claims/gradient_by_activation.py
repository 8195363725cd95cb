"""What is left of a gradient after a deep chain of layers, for each activation."""

from __future__ import annotations

from typing import Literal

from dlkit.claims.deep_chain import ACTIVATIONS, gradient_ratio
from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *,
    seed: int = 0,
    init: Literal["xavier", "he", "default"] = "xavier",
    gain: PositiveFloat = 1.0,
    depth: PositiveInt = 20,
    width: PositiveInt = 64,
) -> dict[str, float]:
    """The gradient's norm at the first layer over that at the last, before any training.

    A chain of `depth` layers of `width` units whose weights are drawn by `init` and multiplied by
    `gain`; `identity` is the control: what the weights alone do. Glorot & Bengio 2010.
    """
    return {
        name: gradient_ratio(name, depth=depth, width=width, init=init, gain=gain, seed=seed)
        for name in ACTIVATIONS
    }
