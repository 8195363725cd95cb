"""In which layers of a deep network the gradient is smallest."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from dlkit.claims.deep_chain import gradient_norms
from dlkit.ranges import PositiveFloat


def run(
    *,
    seed: int = 0,
    activation: Literal["sigmoid", "tanh", "relu", "identity"] = "sigmoid",
    init: Literal["xavier", "he", "default"] = "xavier",
    gain: PositiveFloat = 1.0,
) -> dict[str, float]:
    """Norms at layers 1 (input side), 10 and 19 over that at layer 20 (output side).

    `shrinking_steps` is the share of the 19 steps towards the input at which the norm falls. A
    chain of 20 layers of 64 units, weights drawn by `init` and multiplied by `gain`. Hochreiter
    1991; Bengio, Simard & Frasconi 1994.
    """
    norms = gradient_norms(activation, depth=20, init=init, gain=gain, seed=seed)
    falls = [nearer < farther for nearer, farther in pairwise(norms)]
    layers = {f"layer_{k}_over_layer_20": norms[k - 1] / norms[-1] for k in (1, 10, 19)}
    return layers | {"shrinking_steps": sum(falls) / len(falls)}
