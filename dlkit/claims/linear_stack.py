"""What a deep network can learn if its activations are the identity."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from dlkit.claims.deep_chain import ACTIVATIONS
from dlkit.claims.descent import descend

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


def run(
    *,
    seed: int = 0,
    activation: Literal["identity", "tanh", "relu", "gelu", "sigmoid"] = "identity",
) -> dict[str, float]:
    """The mean squared error on XOR after 400 full-batch steps, with 2 hidden layers of 16 units.

    No linear function of the two inputs does better than 0.25. `one_line_error` is how far the
    trained network is from being one linear function: its error at (1, 1), told from the other
    three points. Momentum 0.9 at a rate of 0.03.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.tensor(CORNERS, dtype=torch.float64)  # (4, 2)
    target = torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64)  # (4,)
    sizes = [(3, 16), (17, 16), (17, 1)]  # the last row of each is the bias
    weights = [_normal(size, generator) / size[0] ** 0.5 for size in sizes]

    def outputs() -> Tensor:
        h = x
        for w in weights[:-1]:
            h = ACTIVATIONS[activation](h @ w[:-1] + w[-1])  # (4, 16)
        y: Tensor = h @ weights[-1][:-1] + weights[-1][-1]  # (4, 1)
        return y[:, 0]

    mse = descend(weights, lambda: (outputs() - target).square().mean(), rate=0.03, steps=400)
    y = outputs().detach()
    return {"mse": mse, "one_line_error": float((y[3] - (y[1] + y[2] - y[0])).abs())}


def _normal(size: tuple[int, int], generator: torch.Generator) -> Tensor:
    return torch.randn(size, generator=generator, dtype=torch.float64)
