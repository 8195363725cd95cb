"""Whether gradient descent can train what stands before a step function."""

from __future__ import annotations

from typing import Literal

import torch

from dlkit.nn.activations import step
from dlkit.ranges import PositiveInt


def run(
    *,
    seed: int = 0,
    gradient: Literal["none", "straight_through"] = "none",
    steps: PositiveInt = 100,
) -> dict[str, float]:
    """Squared error of one unit with a step, before and after full-batch steps at a rate of 0.5.

    200 points of the plane in two classes that a line through 0 separates. `gradient` is what
    stands for the derivative of the step; `straight_through` passes the gradient on as it comes
    (Bengio et al. 2013), which makes this the perceptron rule. `largest_gradient` is over all
    steps.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(200, 2, generator=generator)  # (200, 2)
    target = (x @ torch.randn(2, generator=generator) > 0).float()  # (200,)
    w = torch.randn(2, generator=generator).requires_grad_()
    unit, losses, largest = step(gradient=gradient), [], 0.0
    for _ in range(steps + 1):
        loss = (unit(x @ w) - target).square().mean()
        losses.append(float(loss.detach()))
        (slope,) = torch.autograd.grad(loss, w)
        largest = max(largest, float(slope.norm()))
        w = (w - 0.5 * slope).detach().requires_grad_()
    return {
        "loss_before": losses[0],
        "loss_after": losses[-1],
        "loss_change": losses[-1] - losses[0],
        "largest_gradient": largest,
    }
