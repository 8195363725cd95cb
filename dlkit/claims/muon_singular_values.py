"""How equal Muon's iteration makes the singular values of a matrix."""

from __future__ import annotations

import torch

from dlkit.ranges import NaturalInt, PositiveInt


def run(
    *, seed: int = 0, rows: PositiveInt = 64, columns: PositiveInt = 256, iterations: NaturalInt = 5
) -> dict[str, float]:
    """The largest and smallest singular value of a normal random matrix, before and after.

    Before: of the matrix over its Frobenius norm. Coefficients of Jordan et al. 2024. A square
    matrix has singular values near 0, which five iterations don't lift.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, columns, generator=generator, dtype=torch.float64)  # (rows, columns)
    before = torch.linalg.svdvals(x / x.norm())  # (min(rows, columns),)
    after = before
    for _ in range(iterations):
        after = 3.4445 * after - 4.7750 * after**3 + 2.0315 * after**5
    return {
        "largest_over_smallest_before": float(before.max() / before.min()),
        "smallest_after": float(after.min()),
        "largest_after": float(after.max()),
    }
