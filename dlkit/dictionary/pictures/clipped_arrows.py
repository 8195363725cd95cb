"""A long gradient, clipped by its norm and clipped entry by entry."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture
from dlkit.dictionary.forms.basics import clipped_by_norm, clipped_by_value


def draw() -> Picture:
    """The gradient (2.6, 0.7) and a limit of 1, with the circle and the square of that limit."""
    gradient = [2.6, 0.7]
    norm, value = clipped_by_norm(gradient), clipped_by_value(gradient)
    turn = [clipped_by_norm([10 * x, 10 * y]) for x, y in _square(60)]
    return Picture(
        (-1.3, 2.9),
        (-1.3, 1.3),
        lines=[
            Line([(x, y) for x, y in turn], style="faint"),
            Line(_square(1), style="faint"),
            Line([(0, 0), (2.6, 0.7)], "gradient", "勾配", style="dashed", arrow=True),
            Line([(0, 0), (value[0], value[1])], "by value", "値で制限", arrow=True),
            Line([(0, 0), (norm[0], norm[1])], "by norm", "ノルムで制限", arrow=True),
        ],
        equal=True,
    )


def _square(pieces: int) -> list[tuple[float, float]]:
    """The rim of the square from -1 to 1, with so many pieces a side."""
    side = [2 * i / pieces - 1 for i in range(pieces + 1)]
    right, left = [(1.0, t) for t in side], [(-1.0, -t) for t in side]
    top, bottom = [(-t, 1.0) for t in side], [(t, -1.0) for t in side]
    return [*bottom, *right, *top, *left]
