"""Gradient descent with momentum on a few tensors: shared by several experiments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def descend(
    parameters: Sequence[Tensor],
    loss: Callable[[], Tensor],
    *,
    rate: float,
    momentum: float = 0.9,
    steps: int,
) -> float:
    """Moves the parameters in place; the loss after the last step."""
    for parameter in parameters:
        parameter.requires_grad_()
    velocities = [torch.zeros_like(parameter) for parameter in parameters]
    for _ in range(steps):
        slopes = torch.autograd.grad(loss(), parameters)
        with torch.no_grad():
            for parameter, velocity, slope in zip(parameters, velocities, slopes, strict=True):
                velocity.mul_(momentum).sub_(slope, alpha=rate)
                parameter.add_(velocity)
    return float(loss().detach())
