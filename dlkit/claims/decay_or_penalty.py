"""Weight decay apart from the gradient beside an L2 penalty in it, under SGD and under Adam."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch.optim import SGD, Adam, AdamW, Optimizer

from dlkit.ranges import NonNegativeFloat, PositiveFloat, PositiveInt


def run(
    *,
    seed: int = 0,
    decay: NonNegativeFloat = 0.1,
    rate: PositiveFloat = 0.01,
    steps: PositiveInt = 500,
) -> dict[str, float]:
    """The largest difference of the weights after training with one and with the other.

    Least squares with 200 examples and 10 inputs whose scales run from 0.1 to 3, from normal
    weights, in float64. The penalty is `decay / 2 sum w^2`, so its gradient is `decay w`; the decay
    multiplies w by `1 - rate decay` in each step. The last value compares torch's AdamW with Adam
    plus that decay. Loshchilov & Hutter 2019, arXiv:1711.05101.
    """
    generator = torch.Generator().manual_seed(seed)
    scales = torch.logspace(-1, 0.5, 10, dtype=torch.float64)  # (10,)
    x = scales * torch.randn(200, 10, generator=generator, dtype=torch.float64)  # (200, 10)
    y = x @ torch.randn(10, generator=generator, dtype=torch.float64)  # (200,)
    start = torch.randn(10, generator=generator, dtype=torch.float64)  # (10,)

    def train(make: Callable[..., Optimizer], *, shrink: float = 0.0) -> torch.Tensor:
        w = start.clone().requires_grad_()
        optimizer = make([w], lr=rate)
        for _ in range(steps):
            w.grad = x.T @ (x @ w.detach() - y) / len(y)
            w.data *= 1 - rate * shrink
            optimizer.step()
        return w.detach()

    pairs: dict[str, tuple[Callable[..., Optimizer], Callable[..., Optimizer]]] = {
        "sgd": (partial(SGD, weight_decay=decay), SGD),
        "adam": (partial(Adam, weight_decay=decay), Adam),
    }
    measured = {
        f"difference_{name}": float((train(penalty) - train(plain, shrink=decay)).abs().max())
        for name, (penalty, plain) in pairs.items()
    }
    apart = train(Adam, shrink=decay) - train(partial(AdamW, weight_decay=decay))
    return {**measured, "difference_adamw_from_decay": float(apart.abs().max())}
