"""Slopes, curvatures and escape times of gradient descent at the saddle of `x^2 - y^2`."""

from __future__ import annotations

import math

import torch

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, offset: PositiveFloat = 1e-6) -> dict[str, float]:
    """Gradient and Hessian eigenvalues at (0, 0); steps from (1, 0) and (1, offset) to `|y| > 1`.

    Gradient descent at a rate of 0.1 for up to 1,000 steps; inf is never. Nothing is random.
    """
    point = torch.zeros(2, dtype=torch.float64, requires_grad=True)  # (2,)
    height = point[0] ** 2 - point[1] ** 2
    (gradient,) = torch.autograd.grad(height, point, create_graph=True)  # (2,)
    rows = [torch.autograd.grad(slope, point, retain_graph=True)[0] for slope in gradient]
    hessian = torch.stack(rows)  # (2, 2)
    low, high = torch.linalg.eigvalsh(hessian).tolist()
    return {
        "gradient_norm": float(gradient.detach().norm()),
        "curvature_lowest": low,
        "curvature_highest": high,
        "steps_from_the_ridge": _escape(0.0),
        "steps_beside_the_ridge": _escape(offset),
    }


def _escape(y: float, *, rate: float = 0.1, limit: int = 1000) -> float:
    """Steps until `|y| > 1`; x, which shrinks by itself, plays no part."""
    for step in range(1, limit + 1):
        y += rate * 2 * y
        if abs(y) > 1:
            return float(step)
    return math.inf
