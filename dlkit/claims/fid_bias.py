"""The Frechet distance of two samples of one distribution: how far from 0 it is, by their size."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.ranges import FiniteFloat, PositiveInt


def run(*, seed: int = 0, features: PositiveInt = 64, shift: FiniteFloat = 0.5) -> dict[str, float]:
    """The distance between pairs of samples of 100, 1,000 and 10,000 standard normal vectors.

    Heusel et al. 2017, arXiv:1706.08500, eq. 6, on vectors in place of Inception's 2,048 features;
    the bias: Chong & Forsyth 2020, arXiv:1911.07023. `shifted_10000` moves the second sample by
    `shift` in one feature, which alone is worth `shift` squared.

    - `features`: length of a vector.
    """
    generator = torch.Generator().manual_seed(seed)

    def sample(count: int) -> Tensor:
        return torch.randn(count, features, generator=generator, dtype=torch.float64)

    values = {
        f"same_{count}": distance(sample(count), sample(count)) for count in (100, 1000, 10_000)
    }
    moved = sample(10_000)
    moved[:, 0] += shift
    return values | {"shifted_10000": distance(sample(10_000), moved)}


def distance(a: Tensor, b: Tensor) -> float:
    """`|m_a - m_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^(1/2))` of samples `(N, features)`."""
    left, right = torch.cov(a.T), torch.cov(b.T)
    roots = torch.linalg.eigvals(left @ right).real.clamp(min=0).sqrt()
    means = (a.mean(0) - b.mean(0)).square().sum()
    return float(means + left.trace() + right.trace() - 2 * roots.sum())
