"""The surface `z = x^2 - y^2` with its stationary point."""

from __future__ import annotations

import math

from dlkit.dictionary.drawing import Dot, Line, Picture, Point

RANGE = [i / 10 for i in range(-10, 11)]


def draw() -> Picture:
    """A grid of lines on the surface, seen from above at an angle; the two through 0 are solid."""
    grid = [-1.0, -0.5, 0.5, 1.0]
    lines = [Line([_seen(x, y) for x in RANGE], style="faint") for y in grid]
    lines += [Line([_seen(x, y) for y in RANGE], style="faint") for x in grid]
    lines += [
        Line([_seen(x, 0) for x in RANGE], "a minimum along x", "xの方向には極小"),
        Line([_seen(0, y) for y in RANGE], "a maximum along y", "yの方向には極大", style="dashed"),
    ]
    return Picture(
        (-1.5, 1.5), (-1.5, 1.6), lines=lines, dots=[Dot(*_seen(0, 0), "saddle point", "鞍点")],
        axes=False,
    )  # fmt: skip


def _seen(x: float, y: float) -> Point:
    """Where a point of the surface appears: turned by 30 degrees, seen from 30 degrees above."""
    turn, height = math.radians(30), x * x - y * y
    across = math.cos(turn) * x - math.sin(turn) * y
    back = math.sin(turn) * x + math.cos(turn) * y
    return across, 0.5 * back + 0.87 * height
