"""How many hidden units training leaves without any gradient, by activation."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from dlkit.claims.deep_chain import ACTIVATIONS
from dlkit.ranges import PositiveFloat, PositiveInt


def run(
    *, seed: int = 0, learning_rate: PositiveFloat = 10.0, steps: PositiveInt = 100
) -> dict[str, float]:
    """The share of 64 hidden units whose weights get a gradient of exactly 0 from all 256 examples.

    Two classes of 10 standard normal features, by the distance from a plane; one hidden layer, He
    initialisation, `steps` full-batch steps of gradient descent. `recovered` counts the dead ReLU
    units that live again after as many further steps at a hundredth of the rate. Maas, Hannun & Ng
    2013.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(256, 10, generator=generator)  # (256, 10)
    target = ((x @ torch.randn(10, 1, generator=generator)).abs() > 2).float()  # (256, 1)
    first = (2 / 10) ** 0.5 * torch.randn(10, 64, generator=generator)  # (10, 64)
    second = (2 / 64) ** 0.5 * torch.randn(64, 1, generator=generator)  # (64, 1)
    start = [first, torch.zeros(64), second, torch.zeros(1)]
    found = {}
    for name in ("relu", "leaky_relu", "elu"):
        weights, dead = _train(name, start, x, target, rate=learning_rate, steps=steps)
        found[f"dead_{name}"] = float(dead.float().mean())
        if name == "relu":
            _, still = _train(name, weights, x, target, rate=learning_rate / 100, steps=steps)
            found["recovered"] = float((dead & ~still).sum())
    return found


def _train(
    name: str, start: list[Tensor], x: Tensor, target: Tensor, *, rate: float, steps: int
) -> tuple[list[Tensor], Tensor]:
    """The weights after `steps`, and for which units the gradient is 0 there: (64,)."""
    weights = [w.clone().requires_grad_() for w in start]
    for step in range(steps + 1):
        w1, b1, w2, b2 = weights
        scores = ACTIVATIONS[name](x @ w1 + b1) @ w2 + b2  # (256, 1)
        slopes = torch.autograd.grad(binary_cross_entropy_with_logits(scores, target), weights)
        if step < steps:
            moved = [w - rate * s for w, s in zip(weights, slopes, strict=True)]
            weights = [w.detach().requires_grad_() for w in moved]
    return weights, (slopes[0] == 0).all(0) & (slopes[1] == 0)
