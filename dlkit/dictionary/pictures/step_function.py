"""The step function and its derivative, with a gap where it jumps."""

from __future__ import annotations

from dlkit.dictionary.drawing import Dot, Line, Picture, curve
from dlkit.dictionary.forms.activations import step


def draw() -> Picture:
    """Two flat pieces from -4 to 4; the derivative is 0 on both and doesn't exist at 0."""
    left, right = (-4.0, -0.01), (0.01, 4.0)
    return Picture(
        (-4.0, 4.0),
        (-0.5, 1.5),
        lines=[
            Line(curve(step, left), "f(x)"),
            Line(curve(step, right)),
            Line([(-4.0, 0.0), (-0.01, 0.0)], "f'(x)", style="dashed"),
            Line([(0.01, 0.0), (4.0, 0.0)], style="dashed"),
        ],
        dots=[Dot(0.0, step(0.0))],
    )
