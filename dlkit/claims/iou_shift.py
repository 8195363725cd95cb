"""What a box that is off by some pixels costs in intersection over union, small or large."""

from __future__ import annotations

from dlkit.dictionary.forms.architecture import iou
from dlkit.ranges import NonNegativeFloat, PositiveFloat


def run(
    *, seed: int = 0, shift: NonNegativeFloat = 5.0, small: PositiveFloat = 10.0,
    large: PositiveFloat = 100.0,
) -> dict[str, float]:  # fmt: skip
    """IoU of a square box with itself moved to the right, and of boxes 1 and 100 pixels apart.

    Moved by s, a square of side a has `(a - s) / (a + s)`. Nothing is random.

    - `shift`: pixels to the right.
    - `small`, `large`: sides of the two squares.
    """

    def moved(side: float, by: float) -> float:
        return iou([0.0, 0.0, side, side], [by, 0.0, side + by, side])

    return {
        "iou_small": moved(small, shift),
        "iou_large": moved(large, shift),
        "iou_one_pixel_apart": moved(small, small + 1),
        "iou_far_apart": moved(small, small + 100),
    }
