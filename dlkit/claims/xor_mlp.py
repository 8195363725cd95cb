"""The exclusive or: what dense layers fit with an activation between them, and without."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn
from torch.nn.functional import mse_loss

from dlkit.claims.toy_networks import built, step
from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, hidden: PositiveInt = 8, activation: Literal["tanh", "relu"] = "tanh",
    steps: PositiveInt = 500,
) -> dict[str, float]:  # fmt: skip
    """Mean squared error on the four points of XOR after Adam at 0.05, on all points at once.

    A linear function can do no better than the constant 1/2, which has an error of 1/4 (Minsky &
    Papert 1969; Rumelhart, Hinton & Williams 1986).

    - `hidden`: units of the one hidden layer.
    - `activation`: what stands between the layers, where something does.
    """
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)
    target = torch.tensor([[0.0], [1.0], [1.0], [0.0]])  # (4, 1)
    between = {"with_activation": nn.Tanh() if activation == "tanh" else nn.ReLU(),
               "without_activation": nn.Identity()}  # fmt: skip
    errors = {}
    for name, middle in between.items():
        first, last = built(seed, lambda: (nn.Linear(2, hidden), nn.Linear(hidden, 1)))
        model = nn.Sequential(first, middle, last)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        for _ in range(steps):
            step(optimizer, mse_loss(model(x), target))
        errors[f"error_{name}"] = float(mse_loss(model(x), target).detach())
    return errors
