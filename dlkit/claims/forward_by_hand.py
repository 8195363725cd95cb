"""The outputs of a network beside its layers computed one after the other by hand."""

from __future__ import annotations

import torch
from torch import nn

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, layers: PositiveInt = 4) -> dict[str, float]:
    """The largest difference between `model(x)` and the loop `x <- tanh(W x + b)` over its layers.

    Layers of 16 units, 32 inputs, in float64.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        dense = [nn.Linear(16, 16, dtype=torch.float64) for _ in range(layers)]
        inputs = torch.randn(32, 16, dtype=torch.float64)  # (32, 16)
    model = nn.Sequential(*(part for layer in dense for part in (layer, nn.Tanh())))
    x = inputs
    with torch.no_grad():
        for layer in dense:
            x = torch.tanh(x @ layer.weight.T + layer.bias)
        return {"largest_difference": float((model(inputs) - x).abs().max())}
