"""Muon's near-orthogonalisation of a matrix, on plain lists."""

from __future__ import annotations

import math
from collections.abc import Sequence

Matrix = Sequence[Sequence[float]]


def newton_schulz(matrix: Matrix, *, steps: int = 5) -> list[list[float]]:
    """`X = a X + (b A + c A^2) X` with `A = X X^T`, from the matrix over its norm.

    Jordan et al. 2024, with their a, b and c: it moves every singular value to near 1. For
    matrices with at most as many rows as columns.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    norm = math.sqrt(sum(value * value for row in matrix for value in row))
    x = [[value / norm for value in row] for row in matrix]
    for _ in range(steps):
        gram = _product(x, [*zip(*x, strict=True)])
        square = _product(gram, gram)
        mixed = [
            [b * g + c * s for g, s in zip(*rows, strict=True)]
            for rows in zip(gram, square, strict=True)
        ]
        x = [
            [a * value + move for value, move in zip(*rows, strict=True)]
            for rows in zip(x, _product(mixed, x), strict=True)
        ]
    return x


def newton_schulz_of_one(s: float, *, steps: int = 5) -> float:
    """What `newton_schulz` makes of a singular value: `s = a s + b s^3 + c s^5`, `steps` times."""
    for _ in range(steps):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return s


def _product(left: Matrix, right: Matrix) -> list[list[float]]:
    columns = [*zip(*right, strict=True)]
    return [[sum(p * q for p, q in zip(row, column, strict=True)) for column in columns]
            for row in left]  # fmt: skip
