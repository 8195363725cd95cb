"""A layer of neurons beside the same sums written out by hand."""

from __future__ import annotations

import math

import torch
from torch import nn

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, inputs: PositiveInt = 5, units: PositiveInt = 3) -> dict[str, float]:
    """The largest difference between `tanh(nn.Linear(x))` and `tanh(sum w_i x_i + b)` by hand.

    Standard normal weights, biases and inputs, in float64. Goodfellow et al. 2016, chapter 6.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        layer = nn.Linear(inputs, units, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.normal_(generator=generator)
        layer.bias.normal_(generator=generator)
        x = torch.randn(inputs, generator=generator, dtype=torch.float64)  # (inputs,)
        outputs = torch.tanh(layer(x)).tolist()
    by_hand = [
        math.tanh(sum(w * value for w, value in zip(row, x.tolist(), strict=True)) + bias)
        for row, bias in zip(layer.weight.tolist(), layer.bias.tolist(), strict=True)
    ]
    difference = max(abs(a - b) for a, b in zip(outputs, by_hand, strict=True))
    return {"largest_difference": difference}
