"""A loss's contours against a region that a penalty allows: shared by the pictures of L1 and L2."""

from __future__ import annotations

import math
from collections.abc import Callable

from dlkit.dictionary.drawing import Dot, Line, Picture, Point, contours

BEST = (1.9, 1.0)
"""Where the loss alone is lowest."""


def loss(a: float, b: float) -> float:
    """A quadratic valley around `BEST`, slightly turned."""
    x, y = a - BEST[0], b - BEST[1]
    return x * x + 0.6 * x * y + y * y


def region(radius: Callable[[float], float], label: str, ja: str) -> Picture:
    """The picture for the region whose rim is at `radius(angle)` from 0, and its lowest loss."""
    rim = [_polar(radius, 2 * math.pi * i / 720) for i in range(721)]
    lowest = min(rim, key=lambda point: loss(*point))
    window = ((-1.6, 2.9), (-1.4, 2.0))
    levels = [0.15, 0.5, loss(*lowest), 3.0]
    return Picture(
        *window,
        lines=[
            *contours(loss, levels, *window),
            Line(rim, label, ja),
        ],
        dots=[
            Dot(*BEST, "lowest loss", "損失が最小の点"),
            Dot(*lowest, "solution", "解"),
        ],
        equal=True,
    )


def _polar(radius: Callable[[float], float], angle: float) -> Point:
    # rounded, so that the corners of the diamond lie on the axes
    return (
        round(radius(angle) * math.cos(angle), 12),
        round(radius(angle) * math.sin(angle), 12),
    )
