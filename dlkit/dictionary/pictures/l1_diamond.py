"""The loss's contours touch the diamond of L1 at a corner, where one weight is 0."""

from __future__ import annotations

import math

from dlkit.dictionary.drawing import Picture
from dlkit.dictionary.pictures.penalty_region import region


def draw() -> Picture:
    """All weights with `|w_1| + |w_2| <= 1`, and the one among them with the lowest loss."""
    return region(
        lambda angle: 1 / (abs(math.cos(angle)) + abs(math.sin(angle))),
        "|w_1| + |w_2| = 1",
        "|w_1| + |w_2| = 1",
    )
