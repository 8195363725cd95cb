"""The derivative of functions one inside the other beside the product of their derivatives."""

from __future__ import annotations

import math

import torch


def run(*, seed: int = 0) -> dict[str, float]:
    """The largest errors of derivatives of `sin(exp(-x^2))` at 100 random points.

    `error_product` multiplies `cos(exp(-x^2))`, `exp(-x^2)` and `-2 x`; `error_differences` is that
    of central differences at a distance of 0.00001; `error_outer_only` leaves out the derivatives
    of the inner functions. All against PyTorch's backward pass.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(100, generator=generator, dtype=torch.float64).requires_grad_()  # (100,)
    (exact,) = torch.autograd.grad(torch.sin(torch.exp(-(x**2))).sum(), x)
    products, differences, outer = [], [], []
    for value in x.tolist():
        inner = math.exp(-value * value)
        products.append(math.cos(inner) * inner * -2 * value)
        differences.append((_composed(value + 1e-5) - _composed(value - 1e-5)) / 2e-5)
        outer.append(math.cos(inner))

    def error(derivatives: list[float]) -> float:
        return float((torch.tensor(derivatives, dtype=torch.float64) - exact).abs().max())

    return {
        "error_product": error(products),
        "error_differences": error(differences),
        "error_outer_only": error(outer),
    }


def _composed(x: float) -> float:
    return math.sin(math.exp(-x * x))
