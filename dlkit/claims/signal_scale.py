"""How the size of signals changes through a deep chain of layers, by initialisation."""

from __future__ import annotations

from typing import Literal

import torch

from dlkit.claims.deep_chain import ACTIVATIONS, weights
from dlkit.ranges import PositiveInt


def run(
    *,
    seed: int = 0,
    activation: Literal["identity", "tanh", "relu"] = "relu",
    depth: PositiveInt = 20,
    width: PositiveInt = 256,
) -> dict[str, float]:
    """The mean square of the last layer's weighted sums over that of the first's.

    A chain of square layers without biases; 128 standard normal inputs, in float64. Xavier keeps
    the mean square where the slope is 1, He where half of the units are 0. Glorot & Bengio 2010; He
    et al. 2015, arXiv:1502.01852, section 2.2. Knobs: activation, number and width of layers.
    """
    return {
        f"ratio_{init}": _ratio(activation, init, depth=depth, width=width, seed=seed)
        for init in ("default", "xavier", "he")
    }


def _ratio(activation: str, init: str, *, depth: int, width: int, seed: int) -> float:
    generator = torch.Generator().manual_seed(seed)
    h = torch.randn(128, width, generator=generator, dtype=torch.float64)  # (128, width)
    squares = []
    for _ in range(depth):
        z = h @ weights(width, init, generator)  # (128, width)
        squares.append(float(z.square().mean()))
        h = ACTIVATIONS[activation](z)
    return squares[-1] / squares[0]
