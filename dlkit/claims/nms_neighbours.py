"""What non-maximum suppression keeps of two neighbouring objects with several boxes each."""

from __future__ import annotations

import random

from dlkit.dictionary.forms.architecture import iou, nms
from dlkit.ranges import NonNegativeFloat, PositiveInt, UnitInterval


def run(
    *, seed: int = 0, threshold: UnitInterval = 0.5, distance: NonNegativeFloat = 60.0,
    boxes: PositiveInt = 20,
) -> dict[str, float]:  # fmt: skip
    """Boxes kept for two squares of 60 pixels side by side, each found `boxes` times.

    Each detection is off by up to 3 pixels on every side; scores are random from 0.5 to 1.
    `objects_found` counts the squares that a kept box meets with an IoU of at least 0.5.

    - `threshold`: a box whose IoU with a better one exceeds it is dropped.
    - `distance`: pixels from the left side of one object to that of the other.
    - `boxes`: detections of each object.
    """
    draw = random.Random(seed)
    objects = [[20.0, 20.0, 80.0, 80.0], [20.0 + distance, 20.0, 80.0 + distance, 80.0]]
    found = [[side + draw.uniform(-3, 3) for side in box] for box in objects for _ in range(boxes)]
    scores = [draw.uniform(0.5, 1) for _ in found]
    kept = [found[index] for index in nms(found, scores, threshold)]
    met = sum(any(iou(_nearest(box, objects), target) == 1 for box in kept) for target in objects)
    return {"before": float(len(found)), "kept": float(len(kept)), "objects_found": float(met)}


def _nearest(box: list[float], objects: list[list[float]]) -> list[float]:
    """The object that the box overlaps most."""
    return max(objects, key=lambda target: iou(box, target))
