"""Polynomials of a low and a high degree through the same few noisy points."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from dlkit.dictionary.drawing import Dot, Line, Picture, Point, curve


def draw() -> Picture:
    """10 points of half a sine wave with noise; least-squares fits of degree 3 and 9."""
    chance = random.Random(1)
    points = [
        (x, math.sin(3 * x) + chance.gauss(0, 0.25)) for x in (i / 4.5 - 1 for i in range(10))
    ]
    window = ((-1.05, 1.05), (-2.0, 2.0))
    cubic = _fit(points, 3)
    return Picture(
        *window,
        lines=[
            Line(curve(lambda x: math.sin(3 * x), window[0]), "truth", "真の関数", style="faint"),
            Line(curve(cubic, window[0]), "degree 3", "3次", style="dashed"),
            Line(curve(_through(points), window[0]), "degree 9: overfits", "9次: 過学習"),
        ],
        dots=[Dot(*point) for point in points],
        axes=False,
    )


def _through(points: Sequence[Point]) -> Callable[[float], float]:
    """The polynomial through all points, in Lagrange's form."""

    def value(at: float) -> float:
        return sum(
            y * math.prod((at - other) / (x - other) for other, _ in points if other != x)
            for x, y in points
        )

    return value


def _fit(points: Sequence[Point], degree: int) -> Callable[[float], float]:
    """The polynomial of least squared error, by the normal equations."""
    powers = range(degree + 1)
    rows = [[sum(x ** (i + j) for x, _ in points) for j in powers] for i in powers]
    rows = [[*row, sum(y * x**i for x, y in points)] for i, row in enumerate(rows)]
    for i in powers:  # Gauss-Jordan; the matrix is positive definite, so no pivot is 0
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in powers:
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return lambda at: sum(row[-1] * at**i for i, row in enumerate(rows))
