"""Optimizers that leave a saddle: the old animation, computed anew."""

from __future__ import annotations

from itertools import takewhile

from dlkit.dictionary.drawing import Dot, Line, Picture, contours
from dlkit.dictionary.pictures.long_valley import RULES

START, RATE, STEPS = (-1.0, 0.001), 0.02, 80
LEVELS = (-0.25, 0, 0.25)


def draw() -> Picture:
    """80 steps on `w_1^2 - w_2^2` from (-1, 0.001), all with a rate of 0.02."""
    window = ((-1.2, 0.6), (-0.4, 1.0))
    lines = []
    for label, ja, rule, options in RULES:
        rated = {**options, "learning_rate": RATE}
        along = [START[0], *rule(lambda w: 2 * w, START[0], STEPS, **rated)]
        down = [START[1], *rule(lambda w: -2 * w, START[1], STEPS, **rated)]
        inside = takewhile(lambda point: point[1] <= 1, zip(along, down, strict=True))
        lines.append(Line([*inside], label, ja, moving=True))
    return Picture(
        *window,
        lines=[
            *contours(lambda a, b: a * a - b * b, LEVELS, *window, cells=40),
            *lines,
        ],
        dots=[Dot(*START, "start", "出発点"), Dot(0, 0, "saddle", "鞍点")],
    )
