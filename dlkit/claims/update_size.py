"""How far one update moves a parameter under a lasting gradient, in units of the learning rate."""

from __future__ import annotations

from collections.abc import Callable

import torch

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, gradient: PositiveFloat = 3.0) -> dict[str, float]:
    """The 500th update of SGD, momentum 0.9 and Adam, divided by the learning rate of 0.01.

    The gradient is `gradient` at every step. SGD moves by it, momentum by 10 times as much, Adam by
    1 whatever the gradient. Nothing is random.
    """
    rate = 0.01
    rules: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "update_sgd": lambda w: torch.optim.SGD([w], lr=rate),
        "update_momentum": lambda w: torch.optim.SGD([w], lr=rate, momentum=0.9),
        "update_adam": lambda w: torch.optim.Adam([w], lr=rate),
    }
    return {name: _update(make, gradient, 500) / rate for name, make in rules.items()}


def _update(make: Callable[..., torch.optim.Optimizer], gradient: float, steps: int) -> float:
    """The length of the last of `steps` updates."""
    w = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer, before = make(w), 0.0
    for _ in range(steps):
        before = float(w.detach())
        w.grad = torch.full_like(w, gradient)
        optimizer.step()
    return abs(float(w.detach()) - before)
