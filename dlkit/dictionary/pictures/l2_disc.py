"""The loss's contours touch the disc of L2 off the axes, where no weight is 0."""

from __future__ import annotations

from dlkit.dictionary.drawing import Picture
from dlkit.dictionary.pictures.penalty_region import region


def draw() -> Picture:
    """All weights with `w_1^2 + w_2^2 <= 1`, and the one among them with the lowest loss."""
    return region(lambda angle: 1.0, "w_1^2 + w_2^2 = 1", "w_1^2 + w_2^2 = 1")
