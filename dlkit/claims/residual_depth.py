"""How much of the gradient reaches the first layer of a deep chain, with and without shortcuts."""

from __future__ import annotations

from dlkit.claims.deep_chain import gradient_ratio
from dlkit.ranges import PositiveFloat, PositiveInt


def run(*, seed: int = 0, depth: PositiveInt = 50, gain: PositiveFloat = 0.7) -> dict[str, float]:
    """The gradient's norm at the first of `depth` layers over that at the last.

    Square layers 64 wide, normal weights with deviation `gain / sqrt(64)` for tanh, and Xavier's
    for the sigmoid, no training. He et al. 2016, arXiv:1512.03385, in the form `h + f(W h)`.
    """
    found = {}
    for name, scale in (("tanh", gain), ("sigmoid", 1.0)):
        for kind, residual in (("plain", False), ("residual", True)):
            found[f"ratio_{name}_{kind}"] = gradient_ratio(
                name, depth=depth, gain=scale, residual=residual, seed=seed
            )
    return found
