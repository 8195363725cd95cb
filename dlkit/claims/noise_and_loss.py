"""Which distribution of the noise a loss of regression assumes: gradients of its log-likelihood."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Distribution, Laplace, Normal

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, largest_sigma: PositiveFloat = 1.0) -> dict[str, float]:
    """Largest differences between gradients in 100 predictions, in float64.

    Half the squared error against the negative log-likelihood of a normal distribution, the
    absolute error against that of a Laplace distribution, and one crosswise. The scale of the noise
    runs from 1 for the first example to `largest_sigma` for the last. Bishop 2006, section 1.2.5.
    """
    generator = torch.Generator().manual_seed(seed)
    y, t = torch.randn(2, 100, generator=generator, dtype=torch.float64)  # (100,) each
    scale = torch.linspace(1, largest_sigma, 100, dtype=torch.float64)
    half_square = _gradient(y, lambda y: (y - t).square() / 2)
    absolute = _gradient(y, lambda y: (y - t).abs())
    normal = _gradient(y, lambda y: -_log_density(Normal(y, scale), t))
    laplace = _gradient(y, lambda y: -_log_density(Laplace(y, scale), t))
    return {
        "half_square_from_normal": float((half_square - normal).abs().max()),
        "absolute_from_laplace": float((absolute - laplace).abs().max()),
        "half_square_from_laplace": float((half_square - laplace).abs().max()),
    }


def _gradient(y: Tensor, losses: Callable[[Tensor], Tensor]) -> Tensor:
    y = y.clone().requires_grad_()
    return torch.autograd.grad(losses(y).sum(), y)[0]


def _log_density(noise: Distribution, t: Tensor) -> Tensor:
    return noise.log_prob(t)
