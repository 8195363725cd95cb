"""How often a stationary point with random curvatures is a minimum, by number of parameters."""

from __future__ import annotations

import torch

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, matrices: PositiveInt = 4000) -> dict[str, float]:
    """The share of random symmetric matrices without a negative eigenvalue, in 1 to 8 dimensions.

    A matrix of normal entries made symmetric (Gaussian orthogonal ensemble) stands for the Hessian
    of a stationary point: with a negative eigenvalue it is a saddle or a maximum. In 2 dimensions
    the share is `(2 - sqrt(2)) / 4`. A model, not a network: Dauphin et al. 2014, arXiv:1406.2572,
    section 2. `matrices` is how many are drawn.
    """
    generator = torch.Generator().manual_seed(seed)
    shares = {}
    for size in (1, 2, 4, 8):
        m = torch.randn(matrices, size, size, generator=generator, dtype=torch.float64)
        eigenvalues = torch.linalg.eigvalsh(m + m.transpose(1, 2))  # (matrices, size)
        name = f"minima_in_{size}_dimension" + "s" * (size > 1)
        shares[name] = float((eigenvalues > 0).all(dim=1).double().mean())
    return shares
