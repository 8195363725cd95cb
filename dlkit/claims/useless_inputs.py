"""How well linear regression predicts when most inputs are useless: no penalty, L2 and L1."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, inputs: PositiveInt = 50, useful: PositiveInt = 5) -> dict[str, float]:
    """Mean squared errors on 2,000 new examples; the noise alone is 1.

    60 training examples with normal inputs, `useful` of them (at most `inputs`) with weights
    3, -2, 1.5, 1, -1 in turn. The strengths of L2 and L1 are the best of 8 on 200 examples for
    validation. L2 in closed form, L1 by 2,000 proximal steps from 0. Tibshirani 1996.
    """
    generator = torch.Generator().manual_seed(seed)
    true = torch.zeros(inputs, dtype=torch.float64)
    weights = torch.tensor([3.0, -2.0, 1.5, 1.0, -1.0], dtype=torch.float64)
    count = min(useful, inputs)
    true[:count] = weights.repeat(count // 5 + 1)[:count]

    def draw(count: int) -> tuple[Tensor, Tensor]:
        x = torch.randn(count, inputs, generator=generator, dtype=torch.float64)
        return x, x @ true + torch.randn(count, generator=generator, dtype=torch.float64)

    (x, y), validation, test = draw(60), draw(200), draw(2000)
    covariance, correlation = x.T @ x / 60, x.T @ y / 60
    strengths = torch.logspace(-3, 0.5, 8, dtype=torch.float64)
    fits = {
        "none": torch.linalg.lstsq(x, y[:, None]).solution,
        "l2": torch.cat([_ridge(covariance, correlation, s) for s in strengths.tolist()], dim=1),
        "l1": _lasso(covariance, correlation, strengths),
    }  # each (inputs, strengths)
    return {f"error_{name}": _chosen(w, validation, test) for name, w in fits.items()}


def _ridge(covariance: Tensor, correlation: Tensor, strength: float) -> Tensor:
    """The least `mean squared error / 2 + strength sum w^2`; (inputs, 1)."""
    ridge = covariance + 2 * strength * torch.eye(len(covariance), dtype=torch.float64)
    w: Tensor = torch.linalg.solve(ridge, correlation[:, None])
    return w


def _lasso(covariance: Tensor, correlation: Tensor, strengths: Tensor) -> Tensor:
    """The least `mean squared error / 2 + strength sum |w|` for each strength; (inputs, S)."""
    rate = 1 / float(torch.linalg.matrix_norm(covariance, 2))
    w = torch.zeros(len(covariance), len(strengths), dtype=torch.float64)
    for _ in range(2000):
        w = w - rate * (covariance @ w - correlation[:, None])
        w = w - w.clamp(-rate * strengths, rate * strengths)  # soft threshold, one a column
    return w


def _chosen(w: Tensor, validation: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]) -> float:
    """The test error of the column of `w` with the lowest validation error."""
    errors = [((x @ w - y[:, None]) ** 2).mean(0) for x, y in (validation, test)]  # (strengths,)
    return float(errors[1][errors[0].argmin()])
