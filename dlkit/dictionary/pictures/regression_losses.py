"""The losses of regression over one error."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture, curve
from dlkit.dictionary.forms.losses import epsilon_error, half_squared_error, huber_error


def draw() -> Picture:
    """Half the square, Huber's loss and the epsilon-insensitive one, with constants of 1."""
    window = (-3.0, 3.0)
    return Picture(
        window,
        (0.0, 4.0),
        lines=[
            Line(curve(half_squared_error, window), "half square", "二乗の半分", style="faint"),
            Line(curve(lambda e: huber_error(e, delta=1.0), window), "Huber"),
            Line(
                curve(lambda e: epsilon_error(e, epsilon=1.0), window),
                "epsilon-insensitive",
                "ε-許容",
                style="dashed",
            ),
        ],
    )
