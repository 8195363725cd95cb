"""A step of momentum and a step of NAG from one point: where the gradient is taken differs."""

from __future__ import annotations

from dlkit.dictionary.drawing import Dot, Line, Picture, Point, contours


def draw() -> Picture:
    """One step on `(w_1^2 + 6 w_2^2) / 2` from (-3, 1), with a velocity from earlier steps."""
    w, velocity, rate, momentum = (-3.0, 1.0), (1.6, -0.5), 0.15, 0.9
    ahead = (w[0] + momentum * velocity[0], w[1] + momentum * velocity[1])
    nag_end = _moved(ahead, ahead, rate)
    momentum_end = _moved(ahead, w, rate)
    window = ((-4.0, 0.5), (-0.8, 1.8))
    return Picture(
        *window,
        lines=[
            *contours(lambda a, b: (a * a + 6 * b * b) / 2, (1, 4.5), *window, cells=40),
            Line([w, ahead], "momentum step", "慣性による移動", arrow=True),
            Line([ahead, nag_end], "gradient there", "先の点での勾配", style="dashed", arrow=True),
            Line([w, nag_end], "step of NAG", "NAGの更新", arrow=True),
            Line([w, momentum_end], "step of momentum", "モメンタム法の更新", arrow=True),
        ],
        dots=[Dot(*w, "w"), Dot(*ahead, "w + αv")],
        axes=False,
    )


def _moved(point: Point, at: Point, rate: float) -> Point:
    """`point` moved along the gradient at `at`."""
    return (point[0] - rate * at[0], point[1] - rate * 6 * at[1])
