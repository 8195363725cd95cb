"""Which cell of YOLO's grid is responsible for a box, and what the grid cannot hold."""

from __future__ import annotations

import random

from dlkit.dictionary.forms.architecture import yolo_box, yolo_target
from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, grid: PositiveInt = 7, objects: PositiveInt = 10, images: PositiveInt = 1000
) -> dict[str, float]:
    """Random boxes in images of side 1, assigned to cells by their centres.

    Redmon et al. 2016, arXiv:1506.02640, section 2. `round_trip_error` is between a box and the box
    made of its cell and target again; `shares_a_cell` the share of images in which two centres fall
    into one cell, which version 1 can't tell apart; `boxes_across_cells` the share of boxes that
    reach out of their cell: the network sees the whole image, not the cell.

    - `grid`: cells along each side.
    - `objects`: boxes in an image.
    """
    draw = random.Random(seed)
    worst, outside, collisions, across = 0.0, 0, 0, 0
    for _ in range(images):
        boxes = [[draw.random(), draw.random(), draw.uniform(0.05, 0.5), draw.uniform(0.05, 0.5)]
                 for _ in range(objects)]  # fmt: skip
        cells = set()
        for box in boxes:
            row, column, target = yolo_target(box, grid)
            cells.add((row, column))
            outside += not all(0 <= offset < 1 for offset in target[:2])
            again = yolo_box(row, column, target, grid)
            worst = max(worst, *(abs(a - b) for a, b in zip(box, again, strict=True)))
            across += any(
                offset - side * grid / 2 < 0 or offset + side * grid / 2 > 1
                for offset, side in zip(target[:2], box[2:], strict=True)
            )
        collisions += len(cells) < objects
    return {
        "round_trip_error": worst,
        "offsets_outside_the_cell": float(outside),
        "shares_a_cell": collisions / images,
        "boxes_across_cells": across / (images * objects),
    }
