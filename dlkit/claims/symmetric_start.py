"""Whether hidden units that start with equal weights ever become different."""

from __future__ import annotations

import torch
from torch import nn

from dlkit.ranges import FiniteFloat, PositiveInt


def run(*, seed: int = 0, value: FiniteFloat = 0.5, steps: PositiveInt = 200) -> dict[str, float]:
    """The spread between 8 hidden units after training, from equal and from random weights.

    4 inputs, tanh, one output, 64 random examples, SGD at 0.1, in float64. The spread is the
    largest deviation of an incoming weight over the units. `gradient_hidden_zero` is the largest
    gradient that a hidden weight gets when all parameters start at 0: none, so that only the bias
    of the output learns. Knobs: the equal value, and the number of updates.
    """
    random, _ = _train(seed, steps, None)
    equal, _ = _train(seed, steps, value)
    _, hidden = _train(seed, steps, 0.0)
    return {
        "spread_from_random": random,
        "spread_from_equal": equal,
        "gradient_hidden_zero": hidden,
    }


def _train(seed: int, steps: int, value: float | None) -> tuple[float, float]:
    """The spread over the hidden units, and the largest gradient of a hidden weight."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        hidden = nn.Linear(4, 8)
        model = nn.Sequential(hidden, nn.Tanh(), nn.Linear(8, 1)).double()
        x = torch.randn(64, 4, dtype=torch.float64)  # (64, 4)
        y = torch.randn(64, 1, dtype=torch.float64)  # (64, 1)
    largest = 0.0
    if value is not None:
        for w in model.parameters():
            nn.init.constant_(w, value)
    for _ in range(steps):
        loss = (model(x) - y).square().mean()
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        largest = max(largest, float(gradients[0].abs().max()))
        with torch.no_grad():
            for w, g in zip(model.parameters(), gradients, strict=True):
                w.sub_(0.1 * g)
    return float(hidden.weight.detach().std(0).max()), largest
