"""A curve with a shallow and a deep valley, and gradient descent that ends in the shallow one."""

from __future__ import annotations

from dlkit.dictionary.drawing import Dot, Line, Picture, curve
from dlkit.dictionary.forms.descent import gradient_descent


def draw() -> Picture:
    """`(w^2 - 1)^2 + 0.3 w`, and 60 steps from 1.6 at a rate of 0.02."""
    path = [1.6, *gradient_descent(_slope, 1.6, 60, learning_rate=0.02)]
    deep = gradient_descent(_slope, -1.0, 500, learning_rate=0.02)[-1]
    window = ((-1.7, 1.7), (-0.6, 3.0))
    return Picture(
        *window,
        lines=[
            Line(curve(_loss, window[0]), style="faint"),
            Line(
                [(w, _loss(w)) for w in path],
                "gradient descent",
                "勾配降下法の動き",
                arrow=True,
                moving=True,
            ),
        ],
        dots=[
            Dot(path[-1], _loss(path[-1]), "local optimum", "局所解"),
            Dot(deep, _loss(deep), "global optimum", "大域的最適解"),
        ],
    )


def _loss(w: float) -> float:
    return (w * w - 1) ** 2 + 0.3 * w


def _slope(w: float) -> float:
    return 4 * w * (w * w - 1) + 0.3
